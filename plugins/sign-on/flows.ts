import { createHash, randomBytes } from 'node:crypto'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'

/** How long a user may take at the sign-on page. */
export const FLOW_MS = 10 * 60_000
/** A ticket lives five minutes at most; presented ones are remembered for longer than any could. */
const REMEMBERED_MS = 24 * 3_600_000
/** Presented tickets, states and browsers' cookies are short; whatever is longer is none. */
const LONGEST = 512

export interface Flow {
  state: string
  /** RFC 7636 §4.1. */
  verifier: string
  /** RFC 7636 §4.2, S256. */
  challenge: string
}

/** Sign-ons under way, shared by all processes of the hub. */
export interface Flows {
  /** Opens one for a browser (the value of its cookie) that goes on to `returnTo`. */
  open(browser: string, returnTo: string): Promise<Flow>
  /** Ends one; throws HUB_SIGN_ON_STATE when it is unknown, over, or another browser's. */
  close(browser: string | null, state: string): Promise<{ returnTo: string; verifier: string }>
  /** Throws HUB_TICKET_INVALID when the hub was shown this ticket or code before. */
  present(ticket: string): Promise<void>
  purge(): Promise<void>
}

/** → 256 random bits in base64url: a state, a verifier, a browser's cookie. */
export function randomText(): string {
  return randomBytes(32).toString('base64url')
}

export function createFlows(database: Database, vault: Vault): Flows {
  const hash = (kind: 'state' | 'browser' | 'ticket', value: string) => vault.fingerprint(value, `sign_on.${kind}`)
  const sealContext = (stateHash: string) => `sign_on_flows.verifier:${stateHash}`

  return {
    async open(browser, returnTo) {
      const [state, verifier] = [randomText(), randomText()]
      const state_hash = hash('state', state)
      await database('sign_on_flows').insert({
        state_hash,
        browser_hash: hash('browser', browser),
        return_to: returnTo,
        verifier_sealed: vault.seal(verifier, sealContext(state_hash)),
        expires_at: Date.now() + FLOW_MS,
      })
      return { state, verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
    },
    async close(browser, state) {
      if (browser === null || browser.length > LONGEST || state.length > LONGEST) throw new HubError('HUB_SIGN_ON_STATE')
      const state_hash = hash('state', state)
      const mine = () =>
        database('sign_on_flows')
          .where({ state_hash, browser_hash: hash('browser', browser) })
          .where('expires_at', '>', Date.now())
      const row: { return_to: string; verifier_sealed: string } | undefined = await mine().first('return_to', 'verifier_sealed')
      // Of two requests with one state, only the one that removes the row goes on.
      if (!row || (await mine().delete()) !== 1) throw new HubError('HUB_SIGN_ON_STATE')
      return { returnTo: row.return_to, verifier: vault.open(row.verifier_sealed, sealContext(state_hash)) }
    },
    async present(ticket) {
      try {
        await database('sign_on_tickets').insert({ ticket_hash: hash('ticket', ticket), expires_at: Date.now() + REMEMBERED_MS })
      } catch (error) {
        throw isDuplicate(error) ? new HubError('HUB_TICKET_INVALID', {}, error) : error
      }
    },
    async purge() {
      for (const table of ['sign_on_flows', 'sign_on_tickets']) await database(table).where('expires_at', '<=', Date.now()).delete()
    },
  }
}
