import { isIdNumber } from '../../core/base/checksums.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import type { Account, AccountStore } from './store.ts'

type Connector = Pick<ConnectorDeclaration, 'id' | 'accounts'>
type Store = Pick<AccountStore, 'list' | 'touch'>

/**
 * The user's active account at the connector's agency. `binding` is its id with the hub, for users with several:
 * without it HUB_SEVERAL_RECORDS names the choices. Throws HUB_ACCOUNT_UNBOUND or HUB_ACCOUNT_REAUTHORISE, with where
 * to bind, or HUB_ACCOUNT_SUSPENDED; an account of somebody else is one that isn't there.
 */
export async function ownAccount(store: Store, connector: Connector, userId: string, binding?: string): Promise<{ externalId: string }> {
  const bound = (await store.list(userId, connector.id)).filter(({ id }) => binding === undefined || id === binding)
  const active = bound.filter(({ state }) => state === 'active')
  if (active.length > 1) throw new HubError('HUB_SEVERAL_RECORDS', several(active))
  const [account] = active
  if (!account || account.externalId === null) throw unusable(connector, bound)
  store.touch(account.id)
  return { externalId: account.externalId }
}

/** For a service that is asked with a token of the user's: which account it is of the token says. Throws as {@link ownAccount}. */
export function assertTokenAccount(connector: Connector, bound: readonly Account[]): void {
  if (!bound.some(({ state }) => state === 'active')) throw unusable(connector, bound)
}

/** The asker together with their account, for a service that declares `account.externalId`. Throws as {@link ownAccount}. */
export async function withAccount(store: Store, { connector }: CompiledService, asker: Asker, binding?: string): Promise<Asker> {
  if (asker.userId === undefined) throw new HubError('HUB_TOKEN_MISSING')
  return { ...asker, account: await ownAccount(store, connector, asker.userId, binding) }
}

/** How an agency may know a user to whom no account there is bound: always the same, and nobody's at any other agency. */
export function pairwisePseudonym(vault: Pick<Vault, 'fingerprint'>, connector: string, userId: string): string {
  return vault.fingerprint(userId, `ticket:${connector}`)
}

/** What no ticket may name a user by, though an agency may number its accounts so. */
function holdsIdNumber(externalId: string): boolean {
  const candidates = externalId.toUpperCase().match(/\d{17}[\dX]/g) ?? []
  return candidates.some((candidate) => isIdNumber(candidate))
}

/**
 * How the agency knows the user: by the account bound there, or else by a pseudonym. An account that is suspended or
 * wants a new authorisation is neither: that throws.
 */
export function ticketSubject(vault: Vault, store: Store, connector: Connector): (userId: string) => string | Promise<string> {
  const pseudonym = (userId: string) => pairwisePseudonym(vault, connector.id, userId)
  if (!connector.accounts) return pseudonym
  return async (userId) => {
    try {
      const { externalId } = await ownAccount(store, connector, userId)
      return holdsIdNumber(externalId) ? pseudonym(userId) : externalId
    } catch (error) {
      if (error instanceof HubError && error.code === 'HUB_ACCOUNT_UNBOUND') return pseudonym(userId)
      throw error
    }
  }
}

function several(accounts: readonly Account[]) {
  const detail = '您在该单位绑定了多个账户，请指定其中一个（“我的账户”中的绑定编号）。'
  return { detail, choices: { parameter: 'binding', values: accounts.map(({ id }) => id) } }
}

/** Why none of the accounts will do; what the user can mend comes first. */
function unusable(connector: Connector, bound: readonly Account[]): HubError {
  const has = (state: Account['state']) => bound.some((account) => account.state === state)
  if (has('reauthorise')) return new HubError('HUB_ACCOUNT_REAUTHORISE', stepUp(connector))
  return has('suspended') ? new HubError('HUB_ACCOUNT_SUSPENDED') : new HubError('HUB_ACCOUNT_UNBOUND', stepUp(connector))
}

function stepUp({ id, accounts }: Connector) {
  const url = `/v1/me/accounts/${id}${accounts?.bind.includes('oauth') ? '/authorise' : ''}`
  return { stepUp: { method: 'account' as const, connector: id, url } }
}
