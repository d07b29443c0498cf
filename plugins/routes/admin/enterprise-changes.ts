import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { field } from '../../../core/contract/fields.ts'
import { enterpriseStatuses } from '../../mandates/enterprise-states.ts'
import { pathId, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { toCsv } from '../../workshop/tabular.ts'
import { enterpriseFilter, noEnterprise, enterpriseParams as params } from './enterprises.ts'
import { ask, asked } from './requests.ts'
import { adminRoute } from './route.ts'

const facts = {
  name: part.text('企业名称', { minLength: 2, maxLength: 255, pattern: '^[^\\s\\p{C}]([^\\p{C}]*[^\\s\\p{C}])?$' }),
  registeredState: part.maybe('登记状态', { maxLength: 32 }),
  establishedOn: part.maybe('成立日期', { format: 'date' }),
}
const version = part.text('所见资料的版本：其间有改动的，不再办理', { maxLength: 32 })

/** 法人用户信息的增、改、删 (contract 1.2.1.2.3): each of them says who an enterprise is, so each takes two persons. */
export function enterpriseChangeRoutes(app: FastifyInstance): void {
  registering(app)
  changing(app)
  representing(app)
  exporting(app)
}

function registering(app: FastifyInstance): void {
  typed(app).post(
    '/admin/enterprises',
    adminRoute(app, {
      key: 'enterprises.register',
      summary: '登记企业（须由另一位管理员确认）',
      permission: 'enterprises.change',
      schema: { body: part.input({ uscc: part.uscc(), ...facts, purpose }, ['uscc', 'name', 'purpose']), response: asked },
    }),
    async (request, reply) => {
      const { purpose: _purpose, ...payload } = request.body
      return ask(app, request, reply, 'enterprises.register', payload)
    },
  )
}

function changing(app: FastifyInstance): void {
  typed(app).patch(
    '/admin/enterprises/:id',
    adminRoute(app, {
      key: 'enterprises.change',
      summary: '修改企业资料（须由另一位管理员确认）',
      permission: 'enterprises.change',
      schema: { params, body: part.input({ ...facts, version, purpose }, ['version', 'purpose'], 3), response: asked },
    }),
    async (request, reply) => {
      const { purpose: _purpose, version, ...changes } = request.body
      return ask(app, request, reply, 'enterprises.change', { enterpriseId: await known(app, request), version, changes })
    },
  )

  typed(app).post(
    '/admin/enterprises/:id/delete',
    adminRoute(app, {
      key: 'enterprises.delete',
      summary: '删除企业：结束其全部授权，办件记录依法留存（须由另一位管理员确认）',
      permission: 'enterprises.change',
      schema: { params, body: part.input({ version, purpose }, ['version', 'purpose']), response: asked },
    }),
    async (request, reply) => {
      const { version } = request.body
      return ask(app, request, reply, 'enterprises.remove', { enterpriseId: await known(app, request), version })
    },
  )
}

function representing(app: FastifyInstance): void {
  const body = part.input({ userId: part.id('法定代表人的用户编号'), endsAt: part.moment('结束时间（最长一年）'), purpose }, [
    'userId',
    'endsAt',
    'purpose',
  ])
  typed(app).post(
    '/admin/enterprises/:id/representative',
    adminRoute(app, {
      key: 'enterprises.representative',
      summary: '凭证照登记企业的法定代表人（须由另一位管理员确认）',
      permission: 'enterprises.change',
      schema: { params, body, response: asked },
    }),
    async (request, reply) => {
      const { userId, endsAt } = request.body
      return ask(app, request, reply, 'enterprises.representative', { enterpriseId: await known(app, request), userId, endsAt })
    },
  )
}

const MAX_EXPORT = 10_000
const columns = {
  id: field.text('单位编号'),
  name: field.text('企业名称'),
  uscc: field.text('统一社会信用代码'),
  status: field.text('状态'),
  registeredState: field.text('登记状态'),
  establishedOn: field.text('成立日期'),
  checkedAt: field.text('核对时间'),
}

function exporting(app: FastifyInstance): void {
  typed(app).get(
    '/admin/enterprises/export',
    adminRoute(app, {
      key: 'enterprises.export',
      summary: '导出企业（CSV）',
      permission: 'enterprises.export',
      rate: { max: 10, perSeconds: 60 },
      schema: { querystring: part.input({ ...enterpriseFilter, purpose }, ['purpose']), response: { 200: Type.String() } },
    }),
    async (request, reply) => {
      const { purpose: _purpose, ...filter } = request.query
      const { rows, total } = await app.enterprises.find({ ...filter, page: 1, pageSize: MAX_EXPORT })
      if (total > MAX_EXPORT) throw new HubError('HUB_TOO_MANY_ROWS')
      const names = Object.keys(columns)
      Object.assign(request.audit, { rows: rows.length, fields: names })
      reply.header('content-type', 'text/csv; charset=utf-8').header('cache-control', 'no-store')
      reply.header('content-disposition', 'attachment; filename="enterprises.csv"')
      const named = rows.map((row) => ({ ...row, status: enterpriseStatuses[row.status] }))
      return reply.send(toCsv(columns, names, named))
    },
  )
}

/** Named in the audit row. Throws HUB_NO_RECORD. */
async function known(app: FastifyInstance, request: FastifyRequest): Promise<string> {
  const id = pathId(request, 'id')
  request.audit.enterprise = id
  if (!(await app.enterprises.read(id))) throw noEnterprise()
  return id
}
