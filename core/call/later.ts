import { setTimeout as delay } from 'node:timers/promises'
import type { Asynchronous } from '../contract/types.ts'
import type { Outgoing, RawReply } from '../upstream/dialect.ts'
import { isObject, lookup, type Opened, type SourceRow } from '../upstream/envelope.ts'
import { UpstreamError } from '../upstream/error.ts'
import type { CallOptions, Upstream, UpstreamAnswer } from '../upstream/upstream.ts'

/** An agency's way of answering later. */
export interface LaterAnswers {
  policy: Asynchronous
  /** Chinese name that errors give. */
  agency: string
  open(reply: RawReply): Opened
}

interface Step extends Opened {
  /** The agency's number of the question, while it is still at work. */
  number: string | null
}

/**
 * Applies once, then asks for the result by the number that the agency gave, until it is there or the
 * deadline has come (HUB_UPSTREAM_TIMEOUT). The asker is named in the application only; whose rows come
 * back is for `read` to check, as with any answer.
 */
export async function askLater<T extends Opened>(
  { policy, agency, open }: LaterAnswers,
  upstream: Upstream,
  outgoing: Outgoing,
  read: (opened: Opened) => T,
  options: CallOptions,
): Promise<UpstreamAnswer<T>> {
  // The last answer is read inside the call, so that what cannot be read counts against the agency.
  const take = (reply: RawReply) => {
    const step = stepOf(policy, open(reply))
    return { ...step, done: step.number === null ? read({ rows: step.rows, total: step.total }) : null }
  }
  let answer = await upstream.call(outgoing, take, options)
  while (answer.done === null) {
    if (performance.now() + policy.pollMs >= options.deadline)
      throw new UpstreamError('HUB_UPSTREAM_TIMEOUT', { delivery: 'unknown' }, { agency })
    await delay(policy.pollMs)
    const params = { [policy.number]: answer.number }
    answer = await upstream.call({ ...outgoing, sid: policy.resultSid ?? outgoing.sid, method: 'GET', params }, take, options)
  }
  return Object.assign(answer.done, { status: answer.status, at: answer.at })
}

/** An answer without rows means that nothing was found; one with neither state nor number is the result itself. */
function stepOf({ number, state, running, done, refused, rows }: Asynchronous, opened: Opened): Step {
  const [row] = opened.rows
  if (!row || lookup(row, [state, number]) === undefined) return { ...opened, number: null }
  const reached = String(lookup(row, [state]))
  if (done.includes(reached)) return { rows: rowsIn(lookup(row, [rows])), total: null, number: null }
  if (refused.includes(reached)) throw new UpstreamError('HUB_UPSTREAM_REFUSED', { delivery: 'refused', status: 200 })
  if (!running.includes(reached)) throw invalid()
  const given = lookup(row, [number])
  if ((typeof given !== 'string' && typeof given !== 'number') || given === '') throw invalid()
  return { rows: [], total: null, number: String(given) }
}

function rowsIn(value: unknown): SourceRow[] {
  const rows = value === undefined || value === null || value === '' ? [] : Array.isArray(value) ? value : [value]
  if (!rows.every(isObject)) throw invalid()
  return rows
}

const invalid = () => new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: 200 })
