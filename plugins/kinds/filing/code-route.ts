import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { authorise } from '../../access/authorise.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { callerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { serviceOptions } from '../../route-kit/service-route.ts'
import { requestCode } from './otp.ts'
import { envelope } from './views.ts'

const answer = part.row({
  data: part.row({ sentTo: part.maybe('接收验证码的手机（对方系统留存，已遮盖）'), expiresAt: part.moment('有效期至') }),
  meta: part.row({ asOf: part.moment('数据时间'), traceId: part.text('追踪号') }),
})

/** `POST …/<service>/verification-code`: the agency sends a code to the phone that it has on file for the asker. */
export function codeRoute(app: FastifyInstance, service: CompiledService): void {
  const { connector, contract } = service
  if (!contract.submission?.otp) return
  const { schema: described, ...options } = serviceOptions(app, service)
  const schema = {
    ...described,
    operationId: `${service.key}.code`,
    summary: `${contract.name}：获取动态验证码`,
    response: { 201: answer, default: problemSchema },
  }
  typed(app).post(`/v1/${connector.id}/${contract.id}/verification-code`, { ...options, schema }, async (request, reply) => {
    // With the face that the filing takes too, so that nobody else is bothered with messages; it is not spent here.
    const asker = await authorise(service, callerOf(request), app.users)
    if (service.needsAccount || asker.userId === undefined) throw new HubError('HUB_ACCOUNT_UNBOUND')
    const { sentTo, expiresAt } = await requestCode(app, service, asker)
    reply.code(201)
    return envelope(request, { sentTo, expiresAt: beijing(expiresAt) })
  })
}
