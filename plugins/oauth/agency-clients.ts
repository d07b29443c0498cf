import type { ConnectorDeclaration } from '../../core/contract/types.ts'

export interface AgencyClient {
  readonly id: string
  readonly name: string
  readonly purpose: string
  readonly scopes: readonly string[]
}

/** Under which the sandbox registers an agency's platform, and an operator too unless he says otherwise (CONNECTORS_FILE). */
export const agencyClientId = (connector: string) => `agency-${connector}`

/** → an agency's platform as an OAuth client of the hub, as its connector declares it; null where it is none. */
export function clientOfAgency({ id, agency, client }: Pick<ConnectorDeclaration, 'id' | 'agency' | 'client'>): AgencyClient | null {
  if (!client) return null
  return { id: agencyClientId(id), name: agency, purpose: client.purpose, scopes: [...new Set(['openid', ...client.scopes])] }
}
