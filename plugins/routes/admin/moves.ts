import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { listMoves, type Move, readMove } from '../../agency-accounts/moves-list.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { ask, asked } from './requests.ts'
import { adminRoute, roleOf } from './route.ts'
import { targetOf, userParams } from './users.ts'

const move = part.row({
  id: Type.Unsafe({ type: 'integer', title: '编号' }),
  kind: part.choice('种类', { merge: '合并', split: '拆分' }),
  from: part.text('原用户编号'),
  to: part.text('移入的用户编号'),
  actor: part.text('经办人'),
  reason: part.text('事由'),
  accounts: Type.Unsafe({ type: 'integer', title: '涉及的账户数' }),
  at: part.text('时间'),
  undoneAt: part.maybe('撤销时间'),
  undoUntil: part.text('撤销期限'),
})

/** Two users who are one person, or one who is two: docs/agency-accounts.md. */
export function moveRoutes(app: FastifyInstance): void {
  const { database, accounts } = app

  typed(app).get(
    '/admin/moves',
    adminRoute(app, {
      key: 'moves.list',
      summary: '合并与拆分记录',
      permission: 'moves.read',
      schema: { querystring: part.input(paging), response: { 200: answerOf(part.list('记录', move)) } },
    }),
    async (request) => {
      const query = request.query
      const { rows, total } = await listMoves(database, query)
      return answer(request, rows.map(present), { number: query.page, size: query.pageSize, total })
    },
  )

  const merge = part.input(
    {
      into: part.id('并入的用户编号'),
      differentIdentities: part.text('两个账户实名的身份不同时：为什么仍是同一人', { minLength: 2, maxLength: 200, pattern: '\\S' }),
      purpose,
    },
    ['into', 'purpose'],
  )
  typed(app).post(
    '/admin/users/:id/merge',
    adminRoute(app, {
      key: 'moves.merge',
      summary: '把这个用户的账户并入另一个用户，并关闭这个用户（须由另一位管理员确认）',
      permission: 'moves.change',
      schema: { params: userParams, body: merge, response: asked },
    }),
    async (request, reply) => {
      const { into, differentIdentities: despite } = request.body
      const from = await between(request, into, '/body/into')
      return ask(app, request, reply, 'moves.merge', { from, into, ...(despite === undefined ? {} : { despite }) })
    },
  )

  const split = part.input(
    {
      to: part.id('移入的用户编号'),
      accountIds: part.list('绑定编号', part.id('绑定编号'), { minItems: 1, maxItems: 50, uniqueItems: true }),
      purpose,
    },
    ['to', 'accountIds', 'purpose'],
  )
  typed(app).post(
    '/admin/users/:id/split',
    adminRoute(app, {
      key: 'moves.split',
      summary: '把这个用户的部分账户移入另一个用户（须由另一位管理员确认）',
      permission: 'moves.change',
      schema: { params: userParams, body: split, response: asked },
    }),
    async (request, reply) => {
      const { to, accountIds } = request.body
      const from = await between(request, to, '/body/to')
      return ask(app, request, reply, 'moves.split', { from, to, accountIds })
    },
  )

  typed(app).post(
    '/admin/moves/:id/undo',
    adminRoute(app, {
      key: 'moves.undo',
      summary: '撤销 30 天以内的合并或拆分',
      permission: 'moves.change',
      schema: {
        params: part.input({ id: part.text('编号', { pattern: '^[1-9][0-9]{0,8}$' }) }, ['id']),
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(move) },
      },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      const { from, to } = await read(Number(id))
      await assertAuthority(request, [from, to])
      await accounts.moves.undo(Number(id))
      return answer(request, await read(Number(id)))
    },
  )

  async function read(id: number) {
    const found = await readMove(database, id)
    if (!found) throw new HubError('HUB_NO_RECORD', { detail: '没有这次合并或拆分。' })
    return present(found)
  }

  async function between(request: FastifyRequest, other: string, pointer: string): Promise<string> {
    const from = targetOf(app, request)
    if (from === other) throw new HubError('HUB_VALIDATION', { errors: [{ pointer, detail: '须是另一个用户' }] })
    await assertAuthority(request, [from, other])
    return from
  }

  async function assertAuthority(request: FastifyRequest, users: readonly string[]): Promise<void> {
    for (const user of users) await app.administrators.requireAuthorityOver(callerOf(request).user.id, roleOf(request), user)
  }
}

function present({ at, undoneAt, undoUntil, ...rest }: Move) {
  return { ...rest, at: beijing(at), undoneAt: undoneAt === null ? null : beijing(undoneAt), undoUntil: beijing(undoUntil) }
}
