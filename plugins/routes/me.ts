import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { mandateRoles, mandateStatuses } from '../mandates/mandates.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'
import { userStatuses } from '../users/person-view.ts'
import { userKinds } from '../users/service-access.ts'

/** What a user sees and changes of himself: `/v1/me`, what is open to him, and for whom he may act. */
export default fp(
  async (app) => {
    account(app)
    mandates(app)
    services(app)
  },
  { name: 'me', dependencies: ['identity', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'] },
)

export const personSchema = part.row({
  id: part.text('用户编号'),
  nickname: part.maybe('昵称'),
  avatarUrl: part.maybe('头像'),
  name: part.maybe('姓名（脱敏）'),
  idNumber: part.maybe('身份证号（脱敏）'),
  phone: part.maybe('手机号（脱敏）'),
  authMethods: part.list('认证方式', part.text('认证方式')),
  level: part.choice('安全等级', { login: '登录', 'real-name': '实名' }),
  kind: part.choice('用户类型', userKinds),
  status: part.choice('用户状态', userStatuses),
  lockedUntil: part.maybe('锁定至'),
  realName: part.flag('是否实名'),
  registeredAt: part.maybe('注册时间'),
  lastLoginAt: part.maybe('最后登录时间'),
})

export const mandateSchema = part.row({
  id: part.text('授权编号'),
  role: part.choice('身份', mandateRoles),
  roleName: part.text('身份名称'),
  scope: part.list('可用的系统或服务', part.text('系统或服务')),
  status: part.choice('状态', mandateStatuses),
  statusName: part.text('状态名称'),
  startsAt: part.text('开始时间'),
  endsAt: part.text('结束时间'),
  current: part.flag('现在是否可用'),
  grantedBy: part.text('授权来源'),
  name: part.maybe('姓名（脱敏）'),
  phone: part.maybe('手机号（脱敏）'),
  idNumber: part.maybe('身份证号（脱敏）'),
  userId: part.maybe('用户编号'),
  enterprise: part.maybeRow('单位', {
    id: part.text('单位编号'),
    name: part.text('名称'),
    uscc: part.text('统一社会信用代码'),
    status: part.text('状态'),
  }),
  child: part.maybeRow('被监护人或家庭成员', { id: part.text('用户编号'), name: part.maybe('姓名（脱敏）') }),
})

/** What somebody goes by. */
export const profileParts = {
  nickname: part.maybe('昵称', { minLength: 1, maxLength: 32, pattern: '\\S' }),
  avatarUrl: part.maybe('头像', { maxLength: 500, pattern: '^https://[^\\s<>"]+$' }),
}

function account(app: FastifyInstance): void {
  const response = { 200: answerOf(personSchema) }
  typed(app).get('/v1/me', hubRoute(app, { key: 'me.read', summary: '我的账户', tag: TAG_ME, schema: { response } }), async (request) =>
    answer(request, await app.people.read(callerOf(request).user.id)),
  )

  const body = part.input(profileParts)
  typed(app).patch(
    '/v1/me',
    hubRoute(app, { key: 'me.change', summary: '修改我的账户', tag: TAG_ME, schema: { body, response } }),
    async (request) => {
      const { id } = callerOf(request).user
      await app.people.updateProfile(id, request.body)
      return answer(request, await app.people.read(id))
    },
  )
}

function mandates(app: FastifyInstance): void {
  typed(app).get(
    '/v1/me/mandates',
    hubRoute(app, {
      key: 'me.mandates',
      summary: '我可以代办的单位和个人',
      tag: TAG_ME,
      schema: { response: { 200: answerOf(part.list('授权', mandateSchema)) } },
    }),
    async (request) => answer(request, await app.holders.ofUser(callerOf(request).user)),
  )

  const params = part.input({ id: part.id('授权编号') }, ['id'])
  typed(app).delete(
    '/v1/me/mandates/:id',
    hubRoute(app, { key: 'me.mandates.resign', summary: '放弃一项授权', tag: TAG_ME, schema: { params, response: { 204: Type.Null() } } }),
    async (request, reply) => {
      const { id } = request.params
      const { user } = callerOf(request)
      const ended = await app.holders.end(id, { userId: user.id, role: 'holder', traceId: request.id }, user.id)
      if (!ended) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这项授权。' })
      request.audit.enterprise = ended.enterprise_id
      request.audit.target = id
      return reply.code(204).send(null)
    },
  )
}

function services(app: FastifyInstance): void {
  const all = [...app.services.values()].map(({ key, connector, contract }) => ({
    key,
    connector: connector.id,
    service: contract.id,
    name: contract.name,
    agency: connector.agency,
    kind: contract.kind,
    audience: contract.audience,
    identity: contract.identity,
    path: `/v1/${connector.id}/${contract.id}`,
  }))
  const row = part.row({
    connector: part.text('系统'),
    service: part.text('服务'),
    name: part.text('名称'),
    agency: part.text('部门'),
    kind: part.text('种类'),
    audience: part.text('对象'),
    identity: part.text('身份要求'),
    path: part.text('地址'),
  })
  typed(app).get(
    '/v1/me/services',
    hubRoute(app, {
      key: 'me.services',
      summary: '向我开放的服务',
      tag: TAG_ME,
      schema: { response: { 200: answerOf(part.list('服务', row)) } },
    }),
    async (request) => {
      const { kind } = callerOf(request).user
      const offered = all.filter(({ key }) => app.catalogue.isListed(key))
      const open = await Promise.all(
        offered.map(async (service) => service.identity === 'none' || app.users.access.opens(service.key, kind)),
      )
      return answer(
        request,
        offered.filter((_service, index) => open[index]).map(({ key: _key, ...service }) => service),
      )
    },
  )
}
