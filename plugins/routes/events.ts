import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { problemSchema } from '../openapi/answer.ts'
import { eventKinds } from '../operations/events/kinds.ts'
import { answer, answerOf, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'

const whole = (title: string, more: object = {}) => Type.Unsafe<number>({ type: 'integer', title, ...more })
const event = part.input(
  {
    kind: part.choice('种类', eventKinds),
    name: part.text('页面、功能或来源，如数据源所列；没有列的记作“其他”', { pattern: '^[\\x21-\\x7e]{1,128}$' }),
    seconds: whole('停留的秒数', { minimum: 0, maximum: 86_400 }),
  },
  ['kind', 'name'],
)
const batch = part.input(
  {
    source: part.text('数据源', { pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    consent: part.flag('否：用户在应用内表示不参与统计，只计次数。是：不改变什么，同意由用户向平台表示（/v1/me/statistics-consent）'),
    install: part.text('参与统计的不记名凭条，用来数有多少个不同的安装，不保存；无效、过期或不是凭条的，只计次数', {
      pattern: '^[A-Za-z0-9_-]{16,64}$',
    }),
    events: part.list('事件', event, { minItems: 1, maxItems: 50 }),
  },
  ['source', 'events'],
)
const counted = part.row({ counted: whole('计入的'), ignored: whole('数据源不能发送的种类，没有计入') })

/** `POST /v1/events`: what is done in an app, counted; it looks at no token, and nobody is named (docs/statistics.md). Public. */
export default fp(
  async (app: FastifyInstance) => {
    typed(app).post(
      '/v1/events',
      {
        onRequest: (request, _reply, done) => {
          Object.assign(request.audit, { connector: 'hub', service: 'events', purpose: '应用内事件' })
          done()
        },
        preHandler: app.limitRate({ key: 'hub.events', rate: { max: 60, perSeconds: 60 } }),
        schema: {
          operationId: 'hub.events',
          summary: '应用内事件：打开页面、点击功能、新用户的来源',
          description:
            '按数据源、页面和小时计数，不需要令牌，不记录是谁。附有用户同意后取得的不记名凭条的，另数不同的安装（每天一个估计值，不能从中找出任何人）。',
          tags: ['中枢'],
          body: batch,
          response: { 202: answerOf(counted), default: problemSchema },
        },
      },
      async (request, reply) => {
        const { source: id, consent = true, install, events } = request.body
        const source = await app.events.sources.find(id)
        if (!source?.enabled) throw new HubError('HUB_NO_RECORD', { detail: '没有这个数据源，或它已经停用。' })
        // What an app says of consent can take it away, and never give it.
        const slip = consent && install !== undefined && app.events.slips.isGood(install) ? install : null
        const taken = app.events.count(source, events, slip)
        return reply.code(202).send(answer(request, { counted: taken, ignored: events.length - taken }))
      },
    )
  },
  { name: 'event-routes', dependencies: ['events', 'audit', 'rate-limit', 'openapi', 'problems', 'validation'] },
)
