import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { type Execution, execute } from '../../../core/call/execute.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { NO_CALL } from '../../audit/chain.ts'
import type { AuditEntry } from '../../audit/entry.ts'
import { readQuery } from '../../kinds/query/read-query.ts'
import { bucketOf } from '../statistics/buckets.ts'
import { CAPPED_SHARE } from '../tiers/index.ts'
import { compareAnswers } from './compare.ts'
import type { Counts, Subject } from './counts.ts'
import type { Pair } from './open.ts'
import { codeOf } from './trouble.ts'

/** How the running version answered: with rows, masked, or with an error code. */
export interface Answered {
  rows: Execution['rows']
  total: number | undefined
  code: string
  ms: number
}

/** A question that was answered, to be asked of the candidate as well. */
export interface Asked {
  asker: Asker
  query: Readonly<Record<string, unknown>>
  said: Pick<AuditEntry, 'traceId' | 'app' | 'user' | 'enterprise'> & Pick<Partial<AuditEntry>, 'target'>
  answered: Answered
}

/**
 * Whether the agency can be asked once more without anybody waiting for it: it is open and well, nobody waits, and there are places
 * left over, of a connector of low tier among its part of them.
 */
export function hasRoom(app: FastifyInstance, { running, upstream, shadow, shadowPlaces, places }: Pair): boolean {
  const { sid, system, connector } = running
  if (app.calendar.closureOf(running, false) || app.calendar.systemClosure(system)) return false
  if (upstream.state !== 'closed' || (upstream.breakers().get(sid) ?? 'closed') !== 'closed') return false
  const [calls, shadows] = [upstream.load(), shadow.load()]
  if (calls.waiting > 0 || shadows.waiting > 0 || shadows.underWay >= shadowPlaces) return false
  return calls.underWay + shadows.underWay < (app.tiers.isCapped(connector.id) ? Math.ceil(places * CAPPED_SHARE) : places)
}

/** Asks the candidate what the running version was asked, puts that on record, and counts how the answers differ. */
export async function askShadow(app: FastifyInstance, counts: Counts, subject: Subject, pair: Pair, asked: Asked): Promise<void> {
  const { candidate, shadow, running } = pair
  const { asker, query, said, answered } = asked
  const at = Date.now()
  const start = performance.now()
  let rows: Execution['rows'] = []
  let total: number | undefined
  let code = 'ok'
  let upstream: Pick<AuditEntry, 'upstreamStatus' | 'upstreamMs'> = { upstreamStatus: null, upstreamMs: null }
  try {
    const { input, selection } = readQuery(candidate.contract, query)
    const execution = await execute(candidate, shadow, asker, input, selection)
    rows = execution.rows
    total = execution.total
    upstream = { upstreamStatus: execution.upstreamStatus, upstreamMs: Math.round(execution.upstreamMs * 10) / 10 }
  } catch (error) {
    code = codeOf(error)
    if (error instanceof HubError && code === 'HUB_AGENCY_CLOSED') return
  }
  const ms = performance.now() - start
  const { connector, contract } = candidate
  await app.audit.write({
    ...{ ...NO_CALL, ...said, ...upstream, action: 'shadow', at, connector: connector.id, service: contract.id, outcome: code },
    ...{ durationMs: Math.round(ms * 10) / 10, version: subject.version },
    ...{ fields: rows.length === 0 ? [] : candidate.fieldNames, rows: rows.length },
  })
  const { fields, rows: asMany } = compareAnswers(running.contract.fields, contract.fields, answered.rows, rows)
  const bothAnswered = answered.code === 'ok' && code === 'ok'
  const isSame = answered.code === code && asMany && total === answered.total && [...fields.values()].every((each) => each === 'equal')
  const add = (...given: Parameters<Counts['add']> extends [unknown, unknown, ...infer Rest] ? Rest : never) =>
    counts.add(subject, contract.id, ...given)
  add('shadow', isSame ? 'same' : 'different')
  if (bothAnswered) {
    for (const [name, difference] of fields) add(difference, name)
    if (!asMany || total !== answered.total) add('value', '*')
  }
  if (answered.code !== 'ok' || code !== 'ok') add('error', `${answered.code}>${code}`)
  add('ms.running', String(bucketOf(answered.ms)))
  add('ms.candidate', String(bucketOf(ms)))
  if (said.user !== null) counts.caller(subject, 'shadow', said.user)
}
