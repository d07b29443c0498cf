export interface VerifiedPerson {
  id: string
  name: string
  idType: string
  idNumber: string
}

export interface VerifiedEnterprise {
  id: string
  name: string
  uscc: string
}

/** On whose behalf a call is made; everything in it was verified by the hub. */
export interface Asker {
  /** Hub id of the user whose call it is; none for a public service. */
  userId?: string
  person: VerifiedPerson | null
  enterprise: VerifiedEnterprise | null
  /** The user's own account at the connector's agency, UNMASKED; looked up for services that declare the fact. */
  account?: { externalId: string }
}

export const NOBODY: Asker = { person: null, enterprise: null }
