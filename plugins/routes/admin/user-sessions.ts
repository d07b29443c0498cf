import type { FastifyInstance } from 'fastify'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { logInStates } from '../../sign-on/log-ins/listing.ts'
import { logInSchema, presentLogIn } from '../me-sessions.ts'
import { adminRoute } from './route.ts'
import { knownTarget, userParams as params } from './users.ts'

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
        rows.map((row) => presentLogIn(row, null)),
        { number: page, size: pageSize, total },
      )
    },
  )
}
