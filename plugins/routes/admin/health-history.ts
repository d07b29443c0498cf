import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { systemsOf } from '../../../core/contract/systems.ts'
import { contentDisposition } from '../../files/name.ts'
import { MEDIA_TYPES } from '../../openapi/negotiation.ts'
import { composeOutages, OUTAGE_TITLE } from '../../operations/health-history/certificate.ts'
import type { Outage, OutageQuestion } from '../../operations/health-history/outages.ts'
import { systemStates } from '../../operations/system-state.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'
import { type Days, dayPart, daysOf, momentsOf } from './span.ts'

const whole = (title: string) => Type.Unsafe<number>({ type: 'integer', title })
const spell = part.row({
  system: part.text('系统'),
  state: part.choice('状态', systemStates),
  stateName: part.text('状态名称'),
  from: part.moment('从'),
  until: part.maybe('到（空：至今）'),
})
const outage = part.row({
  system: part.text('系统'),
  from: part.moment('从'),
  until: part.moment('到'),
  over: part.flag('是否已恢复'),
  minutes: whole('分钟'),
  calls: whole('其间的调用'),
  failed: whole('其中对方没有应答的'),
  services: part.list('受影响的服务', part.row({ service: part.text('服务'), name: part.text('名称'), failed: whole('没有应答的调用') })),
})
const content = {
  [MEDIA_TYPES.json]: { schema: answerOf(part.list('中断', outage)) },
  [MEDIA_TYPES.pdf]: { schema: { title: '中断证明' } },
}
const days = { from: dayPart('从哪一天'), to: dayPart('到哪一天（缺省：今天）') }
const params = part.input({ connector: part.text('连接器', { maxLength: 64 }) }, ['connector'])

/** How a connector's systems were, and when they could not be reached, by what the hub kept of it (docs/monitoring.md). */
export function healthHistoryRoutes(app: FastifyInstance): void {
  typed(app).get(
    '/admin/health/:connector/history',
    adminRoute(app, {
      key: 'health.history',
      summary: '一个连接器各系统从何时到何时是什么状态，最近的在前',
      permission: 'health.read',
      schema: {
        params,
        querystring: part.input({ ...days, ...paging }),
        response: { 200: answerOf(part.list('经过', spell)) },
      },
    }),
    async (request) => {
      const { page, pageSize, ...span } = request.query
      request.audit.target = request.params.connector
      const { systems, from, to } = questionOf(app, request.params.connector, daysOf(span, { most: 366, preset: 30 }))
      const { rows, total } = await app.healthHistory.list({ systems: [...systems.keys()], from, to, page, pageSize })
      const shown = rows.map(({ system, state, from, until }) => ({
        ...{ system, state, stateName: systemStates[state], from: beijing(from), until: until === null ? null : beijing(until) },
      }))
      return answer(request, shown, { number: page, size: pageSize, total })
    },
  )

  typed(app).get(
    '/admin/health/:connector/outages',
    adminRoute(app, {
      key: 'health.outages',
      summary: '一个连接器的系统何时不可用，其间有多少调用没有应答；format=pdf 出具证明',
      permission: 'health.read',
      rate: { max: 60, perSeconds: 60 },
      schema: {
        params,
        querystring: part.input({ ...days, format: part.choice('格式', { json: 'JSON', pdf: '盖章的证明' }) }),
        response: { 200: Type.Unsafe({ description: '中断', content }) },
      },
    }),
    async (request, reply) => {
      const { format, ...span } = request.query
      const { connector } = request.params
      request.audit.target = connector
      const question = questionOf(app, connector, daysOf(span, { most: 31, preset: 31 }))
      const found = await app.healthHistory.outages(question)
      const told = answer(
        request,
        found.map((each) => present(app, connector, each)),
      )
      return format === 'pdf' ? sendCertificate(app, request, reply, question, found) : told
    },
  )
}

function present(app: FastifyInstance, connector: string, { from, until, isOver, services, ...rest }: Outage) {
  return {
    ...{ ...rest, from: beijing(from), until: beijing(until), over: isOver, minutes: Math.round((until - from) / 60_000) },
    services: services.map(({ service, failed }) => ({ service, name: nameOf(app, connector, service), failed })),
  }
}

/** The same as a certificate that anybody can verify, sealed and signed like those of services. */
async function sendCertificate(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { connector: id, systems, from, to }: OutageQuestion,
  outages: readonly Outage[],
): Promise<FastifyReply> {
  const { name, agency } = app.connectors.find((each) => each.id === id) ?? { name: id, agency: '' }
  const until = Math.min(to, Date.now())
  if (until <= from)
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/query/from', detail: '这些日期还没有到，没有什么可以证明' }] })
  const known = await app.healthHistory.known([...systems.keys()], { from, to: until })
  const span = { connector: name, agency, systems: [...systems.keys()], from, to: until, outages, known }
  const body = composeOutages({ ...span, nameOf: (service) => nameOf(app, id, service) })
  const place = app.workshop.enter(callerOf(request).user.id, 'HUB_DOCUMENT_BUSY')
  reply.raw.once('close', place.leave)
  try {
    const document = { connector: id, service: 'outages', body, facts: outages }
    const pdf = await app.documents.certify(document, (content) => place.print({ type: 'pdf', content }))
    reply.header('content-type', MEDIA_TYPES.pdf)
    reply.header('content-disposition', contentDisposition(`${OUTAGE_TITLE}-${name}.pdf`, 'attachment', 'outages'))
    return reply.send(pdf)
  } catch (error) {
    place.leave()
    throw error
  }
}

/** Throws HUB_NO_RECORD for a connector that there is not. */
function questionOf(app: FastifyInstance, id: string, span: Days): OutageQuestion {
  const connector = app.connectors.find((each) => each.id === id)
  if (!connector) throw new HubError('HUB_NO_RECORD', { detail: '没有这个连接器。' })
  const services = [...app.services.values()].filter((each) => each.connector.id === id)
  const servicesOf = (key: string) => services.filter(({ system }) => system === key).map(({ contract }) => contract.id)
  return { connector: id, systems: new Map(systemsOf(connector).map(([key]) => [key, servicesOf(key)])), ...momentsOf(span) }
}

function nameOf(app: FastifyInstance, connector: string, service: string): string {
  return app.services.get(`${connector}.${service}`)?.contract.name ?? service
}
