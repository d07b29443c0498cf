import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { findBySubject } from '../../sign-on/accounts.ts'
import { signOnIssuer } from '../../sign-on/issuer.ts'
import { subjectTaken } from '../../users/administered.ts'
import { type StatusAct, statusActs } from '../../users/people.ts'
import { reachedAs } from '../../users/person-view.ts'
import { pseudonymOf } from '../../users/users.ts'
import { personSchema, profileParts } from '../me.ts'
import { ask, asked } from './requests.ts'
import { adminRoute, roleOf } from './route.ts'
import { attributes as choices, detailSchema, nobody, userParams as params, targetOf } from './users.ts'

const response = { 200: answerOf(personSchema) }

/** 用户的增、改、停用与激活、删除, and 实名登记 (contract 1.2.1.1.1). */
export function userChangeRoutes(app: FastifyInstance): void {
  opening(app)
  statuses(app)
  attributes(app)
  realName(app)
  byTwo(app)
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
  const { level, kind } = choices
  const version = part.text('所见资料的版本：其间有改动的，不再修改', { maxLength: 32 })
  const body = part.input({ ...profileParts, level, kind, version, purpose }, ['purpose'], 2)
  typed(app).patch(
    '/admin/users/:id',
    adminRoute(app, {
      key: 'users.change',
      summary: '修改用户的昵称、头像、等级或类型',
      permission: 'users.change',
      schema: { params, body, response: { 200: answerOf(detailSchema) } },
    }),
    async (request) => {
      const id = await ownTarget(app, request)
      const { purpose: _purpose, version, ...data } = request.body
      await app.people.change(id, data, version)
      return answer(request, await app.people.read(id))
    },
  )
}

/** Before he signs on for the first time: who he is is for the sign-on or a counter to say. */
function opening(app: FastifyInstance): void {
  const subject = part.text('用户在统一登录中的编号', { minLength: 1, maxLength: 200, pattern: '^[^\\s\\p{C}]+$' })
  const body = part.input({ subject, ...profileParts, kind: choices.kind, purpose }, ['subject', 'purpose'])
  typed(app).post(
    '/admin/users',
    adminRoute(app, {
      key: 'users.open',
      summary: '新增用户（未实名；实名由统一登录或柜台核验）',
      permission: 'users.change',
      schema: { body, response: { 201: answerOf(detailSchema) } },
    }),
    async (request, reply) => {
      const { purpose: _purpose, ...data } = request.body
      const issuer = signOnIssuer(app.settings, app.sandbox)
      if (await findBySubject(app.database, issuer, data.subject)) throw subjectTaken()
      const id = await app.people.open({ ...data, issuer })
      request.audit.target = pseudonymOf(app.vault, id)
      return reply
        .code(201)
        .header('location', `/admin/users/${id}`)
        .send(answer(request, await app.people.read(id)))
    },
  )
}

/** Whoever has his phone, or ends his account, needs a second one who agrees. */
function byTwo(app: FastifyInstance): void {
  typed(app).post(
    '/admin/users/:id/phone',
    adminRoute(app, {
      key: 'users.phone',
      summary: '修改用户的手机号（须由另一位管理员确认）',
      permission: 'users.change',
      schema: { params, body: part.input({ phone: part.phone('手机号'), purpose }, ['phone', 'purpose']), response: asked },
    }),
    async (request, reply) => {
      const id = await knownOwnTarget(app, request)
      const row: Parameters<typeof reachedAs>[0] = await app.database('users').where({ id }).first('id_number_hash', 'phone_hash')
      return ask(app, request, reply, 'users.phone', { userId: id, phone: request.body.phone, version: reachedAs(row) })
    },
  )

  typed(app).post(
    '/admin/users/:id/delete',
    adminRoute(app, {
      key: 'users.delete',
      summary: '删除用户：注销账户并清除个人信息（须由另一位管理员确认）',
      permission: 'users.change',
      schema: { params, body: part.input({ purpose }, ['purpose']), response: asked },
    }),
    async (request, reply) => ask(app, request, reply, 'users.delete', { userId: await knownOwnTarget(app, request) }),
  )
}

function realName(app: FastifyInstance): void {
  const body = part.input(
    {
      name: part.personName(),
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
      const id = await knownOwnTarget(app, request)
      const { name, idNumber } = request.body
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

export async function knownOwnTarget(app: FastifyInstance, request: FastifyRequest): Promise<string> {
  const id = await ownTarget(app, request)
  if (!(await app.people.read(id))) throw nobody()
  return id
}
