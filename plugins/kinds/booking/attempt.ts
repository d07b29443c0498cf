import { UpstreamError } from '../../../core/upstream/error.ts'
import { ask, codeOf, type Standing, type Taker } from './agency.ts'
import { type BookingContext, postpone, type Saying, told } from './context.ts'
import type { BookingRow } from './row.ts'

type Moved = Promise<BookingRow | null>

/** Something that the agency is told once, and how one knows from it whether it has been done. */
export interface Aim {
  what: Saying
  send(): Promise<Standing>
  /** `open`: it may still come. */
  judge(standing: Standing): 'done' | 'undone' | 'open'
  done(standing: Standing): Moved
  /** `code`: the error that is told for it. */
  undone(code: string): Moved
  /** Of what the citizen does not wait for: it is asked for again where the agency surely has nothing of it, and a refusal is looked into. */
  insists?: true
  /** After this nobody has anything of it. */
  until: number
}

/**
 * Tells the agency something, or finds out what became of what it was told: what may have been done is asked about, never done again.
 * It is written down before the first byte leaves, so that whoever comes next knows.
 */
export async function attempt(context: BookingContext, taker: Taker, row: BookingRow, aim: Aim, asker: Parameters<typeof ask>[3]): Moved {
  const { rows, pace } = context
  const { timeoutMs } = taker.service.contract
  if (row.sent_at === null) return rows.now() > aim.until ? aim.undone('HUB_UPSTREAM_TIMEOUT') : send()
  // Whoever sent it has not stayed to hear of it.
  row.unclear_at ??= row.sent_at
  let standing: Standing
  try {
    standing = await told(context, row, 'status', () => ask(context.agencies, taker, row, asker))
  } catch (error) {
    if (rows.now() > aim.until) return aim.undone('HUB_UPSTREAM_TIMEOUT')
    return postpone(context, row, { last_error: codeOf(error) })
  }
  const verdict = aim.judge(standing)
  if (verdict === 'done') return aim.done(standing)
  if (verdict === 'undone' || rows.now() > aim.until) return aim.undone(row.last_error ?? 'HUB_UPSTREAM_TIMEOUT')
  // The call that was cut off may still be under way, and then the agency may still be working on it.
  if (rows.now() < row.sent_at + timeoutMs + pace.settleMs) return postpone(context, row)
  if (!aim.insists) return aim.undone(row.last_error ?? 'HUB_UPSTREAM_TIMEOUT')
  return rows.note(row, { sent_at: null, due_at: rows.now() })

  async function send(): Moved {
    const sent_at = rows.now()
    const held = await rows.note(row, { sent_at }, sent_at + timeoutMs + pace.leaseMs)
    if (!held) return null
    // Of this row every further change speaks.
    Object.assign(row, held)
    try {
      const answer = await told(context, row, aim.what, aim.send)
      return aim.judge(answer) === 'done' ? aim.done(answer) : postpone(context, row)
    } catch (error) {
      const code = codeOf(error)
      const delivery = deliveryOf(error, code)
      if (delivery === 'refused' && !aim.insists) return aim.undone(code)
      if (delivery === 'not-processed') return aim.insists ? postpone(context, row, { sent_at: null, last_error: code }) : aim.undone(code)
      context.log.warn({ booking: row.id, what: aim.what, code }, '预约没有结果，稍后再问')
      return postpone(context, row, { last_error: code })
    }
  }
}

/** Whoever has no account there any more sent nothing. */
function deliveryOf(error: unknown, code: string) {
  if (error instanceof UpstreamError) return error.delivery
  return code.startsWith('HUB_ACCOUNT_') ? 'not-processed' : 'unknown'
}
