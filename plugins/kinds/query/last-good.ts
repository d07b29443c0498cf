import type { FastifyInstance, FastifyRequest } from 'fastify'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { KeptAnswer } from '../../calendar/last-answers.ts'

interface Question {
  service: CompiledService
  /** The same in the version that answers; what another answered is not looked at. */
  answering: CompiledService
  asker: Asker
  query: Readonly<Record<string, unknown>>
  format: string
  /** Whether fields were asked for in full: such an answer is not kept. */
  revealed: boolean
}

/**
 * → the asker's own last answer to the question, marked with why it is not of now, while the agency is closed by plan; null
 * while it is open. Throws HUB_AGENCY_CLOSED where there is none. Whoever calls has settled that the asker may ask.
 */
export async function lastGoodOf(app: FastifyInstance, request: FastifyRequest, question: Question): Promise<KeptAnswer | null> {
  const { service, format, revealed } = question
  const closure = app.calendar.closureOf(service, false)
  if (!closure) return null
  // What administrators turned off may be wrong: then nothing of it is shown.
  const mayShow = closure.why !== 'switched' && format === 'json' && !revealed
  const kept = mayShow ? await app.calendar.lastAnswers.find({ ...question, service: question.answering }) : null
  // What has become open in the meantime is as good as a refusal of a moment ago.
  if (!kept) return app.calendar.assertOpen(service, false) ?? null
  const rows = Array.isArray(kept.data) ? kept.data : [kept.data]
  request.audit.rows = rows.length
  request.audit.fields = Object.keys((rows[0] as object | undefined) ?? {})
  const { title, until } = closure
  return { data: kept.data, meta: { ...kept.meta, traceId: request.id, closed: { reason: title, until: beijing(until) } } }
}

export function keepLastGood(app: FastifyInstance, { answering, revealed, ...question }: Question, answer: KeptAnswer, at: number) {
  if (answering.contract.lastGood === undefined || revealed) return Promise.resolve()
  return app.calendar.lastAnswers.keep({ ...question, service: answering }, answer, at)
}
