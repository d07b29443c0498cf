import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { type StatusAct, statusActs } from '../../users/people.ts'
import { personSchema } from '../me.ts'
import { ask, asked } from './requests.ts'
import { adminRoute, roleOf } from './route.ts'
import { filters, nobody, userParams as params, targetOf } from './users.ts'

const response = { 200: answerOf(personSchema) }

/** 禁用与激活, 账户状态修改 and 实名登记 (contract 1.2.1.1.1). */
export function userChangeRoutes(app: FastifyInstance): void {
  statuses(app)
  attributes(app)
  realName(app)
}

function statuses(app: FastifyInstance): void {
  for (const [act, { title }] of Object.entries(statusActs)) {
    const locking = part.input({ until: part.moment('锁定至'), purpose }, ['purpose'])
    const body: typeof locking = act === 'lock' ? locking : part.input({ purpose }, ['purpose'])
    typed(app).post(
      `/admin/users/:id/${act}`,
      adminRoute(app, { key: `users.${act}`, summary: `${title}用户`, permission: 'users.status', schema: { params, body, response } }),
      async (request) => {
        const id = await ownTarget(app, request)
        const { until, purpose: reason } = request.body
        const by = { actor: callerOf(request).user.id, reason, traceId: request.id, until: until === undefined ? null : Date.parse(until) }
        if (!(await app.people.setStatus(id, act as StatusAct, by)))
          throw new HubError('HUB_NO_RECORD', { detail: `没有这个用户，或他现在的状态不能${title}。` })
        return answer(request, await app.people.read(id))
      },
    )
  }
}

function attributes(app: FastifyInstance): void {
  const body = part.input({ level: filters.level, kind: filters.kind, purpose }, ['purpose'], 2)
  typed(app).patch(
    '/admin/users/:id',
    adminRoute(app, {
      key: 'users.change',
      summary: '修改用户等级或类型',
      permission: 'users.change',
      schema: { params, body, response },
    }),
    async (request) => {
      const id = await ownTarget(app, request)
      const { level, kind } = request.body
      const person = await app.people.read(id)
      if (!person) throw nobody()
      if (level === 'real-name' && person.idNumber === null)
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/level', detail: '还没有实名信息，请先登记实名' }] })
      await app.people.change(id, { ...(level === undefined ? {} : { level }), ...(kind === undefined ? {} : { kind }) })
      return answer(request, await app.people.read(id))
    },
  )
}

function realName(app: FastifyInstance): void {
  const body = part.input(
    {
      name: part.text('姓名', { minLength: 2, maxLength: 50, pattern: '\\S' }),
      idNumber: part.idNumber(),
      purpose,
    },
    ['name', 'idNumber', 'purpose'],
  )
  typed(app).post(
    '/admin/users/:id/real-name',
    adminRoute(app, {
      key: 'users.real-name',
      summary: '登记柜台核验的实名（须由另一位管理员确认）',
      permission: 'users.change',
      schema: { params, body, response: asked },
    }),
    async (request, reply) => {
      const id = await ownTarget(app, request)
      const { name, idNumber } = request.body
      if (!(await app.people.read(id))) throw nobody()
      return ask(app, request, reply, 'users.real-name', { userId: id, name: name.trim(), idNumber })
    },
  )
}

/** The same, where the administrator may change it. */
async function ownTarget(app: FastifyInstance, request: FastifyRequest): Promise<string> {
  const id = targetOf(app, request)
  await app.administrators.requireAuthorityOver(callerOf(request).user.id, roleOf(request), id)
  return id
}
