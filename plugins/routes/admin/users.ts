import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type, { type Static, type TSchema } from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { field } from '../../../core/contract/fields.ts'
import { answer, answerOf, pathId, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import type { Person } from '../../users/people.ts'
import type { PeopleFilter, Span } from '../../users/people-filter.ts'
import { userStatuses } from '../../users/person-view.ts'
import { userKinds } from '../../users/service-access.ts'
import { pseudonymOf } from '../../users/users.ts'
import { toCsv } from '../../workshop/tabular.ts'
import { personSchema } from '../me.ts'
import { adminRoute } from './route.ts'

const MAX_EXPORT = 10_000

const levels = { login: '登录', 'real-name': '实名' }
export const userParams = part.input({ id: part.id('用户编号') }, ['id'])
export const attributes = {
  status: part.choice('用户状态', userStatuses),
  kind: part.choice('用户类型', userKinds),
  level: part.choice('安全等级', levels),
}
const filters = {
  ...attributes,
  enterpriseId: part.id('为其持有授权的单位'),
  registeredFrom: part.moment('注册时间从'),
  registeredTo: part.moment('注册时间到'),
  lastLoginFrom: part.moment('最后登录时间从'),
  lastLoginTo: part.moment('最后登录时间到'),
}
type Filters = Partial<Static<typeof filterSchema>>
const filterSchema = part.input(filters)

/** Moments as the store has them. */
function narrowed<F extends Filters>({ registeredFrom, registeredTo, lastLoginFrom, lastLoginTo, ...filter }: F) {
  return { ...filter, registered: spanOf(registeredFrom, registeredTo), lastLogin: spanOf(lastLoginFrom, lastLoginTo) }
}

const at = (moment: string | undefined) => (moment === undefined ? undefined : Date.parse(moment))
export const spanOf = (from: string | undefined, to: string | undefined): Span => ({ from: at(from), to: at(to) })

/** 用户管理 (contract 1.2.1.1.1). */
export function userRoutes(app: FastifyInstance): void {
  search(app)
  exporting(app)
  reading(app)
}

function search(app: FastifyInstance): void {
  const response = { 200: answerOf(part.list('用户', personSchema)) }

  async function find(request: FastifyRequest, filter: PeopleFilter) {
    const { rows, total } = await app.people.find(filter)
    request.audit.subjects = rows.map(({ id }) => pseudonymOf(app.vault, id))
    return answer(request, rows, { number: filter.page, size: filter.pageSize, total })
  }

  typed(app).get(
    '/admin/users',
    adminRoute(app, {
      key: 'users.list',
      summary: '用户列表',
      permission: 'users.read',
      schema: { querystring: part.input({ ...filters, ...paging }), response },
    }),
    async (request) => find(request, narrowed(request.query)),
  )

  // What names a person travels in the body: addresses end up in the logs of every proxy.
  const body = part.input({
    name: part.text('姓名', { minLength: 1, maxLength: 50 }),
    idNumber: part.idNumber(),
    phone: part.phone(),
    ...filters,
    ...paging,
    purpose,
  })
  typed(app).post(
    '/admin/users/search',
    adminRoute(app, { key: 'users.search', summary: '查找用户', permission: 'users.read', schema: { body, response } }),
    async (request) => {
      const { purpose: _purpose, ...filter } = request.body
      return find(request, narrowed(filter))
    },
  )
}

/** Columns of the export; the values come masked already. */
const columns = {
  id: field.text('用户编号'),
  name: field.text('姓名'),
  idNumber: field.text('身份证号'),
  phone: field.text('手机号'),
  level: field.text('安全等级'),
  kind: field.text('用户类型'),
  status: field.text('用户状态'),
  registeredAt: field.text('注册时间'),
  lastLoginAt: field.text('最后登录时间'),
}

function exporting(app: FastifyInstance): void {
  typed(app).get(
    '/admin/users/export',
    adminRoute(app, {
      key: 'users.export',
      summary: '导出用户（CSV，脱敏）',
      permission: 'users.export',
      rate: { max: 10, perSeconds: 60 },
      schema: { querystring: part.input({ ...filters, purpose }, ['purpose']), response: { 200: Type.String() } },
    }),
    async (request, reply) => {
      const { purpose: _purpose, ...filter } = request.query
      const { rows, total } = await app.people.find({ ...narrowed(filter), page: 1, pageSize: MAX_EXPORT })
      if (total > MAX_EXPORT) throw new HubError('HUB_TOO_MANY_ROWS')
      const names = Object.keys(columns)
      Object.assign(request.audit, { rows: rows.length, fields: names })
      reply.header('content-type', 'text/csv; charset=utf-8').header('cache-control', 'no-store')
      reply.header('content-disposition', 'attachment; filename="users.csv"')
      return reply.send(toCsv(columns, names, rows))
    },
  )
}

/** An account as administrators see it: `version` goes back with a change of it. */
const { properties } = personSchema as unknown as { properties: Record<string, TSchema> }
export const detailSchema = part.row({
  ...properties,
  version: part.text('资料的版本'),
  loginFailures: Type.Integer({ title: '连续登录失败次数' }),
})

const event = part.row({
  at: part.text('时间'),
  action: part.text('动作'),
  from: part.choice('之前的状态', userStatuses),
  to: part.choice('之后的状态', userStatuses),
  until: part.maybe('锁定至'),
  actor: part.maybe('操作人（空：系统）'),
  reason: part.maybe('事由'),
  traceId: part.maybe('追踪号'),
})

function reading(app: FastifyInstance): void {
  typed(app).get(
    '/admin/users/:id',
    adminRoute(app, {
      key: 'users.read',
      summary: '用户详情',
      permission: 'users.read',
      schema: { params: userParams, response: { 200: answerOf(detailSchema) } },
    }),
    async (request) => {
      const person = await knownTarget(app, request)
      return answer(request, { ...person, loginFailures: await app.lockOut.count(person.id) })
    },
  )

  typed(app).get(
    '/admin/users/:id/events',
    adminRoute(app, {
      key: 'users.events',
      summary: '账户状态的变更记录',
      permission: 'users.read',
      schema: { params: userParams, response: { 200: answerOf(part.list('变更', event)) } },
    }),
    async (request) => answer(request, await app.people.events((await knownTarget(app, request)).id)),
  )
}

/** The account that an act concerns, named in its audit row by pseudonym. */
export function targetOf(app: FastifyInstance, request: FastifyRequest): string {
  const id = pathId(request, 'id')
  request.audit.target = pseudonymOf(app.vault, id)
  return id
}

/** The same with its data. Throws HUB_NO_RECORD. */
export async function knownTarget(app: FastifyInstance, request: FastifyRequest): Promise<Person> {
  const person = await app.people.read(targetOf(app, request))
  if (!person) throw nobody()
  return person
}

export function nobody(): HubError {
  return new HubError('HUB_NO_RECORD', { detail: '没有这个用户。' })
}
