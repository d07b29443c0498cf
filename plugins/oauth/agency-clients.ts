import type { ConnectorDeclaration } from '../../core/contract/types.ts'

export interface AgencyClient {
  /** Under which the sandbox registers it; an operator may choose another. */
  readonly id: string
  readonly name: string
  readonly purpose: string
  readonly scopes: readonly string[]
}

/** → an agency's platform as an OAuth client of the hub, as its connector declares it; null where it is none. */
export function clientOfAgency({ id, agency, client }: Pick<ConnectorDeclaration, 'id' | 'agency' | 'client'>): AgencyClient | null {
  if (!client) return null
  return { id: `agency-${id}`, name: agency, purpose: client.purpose, scopes: [...new Set(['openid', ...client.scopes])] }
}
