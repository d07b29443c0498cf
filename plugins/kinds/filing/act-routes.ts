import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { ActKind } from '../../../core/contract/types.ts'
import { recognise } from '../../access/authorise.ts'
import { faceToSpend, requireFace } from '../../face/require.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { callerOf, typed } from '../../route-kit/kit.ts'
import { idempotencyHeaders, inputsBody, serviceOptions } from '../../route-kit/service-route.ts'
import { admitted } from '../admitted.ts'
import { assertGiven } from '../given.ts'
import { actKinds } from './act-states.ts'
import { compileAct } from './perform-act.ts'
import { assertChanged } from './prepare.ts'
import { statesOf } from './states.ts'
import { answerOf, envelope, idSchema, present, viewSchema } from './views.ts'

/** Where each act stands after a filing's own path. */
export const ACT_ROUTES = {
  cancel: { method: 'POST', path: '/cancel', title: '撤回申请' },
  change: { method: 'PATCH', path: '', title: '变更申请' },
  supplement: { method: 'POST', path: '/supplement', title: '补正材料' },
} as const

/** For every declared act on filings: `POST …/<id>/cancel` and `…/supplement`, `PATCH …/<id>`, done by the worker. */
export function filingActRoutes(app: FastifyInstance, service: CompiledService): void {
  for (const kind of actKinds) if (service.contract.submission?.[kind]) actRoute(app, service, kind)
}

function actRoute(app: FastifyInstance, service: CompiledService, kind: ActKind): void {
  const { connector, contract } = service
  const { method, path, title } = ACT_ROUTES[kind]
  const base = `/v1/${connector.id}/${contract.id}`
  const { schema, ...options } = serviceOptions(app, service)
  const { querystring: _, ...described } = schema ?? {}
  const { titleOf } = statesOf(contract.submission)
  const asked = compileAct(service, kind)
  const acting = {
    ...described,
    operationId: `${service.key}.${kind}`,
    summary: `${contract.name}：${title}`,
    description: `以下状态可以办理：${contract.submission?.[kind]?.when.map(titleOf).join('、')}。结果见返回内容中的 act。`,
    headers: idempotencyHeaders,
    params: idSchema,
    body: inputsBody(asked),
    response: { 202: answerOf(viewSchema(service)), default: problemSchema },
  }
  typed(app).route({
    ...options,
    method,
    url: `${base}/:id${path}`,
    schema: acting,
    attachValidation: false,
    handler: async (request, reply) => {
      const caller = callerOf(request)
      const { id } = request.params
      const input = request.body ?? {}
      const idempotencyKey = String(request.headers['idempotency-key'] ?? '')
      const verified = await recognise(service, caller, app.users)
      const by = await admitted(app, request, service, verified)
      const act = { service, kind, submissionId: id, by, idempotencyKey, input }
      // A repeated request spends no second face verification.
      if (!(await app.submissions.acts.isKnown(act))) {
        await requireFace(contract.face, service.key, caller)
        const filed = await app.submissions.filed(by, service, id)
        // As it was filed, so it is changed: under the account that it was filed with.
        const asker = filed?.account ? { ...verified, account: filed.account } : verified
        await assertGiven(asked, input, asker, app)
        if (filed && kind === 'change') await assertChanged(app, service, asker, filed.input, input)
        await app.submissions.acts.request({ ...act, faceVerification: faceToSpend(caller) })
      }
      const submission = await app.submissions.read(by, service, id)
      if (!submission) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这项申请。' })
      request.audit.submission = submission.id
      reply.code(202).header('location', `${base}/${submission.id}`)
      return envelope(request, present(app.calendar, service, submission))
    },
  })
}
