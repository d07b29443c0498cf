import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { GrantSummary } from '../oauth/grants.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'

/** 我的授权: what a user granted to which application, and taking it back. */
export default fp(
  async (app) => {
    const { clients, grants } = app.authorizationStore
    const { scopes, revocation } = app.authorization

    const listing = hubRoute(app, {
      key: 'authorizations.list',
      summary: '我的授权',
      tag: TAG_ME,
      schema: { querystring: page, response: { 200: answerOf(part.list('授权', item)) } },
    })
    typed(app).get('/v1/me/authorizations', listing, async (request) => {
      const asked = request.query
      const { rows, total } = await grants.list(callerOf(request).user.id, asked)
      const applications = await clients.describe(rows.map(({ clientId }) => clientId))
      const view = (grant: GrantSummary) => ({
        id: grant.id,
        application: { id: grant.clientId, ...(applications.get(grant.clientId) ?? { name: grant.clientId, icon: null }) },
        scopes: grant.scopes.map((id) => {
          const { title = id, fields = [] } = scopes.get(id) ?? {}
          return { id, title, fields: fields.map((field) => field.title) }
        }),
        grantedAt: beijing(grant.grantedAt),
        lastUsedAt: grant.lastUsedAt === null ? null : beijing(grant.lastUsedAt),
        expiresAt: beijing(grant.expiresAt),
      })
      return answer(request, rows.map(view), { number: asked.page, size: asked.pageSize, total })
    })

    const revoking = hubRoute(app, {
      key: 'authorizations.revoke',
      summary: '撤销授权：该应用已取得的全部凭证，以及由此换取的各系统访问令牌，在下一次请求时即被拒绝',
      tag: TAG_ME,
      schema: { params, response: { 204: Type.Unsafe({ type: 'null', description: '已撤销' }) } },
    })
    typed(app).delete('/v1/me/authorizations/:id', revoking, async (request, reply) => {
      const { id } = request.params
      const revoked = await revocation.revoke(id, callerOf(request).user.id)
      if (!revoked) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这项授权。' })
      return reply.code(204).send(null)
    })
  },
  { name: 'authorizations', dependencies: ['authorization-server', 'auth', 'rate-limit', 'problems', 'validation', 'openapi'] },
)

const params = Type.Object({ id: Type.String({ maxLength: 64, title: '授权编号' }) })

const page = Type.Object(
  {
    page: Type.Integer({ minimum: 1, maximum: 100_000, default: 1, title: '页码' }),
    pageSize: Type.Integer({ minimum: 1, maximum: 100, default: 20, title: '每页条数' }),
  },
  { additionalProperties: false },
)

const item = part.row({
  id: part.text('授权编号'),
  application: Type.Unsafe({
    type: 'object',
    title: '应用',
    properties: { id: part.text('应用编号'), name: part.text('应用名称'), icon: part.maybe('图标（data: URI）') },
  }),
  scopes: part.list(
    '授权内容',
    part.row({ id: part.text('授权项'), title: part.text('说明'), fields: part.list('字段', part.text('字段名称')) }),
  ),
  grantedAt: part.moment('授权时间'),
  lastUsedAt: part.maybe('最近使用时间'),
  expiresAt: part.moment('有效期至'),
})
