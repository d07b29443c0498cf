import type { FastifyInstance } from 'fastify'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'
import { knownTarget, spanOf, userParams } from './users.ts'

const record = part.row({
  at: part.text('认证时间'),
  userId: part.text('用户编号'),
  channel: part.text('认证渠道'),
  name: part.text('姓名（脱敏）'),
  idType: part.text('证件类型'),
  idNumber: part.text('身份证号（脱敏）'),
  recordedBy: part.maybe('经办管理员'),
})
const response = { 200: answerOf(part.list('记录', record)) }

/** 实名认证记录 (contract 1.2.1.1.1): of one user, and of all. */
export function realNameRecordRoutes(app: FastifyInstance): void {
  typed(app).get(
    '/admin/users/:id/real-name-records',
    adminRoute(app, {
      key: 'users.real-name-records',
      summary: '用户的实名认证记录',
      permission: 'users.read',
      schema: { params: userParams, querystring: part.input(paging), response },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { id: userId } = await knownTarget(app, request)
      const { rows, total } = await app.people.realNameRecords({ userId, page, pageSize })
      return answer(request, rows, { number: page, size: pageSize, total })
    },
  )

  const filter = part.input({
    channel: part.text('认证渠道', { maxLength: 32 }),
    from: part.moment('认证时间从'),
    to: part.moment('认证时间到'),
    ...paging,
  })
  typed(app).get(
    '/admin/real-name-records',
    adminRoute(app, {
      key: 'real-name-records.list',
      summary: '实名认证记录',
      permission: 'users.read',
      schema: { querystring: filter, response },
    }),
    async (request) => {
      const { from, to, ...query } = request.query
      const { rows, total } = await app.people.realNameRecords({ ...query, at: spanOf(from, to) })
      return answer(request, rows, { number: query.page, size: query.pageSize, total })
    },
  )
}
