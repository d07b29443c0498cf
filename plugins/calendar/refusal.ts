import { beijing } from '../../core/base/time.ts'
import { UpstreamError } from '../../core/upstream/error.ts'
import type { Closure } from './closings.ts'
import { returnIn } from './words.ts'

/** What whoever is turned away is told: why, and when to come back. No verdict on the agency: nothing was sent. */
export function closedError(agency: string, closure: Closure): UpstreamError {
  const until = beijing(closure.until)
  const retryAfter = Math.max(1, Math.ceil(closure.waitMs / 1000))
  return new UpstreamError(
    'HUB_AGENCY_CLOSED',
    { delivery: 'not-processed' },
    { agency, retryAfter, ...(closure.why === 'switched' ? {} : { until }), detail: detailOf(agency, closure) },
  )
}

function detailOf(agency: string, { why, title, until, waitMs }: Closure): string {
  if (why === 'switched') return `${agency}因“${title}”暂停使用，恢复时间待定，请稍后再试。`
  const back = returnIn(until, until - waitMs)
  if (why === 'office-hours') return `${agency}现在是非办公时间，${back} 起可以办理，请届时再来。`
  if (why === 'freeze') return `${agency}因“${title}”暂停办理，其间可以查询，预计 ${back} 恢复，请届时再办。`
  return `${agency}因“${title}”暂停服务，预计 ${back} 恢复，请届时再试。`
}

/** What whoever has filed something meanwhile is told. */
export function waitingWords({ why, title, until, waitMs }: Closure): string {
  if (why === 'switched') return `您的申请已经收到。对方系统因“${title}”暂停使用，恢复之后自动报送，无需重复提交。`
  const reason = why === 'office-hours' ? '现在是对方的非办公时间' : `对方系统因“${title}”暂停办理`
  return `您的申请已经收到。${reason}，将在 ${returnIn(until, until - waitMs)} 之后自动报送，无需重复提交。`
}
