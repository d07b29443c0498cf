import type { X509Certificate } from 'node:crypto'
import { HubError } from '../../../../core/base/errors.ts'

const DAY_MS = 86_400_000

/** How long certificates, the signer's own and those above it, can be signed with. Times are epoch milliseconds. */
export interface Term {
  state: 'early' | 'in-force' | 'ending' | 'over'
  from: number
  until: number
  /** Whole days that are left; none once it is over. */
  days: number
  /** Of the signer's own certificate. */
  subject: string
  fingerprint: string
}

/** One link that is not in force breaks the chain. `warnDays`: from how many days before its end on it counts as ending. */
export function termOf(certificates: readonly X509Certificate[], now: number, warnDays: number): Term {
  const [own] = certificates
  if (!own) throw new Error('nobody signs')
  const from = Math.max(...certificates.map(({ validFromDate }) => validFromDate.getTime()))
  const until = Math.min(...certificates.map(({ validToDate }) => validToDate.getTime()))
  const state = now > until ? 'over' : now < from ? 'early' : until - now <= warnDays * DAY_MS ? 'ending' : 'in-force'
  const days = Math.max(0, Math.floor((until - now) / DAY_MS))
  return { state, from, until, days, subject: own.subject, fingerprint: own.fingerprint256.replaceAll(':', '').toLowerCase() }
}

/** What is signed with a certificate that is not in force is believed by nobody. Throws HUB_SEAL_EXPIRED. */
export function assertInForce({ state }: Pick<Term, 'state'>): void {
  if (state === 'over' || state === 'early') throw new HubError('HUB_SEAL_EXPIRED')
}
