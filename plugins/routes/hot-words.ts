import fp from 'fastify-plugin'
import { answerOf } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { sendTagged } from '../web/tagged.ts'

const schema = {
  ...{ summary: '热搜词', operationId: 'hot-words', tags: ['中枢'], description: '公开，支持 ETag；以 GET /v1/catalog?q= 搜索' },
  response: { 200: answerOf(part.list('热搜词', part.text('词'))) },
}

/** `GET /v1/hot-words`: what the app suggests to those who search. */
export default fp(
  async (app) => {
    const preHandler = app.limitRate({ key: 'hot-words', rate: { max: 3000, perSeconds: 60 } })
    app.get('/v1/hot-words', { preHandler, schema }, async (request, reply) =>
      sendTagged(request, reply, { data: app.searching.now.hotWords.map(({ word }) => word), meta: {} }),
    )
  },
  { name: 'hot-words', dependencies: ['searching', 'openapi', 'rate-limit'] },
)
