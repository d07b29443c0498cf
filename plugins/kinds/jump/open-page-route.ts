import type { FastifyInstance } from 'fastify'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { answerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { inputsBody, serviceOptions } from '../../route-kit/service-route.ts'

/** `POST /v1/<connector>/<service>` of a page for everybody → its own address: nobody is asked, and nothing is kept. */
export function openPageRoute(app: FastifyInstance, service: CompiledService, url: string): void {
  const { connector, contract } = service
  const { schema: described, ...options } = serviceOptions(app, service)
  const schema = {
    ...described,
    description: `${described?.['description' as never] ?? ''}。url 是${agencyOf(connector, contract)}公开页面的地址，不需要登录，也不提供任何信息。`,
    body: inputsBody(service),
    response: { 200: answerOf(part.row({ url: part.text('页面的地址') })), default: problemSchema },
  }
  typed(app).post(`/v1/${connector.id}/${contract.id}`, { ...options, schema }, async (request) => {
    // A page that is down for maintenance is better told of here.
    app.calendar.assertOpen(service, false)
    return { data: { url }, meta: { asOf: beijing(Date.now()), traceId: request.id } }
  })
}
