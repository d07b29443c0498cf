import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { Consent } from '../operations/events/consents.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME as tag, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'

const PATH = '/v1/me/statistics-consent'

const consent = part.row({ given: part.flag('是否同意参与使用统计'), since: part.maybe('从何时起（空：没有表示过）') })
const slip = part.row({
  slip: part.text('不记名凭条：随事件发送（/v1/events 的 install），平台不记录它是谁的'),
  lastDay: part.text('最后有效的一天（北京时间），之后另取', { format: 'date' }),
})

/** Whether a user takes part in the statistics of apps, which he alone says, and the slips by which he is one of so many (docs/statistics.md). */
export default fp(
  async (app: FastifyInstance) => {
    const { consents, slips } = app.events

    const reading = { key: 'me.statistics-consent', summary: '我是否参与使用统计', tag, schema: { response: { 200: answerOf(consent) } } }
    typed(app).get(PATH, hubRoute(app, reading), async (request) => answer(request, present(await consents.of(callerOf(request).user.id))))

    const giving = {
      key: 'me.statistics-consent.give',
      summary: '同意参与使用统计',
      tag,
      schema: { response: { 200: answerOf(consent) } },
    }
    typed(app).put(PATH, hubRoute(app, giving), async (request) =>
      answer(request, present(await consents.say(callerOf(request).user.id, true))),
    )

    const withdrawing = {
      key: 'me.statistics-consent.withdraw',
      summary: '不参与使用统计：不再发给凭条，已有的最迟在其最后有效日之后失效',
      tag,
      schema: { response: { 204: Type.Null() } },
    }
    typed(app).delete(PATH, hubRoute(app, withdrawing), async (request, reply) => {
      await consents.say(callerOf(request).user.id, false)
      return reply.code(204).send(null)
    })

    const handingOut = {
      key: 'me.statistics-consent.slip',
      summary: '取一张参与使用统计的不记名凭条，每个安装一张',
      tag,
      rate: { max: 30, perSeconds: 86_400 },
      schema: { response: { 201: answerOf(slip) } },
    }
    typed(app).post(`${PATH}/slips`, hubRoute(app, handingOut), async (request, reply) => {
      const { given } = await consents.of(callerOf(request).user.id)
      if (!given) throw new HubError('HUB_REQUEST_STATE', { detail: '您没有同意参与使用统计。' })
      reply.code(201).header('cache-control', 'no-store')
      return answer(request, slips.make())
    })
  },
  { name: 'me-statistics-consent', dependencies: ['events', 'auth', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'] },
)

const present = ({ given, since }: Consent) => ({ given, since: since === null ? null : beijing(since) })
