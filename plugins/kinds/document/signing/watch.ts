import type { Knex } from 'knex'
import type { Log } from '../../../../core/base/log.ts'
import { tellOperators } from '../../../users/tell-operators.ts'
import type { Term } from './term.ts'

/** A second reminder, for whom the first one came too early. */
const WEEK = 7

/** Tells those who can renew a certificate that it ends, that it ends within a week, and that it has ended: each once. */
export async function watchTerm(database: Knex, log: Pick<Log, 'warn' | 'error'>, term: Term | null): Promise<void> {
  if (term === null || term.state === 'in-force') return
  const { state, until, days, subject, fingerprint } = term
  const what = { subject, until: new Date(until).toISOString(), days }
  if (state === 'ending') log.warn(what, '电子签章的证书即将到期，请及时更换')
  else log.error(what, '电子签章的证书不在有效期内，证明已停止出具')
  const phase = state === 'ending' && days < WEEK ? 'week' : state
  const about = fingerprint.slice(0, 32)
  await tellOperators(database, { topic: 'seal', about, detail: { state, until }, once: `seal:${about}:${phase}` })
}
