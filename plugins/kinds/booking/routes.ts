import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { recognise } from '../../access/authorise.ts'
import { requireFace } from '../../face/require.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { idempotencyHeaders, inputsBody, serviceOptions } from '../../route-kit/service-route.ts'
import { admitted } from '../admitted.ts'
import { assertGiven } from '../given.ts'
import { policyOf, type Taker } from './agency.ts'
import { deedRoutes } from './deed-routes.ts'
import { assertAccompanied, assertBookable } from './rules.ts'
import { detailOf, note, show, views } from './shown.ts'
import { answerSchema, listSchema } from './views.ts'
import { comersOf } from './visitors.ts'
import { offerOf } from './when.ts'

/** A service of the kind: one that takes bookings, or one that does something with them. */
export function bookingRoutes(app: FastifyInstance, service: CompiledService): void {
  const policy = policyOf(service)
  if (policy) takerRoutes(app, { service, policy })
  else deedRoutes(app, service)
}

/** `POST /v1/<connector>/<service>` books, `GET` lists one's own, `GET …/<id>` says how one stands. */
function takerRoutes(app: FastifyInstance, taker: Taker): void {
  const { service, policy } = taker
  const { connector, contract } = service
  const path = `/v1/${connector.id}/${contract.id}`
  const { schema: described, ...options } = serviceOptions(app, service)
  const answer = answerSchema(service)
  const { rows, deeds } = app.bookings

  const booking = {
    ...described,
    headers: idempotencyHeaders,
    body: inputsBody(service),
    response: { 201: answer, 202: answer, default: problemSchema },
  }
  typed(app).post(path, { ...options, schema: booking }, async (request, reply) => {
    const caller = callerOf(request)
    const verified = await recognise(service, caller, app.users)
    const by = await admitted(app, request, service, verified)
    const input = request.body ?? {}
    const keyed = { service, by, idempotencyKey: String(request.headers['idempotency-key'] ?? ''), input }
    const earlier = await rows.find(keyed)
    if (earlier) return show(app, taker, request, reply, earlier)
    app.calendar.assertOpen(service, true)
    await requireFace(contract.face, service.key, caller)
    await assertGiven(service, input, verified, app)
    const offer = await offerOf(service, policy, input, verified, app)
    const named = [input[policy.visitors?.input ?? ''] ?? []].flat().length
    const people = policy.visitors ? named : policy.people === undefined ? 1 : Number(input[policy.people])
    assertBookable(policy.rules, offer, people, rows.now())
    const comers = await comersOf(service, policy, input, offer.startsAt, verified, app)
    assertAccompanied(
      policy.rules,
      comers.map(({ age }) => age),
    )
    if (new Set(comers.map(({ hash }) => hash)).size < comers.length) throw new HubError('HUB_BOOKING_VISITOR')
    const visitors = comers.map(({ hash, name, idNumber }) => ({ hash, name, idNumber }))
    const row = await rows.begin({ ...keyed, policy, when: offer, people, visitors, traceId: request.id })
    // A request with the same key was faster.
    const found = row ? await deeds.drive(row.id) : await rows.find(keyed)
    if (!found) throw new HubError('HUB_STORE_UNAVAILABLE')
    return show(app, taker, request, reply, found)
  })

  const listing = {
    ...described,
    operationId: `${service.key}.list`,
    summary: `${contract.name}：我的预约`,
    querystring: part.input(paging),
    response: { 200: listSchema(service), default: problemSchema },
  }
  typed(app).get(path, { ...options, schema: listing }, async (request) => {
    const { page, pageSize } = request.query
    const { rows: found, total } = await rows.list(await admitted(app, request, service), service, { page, pageSize })
    note(request, service, found.length)
    const data = await views(app, taker, found)
    return { data, meta: { asOf: beijing(rows.now()), traceId: request.id, page: { number: page, size: pageSize, total } } }
  })

  const following = {
    ...described,
    operationId: `${service.key}.status`,
    summary: `${contract.name}：预约详情`,
    params: part.input({ id: part.id('预约编号（中枢）') }, ['id']),
    response: { 200: answer, default: problemSchema },
  }
  typed(app).get(`${path}/:id`, { ...options, schema: following }, async (request) => {
    const row = await rows.read(await admitted(app, request, service), service, request.params.id)
    if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这次预约。' })
    return detailOf(app, taker, request, row)
  })
}
