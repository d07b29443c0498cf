import { randomBytes, randomUUID } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { Binding } from './store.ts'

/** From the start of an authorisation to the agency's answer, and from there to the app's confirmation. */
const LIFE_MS = 10 * 60_000

export interface Authorisation {
  id: string
  userId: string
  /** PKCE code verifier (RFC 7636). */
  verifier: string
  returnTo: string | null
  /** Whether the browser that brings the answer is the one that the app's user set out with. */
  sameBrowser: boolean
}

/**
 * Authorisations under way. The state names user, connector and end, is sealed, and is good for one
 * answer. It proves who set out, not who came back: somebody may send his own link to another person,
 * whose account would then be his. So an answer counts at once only in the browser that set out; elsewhere
 * (a phone's web view shares no cookies with the app) the app confirms it with a code that only the
 * returning browser sees.
 */
export interface Authorisations {
  begin(
    userId: string,
    connector: string,
    returnTo: string | null,
  ): Promise<{ id: string; state: string; browser: string; expiresAt: number }>
  keepVerifier(id: string, verifier: string): Promise<void>
  /** Uses the state up. Throws HUB_ACCOUNT_STATE_INVALID. */
  answer(state: string, connector: string, browser: string | undefined): Promise<Authorisation>
  /** Keeps what the agency gave until the app confirms it. → the code for that. */
  keep(id: string, binding: Binding): Promise<string>
  /** Uses the code up. Throws HUB_ACCOUNT_STATE_INVALID, also for the code of another user or connector. */
  confirm(userId: string, connector: string, code: string): Promise<Binding>
}

interface State {
  id: string
  user: string
  connector: string
  /** Epoch milliseconds. */
  end: number
}

const random = () => randomBytes(32).toString('base64url')

export function createAuthorisations({
  database,
  vault,
  now = Date.now,
}: {
  database: Database
  vault: Vault
  now?: () => number
}): Authorisations {
  const table = () => database('agency_authorisations')
  const hash = (secret: string) => vault.fingerprint(secret, 'account.authorisation')

  function open(state: string): State {
    try {
      return JSON.parse(vault.open(state, 'agency_authorisations.state')) as State
    } catch (error) {
      throw new HubError('HUB_ACCOUNT_STATE_INVALID', {}, error)
    }
  }

  return {
    async begin(userId, connector, returnTo) {
      const id = randomUUID()
      const browser = random()
      const expiresAt = now() + LIFE_MS
      await table().where('expires_at', '<', now()).delete()
      await table().insert({ id, user_id: userId, connector, browser_hash: hash(browser), return_to: returnTo, expires_at: expiresAt })
      const state: State = { id, user: userId, connector, end: expiresAt }
      return { id, state: vault.seal(JSON.stringify(state), 'agency_authorisations.state'), browser, expiresAt }
    },
    async keepVerifier(id, verifier) {
      await table()
        .where({ id })
        .update({ verifier_sealed: vault.seal(verifier, `agency_authorisations.verifier:${id}`) })
    },
    async answer(state, connector, browser) {
      const { id, user, connector: meant, end } = open(state)
      if (meant !== connector || end <= now()) throw new HubError('HUB_ACCOUNT_STATE_INVALID')
      const used = await table().where({ id, user_id: user, connector, answered_at: null }).update({ answered_at: now() })
      const row = used === 1 ? await table().where({ id }).first() : undefined
      if (!row?.verifier_sealed) throw new HubError('HUB_ACCOUNT_STATE_INVALID')
      return {
        id,
        userId: user,
        verifier: vault.open(row.verifier_sealed, `agency_authorisations.verifier:${id}`),
        returnTo: row.return_to,
        sameBrowser: browser !== undefined && hash(browser) === row.browser_hash,
      }
    },
    async keep(id, binding) {
      const code = random()
      const grant_sealed = vault.seal(JSON.stringify(binding), `agency_authorisations.grant:${id}`)
      await table()
        .where({ id })
        .update({ grant_sealed, code_hash: hash(code), verifier_sealed: null, expires_at: now() + LIFE_MS })
      return code
    },
    async confirm(userId, connector, code) {
      const row = await table()
        .where({ code_hash: hash(code), user_id: userId, connector })
        .andWhere('expires_at', '>', now())
        .first()
      if (!row || (await table().where({ id: row.id }).delete()) !== 1) throw new HubError('HUB_ACCOUNT_STATE_INVALID')
      return JSON.parse(vault.open(row.grant_sealed, `agency_authorisations.grant:${row.id}`)) as Binding
    },
  }
}
