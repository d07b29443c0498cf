import type { FastifyInstance } from 'fastify'
import { type Entitlement, entitlementsOf } from '../../operations/entitlements.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'
import { knownTarget, userParams as params } from './users.ts'

const reason = (title: string) =>
  part.maybeRow(title, { code: part.text('错误码'), title: part.text('原因'), detail: part.text('用户会看到的说明') })

const way = part.row({
  as: part.choice('以谁的名义', { self: '本人', enterprise: '单位', dependant: '家庭成员' }),
  id: part.maybe('单位或家庭成员的编号'),
  name: part.maybe('名称（个人的脱敏）'),
  reason: reason('不能使用的原因（空：可以使用）'),
})

const row = part.row({
  connector: part.text('系统'),
  service: part.text('服务'),
  name: part.text('服务名称'),
  agency: part.text('部门'),
  usable: part.flag('现在能否使用'),
  closed: reason('现在对谁都不开放的原因'),
  ways: part.list('以各种名义能否使用', way),
  conditions: part.list('每次使用另需', part.text('条件')),
})

/** 用户权限详情 (contract 1.2.1.4): what one user may use, and why or why not. */
export function userServiceRoutes(app: FastifyInstance): void {
  const querystring = part.input({
    usable: part.choice('只看', { yes: '能使用的', no: '不能使用的' }),
    connector: part.text('系统', { maxLength: 64 }),
    ...paging,
  })
  typed(app).get(
    '/admin/users/:id/services',
    adminRoute(app, {
      key: 'users.services',
      summary: '用户能使用哪些服务，为什么',
      permission: 'users.read',
      rate: { max: 30, perSeconds: 60 },
      schema: { params, querystring, response: { 200: answerOf(part.list('服务', row)) } },
    }),
    async (request) => {
      const { usable, connector, page, pageSize } = request.query
      const { id } = await knownTarget(app, request)
      const found = (await entitlementsOf(app, id)).filter(
        (one) =>
          (usable === undefined || one.usable === (usable === 'yes')) &&
          (connector === undefined || one.service.connector.id === connector),
      )
      const shown = found.slice((page - 1) * pageSize, page * pageSize)
      return answer(request, shown.map(present), { number: page, size: pageSize, total: found.length })
    },
  )
}

/** As the route answers. */
export type UserService = ReturnType<typeof present>

function present({ service: { connector, contract }, ...rest }: Entitlement) {
  return { connector: connector.id, service: contract.id, name: contract.name, agency: connector.agency, ...rest }
}
