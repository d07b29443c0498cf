import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { answerOf, callerOf, pathId, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { serviceOptions } from '../../route-kit/service-route.ts'
import { admitted } from '../admitted.ts'
import { openPath, orderVisits } from './page-path.ts'

/** `POST …/<id>/page`: an address that the app opens in its web view, so that its user pays there without a token in any address. */
export function orderPageRoute(app: FastifyInstance, service: CompiledService, path: string): void {
  const { schema: described, ...options } = serviceOptions(app, service)
  const schema = {
    ...described,
    operationId: `${service.key}.page`,
    summary: `${service.contract.name}：支付页面`,
    description: '在应用的网页视图里打开 url。地址里的代码一分钟内有效，只能用一次，只能支付这一个订单。',
    params: part.input({ id: part.id('订单编号（中枢）') }, ['id']),
    body: Type.Unsafe<null>({ type: ['object', 'null'], properties: {}, additionalProperties: false }),
    response: { 201: answerOf(opening), default: problemSchema },
  }
  typed(app).post(`${path}/:id/page`, { ...options, schema }, async (request, reply) => {
    const row = await app.orders.rows.read(await admitted(app, request, service), service, pathId(request, 'id'))
    const { user, logIn = null } = callerOf(request)
    // An enterprise's legal representative sees what its agents began, and pays none of it here.
    if (!row || row.user_id !== user.id) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这个订单。' })
    request.audit.submission = row.id
    const { code, expiresAt } = await app.visits.handOver(orderVisits, user.id, row.number, logIn)
    reply.code(201)
    return {
      data: { url: app.orders.addressOf(openPath(code)), expiresAt: beijing(expiresAt) },
      meta: { asOf: beijing(Date.now()), traceId: request.id },
    }
  })
}

const opening = part.row({ url: part.text('支付页面的地址'), expiresAt: part.moment('在此之前打开') })
