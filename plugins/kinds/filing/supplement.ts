import type { Knex } from 'knex'
import { HubError } from '../../../core/base/errors.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { canonical } from '../idempotency.ts'
import { isOver, type NextStep, nextStepOf } from './life.ts'
import { progressOf } from './reader.ts'
import type { SubmissionRow } from './rows.ts'

/**
 * Whether a filing may be supplemented now: within the term that the agency set, and not what was answered before. Throws
 * HUB_FILING_STATE in words. → what tells this notice of the agency's from its others.
 */
export async function assertSupplement(
  transaction: Knex.Transaction,
  vault: Vault,
  { contract }: CompiledService,
  row: SubmissionRow,
  now: number,
): Promise<string> {
  const step = nextStepOf(contract.submission ?? {}, row.state, progressOf(vault, row))
  if (isOver(step?.until ?? null, now)) throw overdue(step?.until ?? '')
  const notice = noticeOf(vault, step)
  const since = await transaction('submission_events').where({ submission_id: row.id, to_state: row.state }).max({ at: 'at' }).first()
  // A row that no longer names anything missing is no new notice.
  const asksAnew = step !== null && (step.items.length > 0 || step.until !== null)
  const answered = await transaction('submission_acts')
    .where({ submission_id: row.id, kind: 'supplement', ...(asksAnew ? { notice } : {}) })
    .whereIn('state', ['requested', 'sending', 'done', 'unclear'])
    .where('created_at', '>=', Number(since?.at ?? 0))
    .first('id')
  if (answered) throw new HubError('HUB_FILING_STATE', { detail: '您已经提交过这次补正，请等待审核；对方再次要求补正时会通知您。' })
  return notice
}

function overdue(until: string): HubError {
  const minute = until.slice(0, 16).replace('T', ' ')
  return new HubError('HUB_FILING_STATE', { detail: `补正期限已于 ${minute} 届满，不能再补正，请联系办理机构。` })
}

function noticeOf(vault: Vault, step: NextStep | null): string {
  return vault.fingerprint(canonical({ items: step?.items ?? [], until: step?.until ?? null }), 'submission-notice')
}
