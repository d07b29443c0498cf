import type { AdapterPayload } from 'oidc-provider'
import { HubError } from '../../core/base/errors.ts'
import type { ServiceContract } from '../../core/contract/types.ts'
import { serves } from '../mandates/scope.ts'
import type { Claims } from '../users/tokens.ts'
import type { User, Users } from '../users/users.ts'
import type { Clients } from './clients.ts'
import type { Delegations, Role } from './delegations.ts'
import type { Entities } from './entities.ts'
import type { Grants } from './grants.ts'
import { holds, meet } from './scopes.ts'

/** What the hub keeps of a token that it exchanged; the token itself names nobody but by pairwise subjects. */
export interface ExchangedToken {
  /** Whose identity a call carries: the represented person, or the agent of an enterprise. */
  userId: string
  /** The grant from which it came; null for one that came from the app's own token. */
  grantId: string | null
  clientId: string
  /** Null where people act for themselves. */
  delegation: Delegation | null
}

/** Whoever acts, for whom, and as what. */
interface Delegation {
  role: Role
  actorId: string
  subjectId: string
}

export interface Admission {
  user: User
  /** For the audit: who acts for the user. */
  actorId: string | null
  enterprise: string | null
  /** Who acts, where the user is his child: the call is the guardian's. */
  guardian: string | null
}

export interface ExchangedTokens {
  save(tokenId: string, token: ExchangedToken, seconds: number): Promise<void>
  /**
   * Who calls with a verified token of the exchange. Everything that can end is looked up again: token,
   * grant, client, mandate. Throws HUB_TOKEN_INVALID, HUB_SCOPE_INSUFFICIENT, HUB_MANDATE_REQUIRED, or
   * what `users.byId` throws.
   */
  admit(claims: Claims, connector: string | null, contract: ServiceContract | null): Promise<Admission>
  /**
   * What a verified token of the exchange still opens, for the client that holds it: everything that can end is looked up again.
   * Null for another client's, and for one that opens nothing any more.
   */
  standing(claims: Claims, clientId: string): Promise<readonly string[] | null>
  /** Ends a verified token of the client's, in every process from its next call on; another client's stays as it is. */
  end(claims: Claims, clientId: string): Promise<void>
}

export interface ExchangedTokensOptions {
  entities: Entities
  grants: Grants
  clients: Clients
  users: Users
  delegations: Delegations
}

const MODEL = 'ExchangedToken'

export function createExchangedTokens({ entities, grants, clients, users, delegations }: ExchangedTokensOptions): ExchangedTokens {
  const rows = entities.adapter(MODEL)

  /** The record of a token, and what bounds it now: what its client registered, and what its user granted and has not unticked since. */
  async function find(claims: Claims): Promise<{ token: ExchangedToken; bounds: (readonly string[])[] }> {
    const payload = claims.tokenId === null ? undefined : await rows.find(claims.tokenId)
    if (!payload) throw new HubError('HUB_TOKEN_INVALID')
    const token = (payload as unknown as { token: ExchangedToken }).token
    const { grantId } = token
    const [client, granted] = await Promise.all([clients.find(token.clientId), grantId === null ? null : grants.scopesOf(grantId)])
    if (!client || (grantId !== null && granted === null)) throw new HubError('HUB_TOKEN_INVALID')
    return { token, bounds: granted === null ? [client.scopes] : [client.scopes, granted] }
  }

  /** → those of the scopes in which the mandate is in force. */
  async function mandated({ role, actorId, subjectId }: Delegation, scopes: readonly string[]): Promise<string[]> {
    await users.byId(actorId)
    const allowed = await Promise.all(scopes.map((scope) => delegations.allows(role, actorId, subjectId, scope)))
    return scopes.filter((_, index) => allowed[index])
  }

  return {
    async save(tokenId, token, seconds) {
      const { userId: accountId, grantId, delegation } = token
      const payload = { token, accountId, ...(grantId === null ? {} : { grantId }), ...(delegation ? { actorId: delegation.actorId } : {}) }
      await rows.upsert(tokenId, payload as AdapterPayload, seconds)
    },
    async admit(claims, connector, contract) {
      // A token for one connector is none anywhere else.
      if (claims.connector === null || claims.connector !== connector || !contract) throw new HubError('HUB_TOKEN_INVALID')
      const service = `${connector}.${contract.id}`
      if (!holds(claims.scope, service)) throw new HubError('HUB_SCOPE_INSUFFICIENT')
      const { token, bounds } = await find(claims)
      if (!bounds.every((bound) => holds(bound, service))) throw new HubError('HUB_SCOPE_INSUFFICIENT')
      const { userId, delegation } = token
      const user = await users.byId(userId)
      const nobody = { actorId: null, enterprise: null, guardian: null }
      if (!delegation) return { user, ...nobody }
      const { role, actorId, subjectId } = delegation
      // Whoever acts must be able to act for himself.
      await users.byId(actorId)
      // An agent not for himself, a guardian not where nobody asks for a child.
      if (!serves[role](contract)) throw new HubError('HUB_SCOPE_INSUFFICIENT')
      if (!(await delegations.allows(role, actorId, subjectId, service))) throw new HubError('HUB_MANDATE_REQUIRED')
      if (role === 'agent') return { user, ...nobody, enterprise: subjectId }
      return { user, ...nobody, actorId, guardian: role === 'guardian' ? actorId : null }
    },
    async standing(claims, clientId) {
      try {
        if (claims.connector === null) return null
        const { token, bounds } = await find(claims)
        if (token.clientId !== clientId) return null
        const { userId, delegation } = token
        await users.byId(userId)
        const open = bounds.reduce<readonly string[]>((left, bound) => meet(left, bound), claims.scope)
        const scope = delegation ? await mandated(delegation, open) : open
        return scope.length > 0 ? scope : null
      } catch (error) {
        if (error instanceof HubError && error.status < 500) return null
        throw error
      }
    },
    async end({ tokenId }, clientId) {
      const payload = tokenId === null ? undefined : await rows.find(tokenId)
      if (tokenId === null || !payload) return
      if ((payload as unknown as { token: ExchangedToken }).token.clientId === clientId) await rows.destroy(tokenId)
    },
  }
}
