import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import type { Calendar } from '../../calendar/index.ts'
import { waitingWords } from '../../calendar/refusal.ts'

/** Why a filing that the hub has is not yet on its way, and when it will be. */
export interface Waiting {
  reason: string
  /** RFC 3339: from then on it is sent. */
  until: string
  detail: string
}

/** Null for one that is on its way, or that does not wait for the agency. */
export function waitingOf(calendar: Calendar, service: CompiledService, state: SubmissionState): Waiting | null {
  const closure = state === 'filed' ? calendar.closureOf(service, true) : null
  return closure && { reason: closure.title, until: beijing(closure.until), detail: waitingWords(closure) }
}

export const waitingSchema = {
  type: ['object', 'null'],
  title: '等待对方恢复办理',
  description: '申请已经收到，对方现在按计划暂停办理；不为空时到 until 之后自动报送',
  properties: {
    reason: { type: 'string', title: '原因' },
    until: { type: 'string', format: 'date-time', title: '开始报送的时间' },
    detail: { type: 'string', title: '给申请人的说明' },
  },
}
