import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { type AdminRole, adminRoles } from '../../users/roles.ts'
import { userKinds } from '../../users/service-access.ts'
import { pseudonymOf } from '../../users/users.ts'
import { ask, asked } from './requests.ts'
import { adminRoute, roleOf } from './route.ts'

/** 访问权限管理 (contract 1.2.1.4): which services are open to which kinds of users, and who administers the hub. */
export function accessRoutes(app: FastifyInstance): void {
  restrictions(app)
  administrators(app)
}

function restrictions(app: FastifyInstance): void {
  const row = part.row({ service: part.text('系统或服务'), kinds: part.list('开放给', part.choice('用户类型', userKinds)) })
  const response = { 200: answerOf(part.list('限制', row)) }
  const list = async () => Object.entries(await app.users.access.list()).map(([service, kinds]) => ({ service, kinds }))

  typed(app).get(
    '/admin/service-access',
    adminRoute(app, { key: 'service-access.list', summary: '服务开放范围', permission: 'service-access.read', schema: { response } }),
    async (request) => answer(request, await list()),
  )

  const body = part.input(
    {
      kinds: part.list('开放给（空：所有用户）', part.choice('用户类型', userKinds), { maxItems: 3, uniqueItems: true }),
      purpose,
    },
    ['kinds', 'purpose'],
  )
  typed(app).put(
    '/admin/service-access/:service',
    adminRoute(app, {
      key: 'service-access.change',
      summary: '修改服务开放范围',
      permission: 'service-access.change',
      schema: { params: part.input({ service: part.text('系统或服务', { maxLength: 128 }) }, ['service']), body, response },
    }),
    async (request) => {
      const { service } = request.params
      const { kinds } = request.body
      assertRestrictable(app, service)
      request.audit.target = service
      await app.users.access.restrict(service, kinds)
      return answer(request, await list())
    },
  )
}

/** A public service knows no user, so nothing about users can restrict it. */
function assertRestrictable(app: FastifyInstance, name: string): void {
  const services = [...app.services.values(), ...app.internal.services.values()]
  const meant = services.filter(({ key, connector }) => key === name || connector.id === name)
  if (meant.length === 0) throw new HubError('HUB_NO_RECORD', { detail: '没有这个系统或服务。' })
  if (meant.every(({ contract }) => contract.identity === 'none'))
    throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/params/service', detail: '公开服务不能限制用户' }] })
}

function administrators(app: FastifyInstance): void {
  const row = part.row({
    userId: part.text('用户编号'),
    role: part.choice('管理角色', adminRoles),
    grantedBy: part.maybe('任命者'),
    grantedAt: part.text('任命时间'),
  })
  const response = { 200: answerOf(part.list('管理员', row)) }
  const list = async () =>
    (await app.administrators.list()).map((administrator) => ({ ...administrator, grantedAt: beijing(administrator.grantedAt) }))

  typed(app).get(
    '/admin/administrators',
    adminRoute(app, { key: 'administrators.list', summary: '管理员列表', permission: 'administrators.read', schema: { response } }),
    async (request) => answer(request, await list()),
  )

  const role = Type.Unsafe<AdminRole | null>({
    type: ['string', 'null'],
    title: '管理角色（null：撤销）',
    enum: [...Object.keys(adminRoles), null],
  })
  typed(app).put(
    '/admin/administrators/:id',
    adminRoute(app, {
      key: 'administrators.change',
      summary: '任命或撤销管理员：任命须由另一位管理员确认，撤销立即生效',
      permission: 'administrators.change',
      schema: {
        params: part.input({ id: part.id('用户编号') }, ['id']),
        body: part.input({ role, purpose }, ['role', 'purpose']),
        response: { ...response, ...asked },
      },
    }),
    async (request, reply) => {
      const { id } = request.params
      const { role } = request.body
      request.audit.target = pseudonymOf(app.vault, id)
      // So nobody gives himself another role, and the last administrator stays.
      await app.administrators.requireAuthorityOver(callerOf(request).user.id, roleOf(request), id)
      if (role !== null) return ask(app, request, reply, 'administrators.appoint', { userId: id, role })
      // Taking a role away gives nobody anything, and may have to be quick.
      await app.administrators.dismiss(id)
      return answer(request, await list())
    },
  )

  const issued = part.row({ code: part.text('登记码（只显示这一次，当面或者电话交给本人）'), expiresAt: part.moment('在此之前有效') })
  typed(app).post(
    '/admin/administrators/:id/enrolment-code',
    adminRoute(app, {
      key: 'administrators.enrolment-code',
      summary: '发放登记码：还没有登记身份验证器的管理员凭它登记',
      permission: 'administrators.change',
      schema: {
        params: part.input({ id: part.id('用户编号') }, ['id']),
        body: part.input({ purpose }, ['purpose']),
        response: { 201: answerOf(issued) },
      },
    }),
    async (request, reply) => {
      const { id } = request.params
      request.audit.target = pseudonymOf(app.vault, id)
      // Nobody gives himself one: with it, what he logs in with would be enough.
      await app.administrators.requireAuthorityOver(callerOf(request).user.id, roleOf(request), id)
      const { code, expiresAt } = await app.secondFactor.issueCode(id)
      return reply
        .header('cache-control', 'no-store')
        .code(201)
        .send(answer(request, { code, expiresAt: beijing(expiresAt) }))
    },
  )
}
