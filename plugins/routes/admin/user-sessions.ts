import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { logInStates } from '../../sign-on/log-ins/listing.ts'
import { logInSchema, presentLogIn } from '../me-sessions.ts'
import { adminRoute } from './route.ts'
import { knownOwnTarget } from './user-changes.ts'
import { knownTarget, userParams as params } from './users.ts'

const ended = part.row({ ended: Type.Unsafe<number>({ type: 'integer', title: '结束了几次登录' }) })

/** 登录客户端管理 (contract 1.2.1.5): where a user is logged in and was, with device and address, as he sees it himself. */
export function userSessionRoutes(app: FastifyInstance): void {
  typed(app).get(
    '/admin/users/:id/sessions',
    adminRoute(app, {
      key: 'users.sessions',
      summary: '用户的登录记录：现在的和 180 天以内的，登录中的在前',
      permission: 'users.read',
      schema: {
        params,
        querystring: part.input({ state: part.choice('状态', logInStates), ...paging }),
        response: { 200: answerOf(part.list('登录', logInSchema)) },
      },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { id: userId } = await knownTarget(app, request)
      const { rows, total } = await app.logIns.list({ userId, ...request.query })
      return answer(
        request,
        rows.map((row) => presentLogIn(app, row, null)),
        { number: page, size: pageSize, total },
      )
    },
  )

  const body = part.input({ purpose }, ['purpose'])
  typed(app).post(
    '/admin/users/:id/sessions/:session/end',
    adminRoute(app, {
      key: 'users.sessions.end',
      summary: '结束用户的一次登录：它的会话和令牌随即失效',
      permission: 'users.status',
      schema: {
        params: part.input({ id: part.id('用户编号'), session: part.id('登录编号') }, ['id', 'session']),
        body,
        response: { 200: answerOf(ended) },
      },
    }),
    async (request) => {
      const count = await app.endLogIns(await knownOwnTarget(app, request), { id: request.params.session }, 'operator')
      if (count === 0) throw new HubError('HUB_NO_RECORD', { detail: '没有这次登录，或它已经结束。' })
      return answer(request, { ended: count })
    },
  )

  typed(app).post(
    '/admin/users/:id/sessions/end',
    adminRoute(app, {
      key: 'users.sessions.end-all',
      summary: '结束用户的所有登录，第三方应用的授权也在内',
      permission: 'users.status',
      schema: { params, body, response: { 200: answerOf(ended) } },
    }),
    async (request) => answer(request, { ended: await app.endLogIns(await knownOwnTarget(app, request), { except: null }, 'operator') }),
  )
}
