import fp from 'fastify-plugin'
import { HubError } from '../../core/base/errors.ts'
import { answerOf, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { sendTagged } from '../web/tagged.ts'
import { LAID_OUT } from './admin/layout-parts.ts'
import { knownCaller } from './catalog/caller.ts'

const params = part.input({ page: part.text('页面：home 是首页', { maxLength: 32 }) }, ['page'])

/** `GET /v1/layouts/{page}`: a page as administrators published it, for whoever asks (docs/hall.md). */
export default fp(
  async (app) => {
    const options = {
      onRequest: knownCaller(app, 'layouts', '页面版面'),
      preHandler: app.limitRate({ key: 'layouts', rate: { max: 3000, perSeconds: 60 } }),
      schema: {
        ...{ summary: '一个页面的版面', operationId: 'layouts', tags: ['中枢'], params, response: { 200: answerOf(LAID_OUT) } },
        description: '公开；带令牌时按用户的身份、收藏和最近使用给出。没有发布过的为 404，由应用自行布局。支持 ETag。',
      },
    }
    typed(app).get('/v1/layouts/:page', options, async (request, reply) => {
      const cards = app.layouts.now.get(request.params.page)
      if (!cards) throw new HubError('HUB_NO_RECORD', { detail: '这个页面没有发布过版面。' })
      const { caller } = request
      const looker = caller && { userId: caller.user.id, forEnterprise: caller.claims.enterprise !== null }
      return sendTagged(request, reply, { data: await app.layouts.layOut(cards, looker), meta: {} })
    })
  },
  { name: 'layout-routes', dependencies: ['layouts', 'auth', 'audit', 'openapi', 'rate-limit', 'validation'] },
)
