import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { recognise } from '../../access/authorise.ts'
import { offerFiles } from '../../agency-files/offer.ts'
import { faceToSpend, requireFace } from '../../face/require.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { bindingSchema } from '../../openapi/query-schema.ts'
import { callerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { idempotencyHeaders, serviceOptions } from '../../route-kit/service-route.ts'
import { admitted } from '../admitted.ts'
import { assertGiven } from '../given.ts'
import { filingActRoutes } from './act-routes.ts'
import { codeRoute } from './code-route.ts'
import { filingBody, prepareFiling } from './prepare.ts'
import type { Submission } from './reader.ts'
import { answerOf, envelope, idSchema, listOf, present, viewSchema } from './views.ts'

/**
 * `POST /v1/<connector>/<service>` files one, `GET` on the same path
 * lists the caller's own, and `GET …/<id>` follows one.
 */
export function filingRoutes(app: FastifyInstance, service: CompiledService): void {
  const { connector, contract } = service
  const path = `/v1/${connector.id}/${contract.id}`
  const { schema: described, ...options } = serviceOptions(app, service)
  const view = viewSchema(service)

  const filing = {
    ...described,
    headers: idempotencyHeaders,
    body: filingBody(service),
    querystring: service.needsAccount ? bindingQuery : noQuery,
    response: { 202: answerOf(view), default: problemSchema },
  }
  typed(app).post(path, { ...options, schema: filing, attachValidation: false }, async (request, reply) => {
    const caller = callerOf(request)
    const verified = await recognise(service, caller, app.users)
    const keyed = {
      service,
      by: await admitted(app, request, service, verified),
      idempotencyKey: String(request.headers['idempotency-key'] ?? ''),
      input: request.body ?? {},
      binding: request.query.binding,
    }
    // A repeated request is answered from the store: its face verification was spent the first time.
    const earlier = await app.submissions.findByKey(keyed)
    const submission = earlier ?? (await file())
    request.audit.submission = submission.id
    reply.code(202).header('location', `${path}/${submission.id}`)
    return envelope(request, present(app.calendar, service, submission))

    async function file(): Promise<Submission> {
      await requireFace(contract.face, service.key, caller)
      const asker = service.needsAccount ? await app.accounts.withAccount(service, verified, keyed.binding) : verified
      await assertGiven(service, keyed.input, asker, app)
      const { submission } = await app.submissions.accept({
        ...keyed,
        account: asker.account,
        prepared: await prepareFiling(app, service, asker, keyed.by, keyed.input),
        traceId: request.id,
        faceVerification: faceToSpend(caller),
      })
      return submission
    }
  })

  const listing = {
    ...described,
    operationId: `${service.key}.list`,
    summary: `${contract.name}：我的申请`,
    querystring: pageSchema,
    response: { 200: listOf(view), default: problemSchema },
  }
  typed(app).get(path, { ...options, schema: listing }, async (request) => {
    const { page, pageSize } = request.query
    const { rows, total } = await app.submissions.list(await admitted(app, request, service), service, { page, pageSize })
    note(request, service, rows.length)
    return envelope(
      request,
      rows.map((submission) => present(app.calendar, service, submission)),
      { page: { number: page, size: pageSize, total } },
    )
  })

  const following = {
    ...described,
    operationId: `${service.key}.status`,
    summary: `${contract.name}：办理进度`,
    params: idSchema,
    response: { 200: answerOf(view), default: problemSchema },
  }
  typed(app).get(`${path}/:id`, { ...options, schema: following }, async (request) => {
    const { id } = request.params
    const asker = await recognise(service, callerOf(request), app.users)
    const by = await admitted(app, request, service, asker)
    const submission = await app.submissions.read(by, service, id)
    if (!submission) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这项申请。' })
    request.audit.submission = submission.id
    note(request, service, 1)
    const view = present(app.calendar, service, submission)
    // Receipts and certificates that the agency has issued since.
    const filed = contract.files && service.needsAccount ? await app.submissions.filed(by, service, id) : null
    const account = filed?.account?.externalId
    offerFiles(app.fileLinks, service, account === undefined ? asker : { ...asker, account: { externalId: account } }, { account }, [view])
    return envelope(request, view)
  })

  codeRoute(app, service)
  filingActRoutes(app, service)
}

function note(request: FastifyRequest, { fieldNames }: CompiledService, rows: number): void {
  request.audit.fields = rows === 0 ? [] : fieldNames
  request.audit.rows = rows
}

const bindingQuery = part.input({ binding: bindingSchema })

const noQuery = Type.Unsafe<{ binding?: string }>({ type: 'object', properties: {} })

const pageSchema = Type.Unsafe<{ page: number; pageSize: number }>({
  type: 'object',
  properties: {
    page: { type: 'integer', minimum: 1, maximum: 100_000, default: 1 },
    pageSize: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  },
  additionalProperties: false,
})
