import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { MOST_FAVOURITES } from '../catalogue/habits/favourites.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME as tag, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'

const KEY = part.text('服务：<连接器>.<服务>', { maxLength: 130 })
const params = part.input({ service: KEY }, ['service'])
const row = part.row({
  ...{ service: KEY, name: part.text('名称'), icon: part.text('图标'), agency: part.text('来源单位'), address: part.text('跳转链接') },
  online: part.flag('现在是否可用'),
})
const many = { response: { 200: answerOf(part.list('服务', row)) } }

/** `/v1/me/favourites` and `/v1/me/recent-services`: what the app shows of a user at the top of its front page (contract annex 1.3.1). */
export default fp(
  async (app) => {
    const { favourites, recents } = app

    typed(app).get(
      '/v1/me/favourites',
      hubRoute(app, { key: 'me.favourites', summary: '我收藏的服务', tag, schema: many }),
      async (request) => answer(request, shown(app, await favourites.list(callerOf(request).user.id))),
    )

    typed(app).put(
      '/v1/me/favourites',
      hubRoute(app, {
        key: 'me.favourites.put',
        summary: `设置我收藏的服务和顺序（最多 ${MOST_FAVOURITES} 项）`,
        tag,
        schema: {
          body: part.input({ services: part.list('服务', KEY, { maxItems: MOST_FAVOURITES, uniqueItems: true }) }, ['services']),
          ...many,
        },
      }),
      async (request) => {
        const { services } = request.body
        const unknown = services.flatMap((key, index) =>
          app.hall.cards.has(key) ? [] : [{ pointer: `/body/services/${index}`, detail: '没有这项服务' }],
        )
        if (unknown.length > 0) throw new HubError('HUB_VALIDATION', { errors: unknown })
        const { id } = callerOf(request).user
        await favourites.put(id, services)
        return answer(request, shown(app, await favourites.list(id)))
      },
    )

    typed(app).put(
      '/v1/me/favourites/:service',
      hubRoute(app, { key: 'me.favourites.add', summary: '收藏一项服务', tag, schema: { params, response: { 204: Type.Null() } } }),
      async (request, reply) => {
        const { service } = request.params
        if (!app.hall.cards.has(service)) throw new HubError('HUB_NO_RECORD', { detail: '没有这项服务。' })
        await favourites.add(callerOf(request).user.id, service)
        return reply.code(204).send(null)
      },
    )

    typed(app).delete(
      '/v1/me/favourites/:service',
      hubRoute(app, { key: 'me.favourites.remove', summary: '取消收藏一项服务', tag, schema: { params, response: { 204: Type.Null() } } }),
      async (request, reply) => {
        if (!(await favourites.remove(callerOf(request).user.id, request.params.service))) throw new HubError('HUB_NO_RECORD')
        return reply.code(204).send(null)
      },
    )

    typed(app).get(
      '/v1/me/recent-services',
      hubRoute(app, { key: 'me.recent-services', summary: '我最近使用的服务（90 天内）', tag, schema: many }),
      async (request) => answer(request, shown(app, await recents.list(callerOf(request).user.id))),
    )

    typed(app).delete(
      '/v1/me/recent-services',
      hubRoute(app, { key: 'me.recent-services.forget', summary: '清除我最近使用的服务', tag, schema: { response: { 204: Type.Null() } } }),
      async (request, reply) => {
        await recents.forget(callerOf(request).user.id)
        return reply.code(204).send(null)
      },
    )
  },
  { name: 'me-favourites', dependencies: ['habits', 'hall', 'auth', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'] },
)

/** As the catalogue shows them; what no connector has any more is left out. */
function shown({ hall, catalogue }: FastifyInstance, keys: readonly string[]) {
  return keys.flatMap((service) => {
    const card = hall.cards.get(service)
    if (!card) return []
    return [{ service, name: card.name, icon: card.icon, agency: card.agency, address: card.link, online: catalogue.isListed(service) }]
  })
}
