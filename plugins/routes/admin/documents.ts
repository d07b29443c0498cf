import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { documentStates } from '../../kinds/document/held.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { documentFields, noDocument } from '../documents.ts'
import { adminRoute } from './route.ts'

const document = part.row({
  ...documentFields,
  key: part.text('服务'),
  userId: part.maybe('用户编号'),
  enterpriseId: part.maybe('单位编号'),
  holder: part.maybeRow('持有人（已脱敏）', { name: part.text('姓名或单位名称'), number: part.text('证件号码或统一社会信用代码') }),
})

/** Issued documents of all holders: finding one, and taking one back that should not stand. */
export function documentRoutes(app: FastifyInstance): void {
  const filter = part.input({
    user: part.id('用户编号'),
    service: part.text('系统或服务', { maxLength: 128 }),
    state: part.choice('状态', documentStates),
    from: part.moment('出具时间从'),
    to: part.moment('出具时间到'),
    ...paging,
  })
  typed(app).get(
    '/admin/documents',
    adminRoute(app, {
      key: 'documents.list',
      summary: '证明列表',
      permission: 'documents.read',
      schema: { querystring: filter, response: { 200: answerOf(part.list('证明', document)) } },
    }),
    async (request) => {
      const { from, to, ...query } = request.query
      const span = { ...(from === undefined ? {} : { from: Date.parse(from) }), ...(to === undefined ? {} : { to: Date.parse(to) }) }
      if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to))
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/query/from', detail: '须先起后止' }] })
      const { rows, total } = await app.heldDocuments.find({ ...query, ...span })
      return answer(request, rows, { number: query.page, size: query.pageSize, total })
    },
  )

  typed(app).post(
    '/admin/documents/:id/revoke',
    adminRoute(app, {
      key: 'documents.revoke',
      summary: '撤销证明',
      permission: 'documents.revoke',
      schema: {
        params: part.input({ id: part.id('证明编号') }, ['id']),
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(document) },
      },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      const revoked = await app.heldDocuments.revoke(id)
      if (!revoked) throw noDocument()
      request.audit.enterprise = revoked.enterpriseId
      return answer(request, revoked)
    },
  )
}
