import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type, { type TSchema } from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import { recognise } from '../../access/authorise.ts'
import { faceToSpend, requireFace } from '../../face/require.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { bindingSchema } from '../../openapi/query-schema.ts'
import { callerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { idempotencyHeaders, inputsBody, serviceOptions } from '../../route-kit/service-route.ts'
import { admitted } from '../admitted.ts'
import { assertGiven } from '../given.ts'
import { answerOf, clearUp, type Outcome, perform } from './perform.ts'
import type { ActRow } from './rows.ts'
import { actStates, allActStates } from './states.ts'

/** Seconds after which asking again how an act stands makes sense. */
const ASK_AGAIN_S = 5

/** `POST /v1/<connector>/<service>` does it, `GET …/<id>` says how it stands. */
export function actRoutes(app: FastifyInstance, service: CompiledService): void {
  const { connector, contract } = service
  const path = `/v1/${connector.id}/${contract.id}`
  const { schema: described, ...options } = serviceOptions(app, service)
  const answer = answerSchema(service)

  const doing = {
    ...described,
    headers: idempotencyHeaders,
    querystring: service.needsAccount ? bindingQuery : nothing,
    body: inputsBody(service),
    response: { 200: answer, 202: answer, default: problemSchema },
  }
  typed(app).post(path, { ...options, schema: doing }, async (request, reply) => {
    const caller = callerOf(request)
    const given = request.body ?? {}
    const { binding } = request.query
    const idempotencyKey = String(request.headers['idempotency-key'] ?? '')
    const verified = await recognise(service, caller, app.users)
    const by = await admitted(app, request, service, verified)
    // For another account it is another act, whatever else stays the same.
    const keyed = { service, by, idempotencyKey, input: { given, binding, enterprise: by.enterpriseId } }
    const earlier = await app.acts.rows.find(keyed)
    if (earlier && earlier.state !== 'unsent') return show(request, reply, await lookAt(earlier), true)

    app.calendar.assertOpen(service, true)
    await requireFace(contract.face, service.key, caller)
    const asker = service.needsAccount ? await app.accounts.withAccount(service, verified, binding) : verified
    await assertGiven(service, given, asker, app)
    const row = earlier ? await app.acts.rows.beginAgain(earlier, service, request.id) : await begin(asker)
    if (row) {
      request.audit.submission = row.id
      return show(request, reply, await perform(app.acts, service, row, asker, given), true)
    }
    // A request with the same key was faster; it is sending, or has sent.
    const winner = await app.acts.rows.find(keyed)
    if (!winner) throw new HubError('HUB_STORE_UNAVAILABLE')
    return show(request, reply, { row: winner, contact: null }, true)

    function begin(asker: Asker): Promise<ActRow | null> {
      return app.acts.rows.begin({
        ...keyed,
        account: asker.account?.externalId ?? null,
        traceId: request.id,
        faceVerification: faceToSpend(caller),
      })
    }
  })

  const following = {
    ...described,
    operationId: `${service.key}.status`,
    summary: `${contract.name}：办理结果`,
    params: part.input({ id: part.id('办理编号（中枢）') }, ['id']),
    response: { 200: answer, default: problemSchema },
  }
  typed(app).get(`${path}/:id`, { ...options, schema: following }, async (request, reply) => {
    const { id } = request.params
    const row = await app.acts.rows.read(await admitted(app, request, service), service, id)
    if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这次办理。' })
    return show(request, reply, await lookAt(row), false)
  })

  function lookAt(row: ActRow): Promise<Outcome> {
    return clearUp(app.acts, service, row, () => app.users.asker(row.user_id, row.enterprise_id, service.key))
  }

  /** `told`: in answer to the command itself, whose refusal is the agency's and whose doubt is a 202. */
  function show(request: FastifyRequest, reply: FastifyReply, { row, contact }: Outcome, told: boolean) {
    request.audit.submission = row.id
    request.audit.enterprise = row.enterprise_id
    if (contact) Object.assign(request.audit, { ...contact, upstreamMs: Math.round(contact.upstreamMs * 10) / 10 })
    if (told && row.state === 'refused') throw new HubError('HUB_UPSTREAM_REFUSED', { agency: agencyOf(connector, contract) })
    const found = answerOf(app.vault, row)
    request.audit.fields = found ? service.fieldNames : []
    request.audit.rows = found ? 1 : 0
    const statusUrl = `${path}/${row.id}`
    if (told && row.state !== 'done') reply.code(202).header('location', statusUrl).header('retry-after', ASK_AGAIN_S)
    const { title: stateName, to } = actStates[row.state]
    const shown = Object.fromEntries(service.fieldNames.map((name) => [name, found?.[name] ?? null]))
    return {
      data: { id: row.id, state: row.state, stateName, final: to.length === 0, statusUrl, ...service.mask(shown) },
      meta: { asOf: beijing(Number(row.updated_at)), traceId: request.id },
    }
  }
}

/** Members of an answer that are the hub's own. */
export const OWN_MEMBERS = ['id', 'state', 'stateName', 'final', 'statusUrl'] as const

const bindingQuery = part.input({ binding: bindingSchema })
/** Where a user has one account at most, or none matters, there is nothing to choose. */
const nothing = Type.Unsafe<{ binding?: string }>({ type: 'object', properties: {} })

/** Until the agency has spoken, even what it will always say is still unknown. */
function answerSchema({ contract }: CompiledService): TSchema {
  const own = {
    id: part.text('办理编号（中枢）'),
    state: part.text('状态', { enum: allActStates }),
    stateName: part.text('状态名称'),
    final: part.flag('是否已有结果'),
    statusUrl: part.text('结果查询地址'),
  }
  const fields = Object.entries(contract.fields).map(([name, { schema }]) => {
    const { type } = schema as { type?: string | string[] }
    return [name, Type.Unsafe({ ...schema, type: [...new Set([type, 'null'].flat())] })]
  })
  const meta = part.row({ asOf: part.moment('数据时间'), traceId: part.text('追踪号') })
  return Type.Unsafe({
    type: 'object',
    properties: { data: part.row({ ...own, ...Object.fromEntries(fields) }), meta },
    required: ['data', 'meta'],
  })
}
