import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { Arrival, Notice } from '../../../core/upstream/dialect.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { answerOf, pathPart } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { entryStates } from './seats.ts'

/** A code and a signature. */
const MOST_BYTES = 4 * 1024

/** What verifies the questions of an agency's scanners; null where it has no key here. */
export type GateReader = (arrival: Arrival, now: number) => Notice | null

/**
 * `POST /v1/entry-codes/<connector>`: the scanner at a gate asks what a code is worth, signed as the agency signs its notices
 * (`callback`), on the bytes that came. Who cannot sign is told nothing, and uses nobody's code up.
 */
export async function gateRoutes(app: FastifyInstance, readers: ReadonlyMap<string, GateReader>): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MOST_BYTES }, (_request, body, done) => done(null, body))
  const limit = app.limitRate({ key: 'entry-codes', rate: { max: 1200, perSeconds: 60 } })
  app.post('/v1/entry-codes/:connector', { onRequest: [note, limit], schema }, async (request) => {
    const connector = pathPart(request, 'connector')
    const read = readers.get(connector)
    if (!read) throw new HubError('HUB_SERVICE_UNKNOWN')
    const [path = '', query = ''] = (request.raw.url ?? '').split('?', 2)
    const body = typeof request.body === 'string' ? request.body : ''
    const question = read({ method: request.method, path, query, headers: request.headers, body }, Date.now())
    if (!question?.isInTime) throw new HubError('HUB_NOTICE_INVALID')
    const { row, ...verdict } = await app.bookings.seats.enter(connector, question.number)
    if (row) request.audit.submission = row.id
    request.audit.purpose = `入场验码：${entryStates[verdict.state]}`
    const moment = (at: number | null) => (at === null ? null : beijing(at))
    const data = {
      ...verdict,
      stateName: entryStates[verdict.state],
      startsAt: moment(verdict.startsAt),
      endsAt: moment(verdict.endsAt),
      usedAt: moment(verdict.usedAt),
    }
    request.audit.rows = row ? 1 : 0
    return { data, meta: { asOf: beijing(Date.now()), traceId: request.id } }
  })
}

function note(request: FastifyRequest, _reply: unknown, done: () => void): void {
  Object.assign(request.audit, { connector: pathPart(request, 'connector'), service: 'entry-code', purpose: '入场验码' })
  done()
}

const verdict = part.row({
  state: part.choice('结果', entryStates),
  stateName: part.text('结果名称'),
  visitor: part.maybe('入场人（已脱敏）'),
  people: Type.Unsafe<number | null>({ type: ['integer', 'null'], title: '人数' }),
  startsAt: part.maybe('时段开始'),
  endsAt: part.maybe('时段结束'),
  usedAt: part.maybe('入场时间'),
})

const schema = {
  operationId: 'hub.entry-code',
  summary: '入场验码',
  description: '由场馆的闸机或扫码设备调用，按该机构通知的签名规则签名。有效的入场码验一次就用掉了；再次出示时回答“已经用过”。',
  tags: ['中枢'],
  security: [],
  params: part.input({ connector: part.text('连接器', { maxLength: 64 }) }, ['connector']),
  response: { 200: answerOf(verdict), default: problemSchema },
}
