import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { recognise } from '../../access/authorise.ts'
import { requireFace } from '../../face/require.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { bindingSchema } from '../../openapi/query-schema.ts'
import { callerOf, pathId, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { idempotencyHeaders, inputsBody, serviceOptions } from '../../route-kit/service-route.ts'
import { admitted } from '../admitted.ts'
import { assertGiven } from '../given.ts'
import { askBill } from './bill.ts'
import { orderPageRoute } from './page-route.ts'
import { payOrder } from './paying.ts'
import type { OrderRow } from './rows.ts'
import { answerSchema, listSchema, viewOf } from './views.ts'

const EXPIRES_S = 900

/**
 * `POST /v1/<connector>/<service>` makes an order of a bill as it is now, `POST …/<id>/pay` brings the citizen to a channel,
 * `POST …/<id>/page` hands it over to a page, `POST …/<id>/close` gives it up; `GET` lists one's own, `GET …/<id>` says how one stands.
 */
export function orderRoutes(app: FastifyInstance, service: CompiledService): void {
  const { connector, contract } = service
  const policy = contract.order
  if (!policy) throw new Error(`${service.key} has no order policy`)
  const path = `/v1/${connector.id}/${contract.id}`
  const { schema: described, ...options } = serviceOptions(app, service)
  const answer = answerSchema(service)
  const { rows } = app.orders

  const making = {
    ...described,
    headers: idempotencyHeaders,
    body: inputsBody(service),
    querystring: service.needsAccount ? part.input({ binding: bindingSchema }) : noQuery,
    response: { 201: answer, default: problemSchema },
  }
  typed(app).post(path, { ...options, schema: making }, async (request, reply) => {
    const caller = callerOf(request)
    const verified = await recognise(service, caller, app.users)
    const by = await admitted(app, request, service, verified)
    const input = request.body ?? {}
    const { binding } = request.query
    const keyed = {
      service,
      by,
      idempotencyKey: String(request.headers['idempotency-key'] ?? ''),
      input: { input, binding: binding ?? null },
    }
    const row = (await rows.find(keyed)) ?? (await make()) ?? (await rows.find(keyed))
    if (!row) throw new HubError('HUB_STORE_UNAVAILABLE')
    reply.code(201).header('location', `${path}/${row.id}`)
    return show(request, row)

    async function make(): Promise<OrderRow | null> {
      app.calendar.assertOpen(service, true)
      await requireFace(contract.face, service.key, caller)
      const asker = service.needsAccount ? await app.accounts.withAccount(service, verified, binding) : verified
      await assertGiven(service, input, asker, app)
      const bill = await askBill(service, policy as NonNullable<typeof policy>, input, asker, app)
      const expiresAt = rows.now() + (policy?.expiresSeconds ?? EXPIRES_S) * 1000
      return rows.begin({ ...keyed, bill, account: asker.account?.externalId ?? null, traceId: request.id, expiresAt })
    }
  })

  const paying = {
    ...described,
    operationId: `${service.key}.pay`,
    summary: `${contract.name}：支付`,
    params: idSchema,
    body: paymentBody,
    response: { 200: invocationSchema, default: problemSchema },
  }
  typed(app).post(`${path}/:id/pay`, { ...options, schema: paying }, async (request) => {
    const { channel, way, payerId } = request.body
    const verified = await recognise(service, callerOf(request), app.users)
    const row = await own(request, verified)
    const invocation = await payOrder(app, service, row, verified, { channel, way, payerId, clientIp: request.ip })
    return { data: invocation, meta: { asOf: beijing(rows.now()), traceId: request.id } }
  })

  const closing = {
    ...described,
    operationId: `${service.key}.close`,
    summary: `${contract.name}：关闭订单`,
    params: idSchema,
    response: { 200: answer, default: problemSchema },
  }
  typed(app).post(`${path}/:id/close`, { ...options, schema: closing }, async (request) =>
    show(request, await app.orders.close(await own(request))),
  )

  const listing = {
    ...described,
    operationId: `${service.key}.list`,
    summary: `${contract.name}：我的订单`,
    querystring: part.input(paging),
    response: { 200: listSchema(service), default: problemSchema },
  }
  typed(app).get(path, { ...options, schema: listing }, async (request) => {
    const { page, pageSize } = request.query
    const { rows: found, total } = await rows.list(await admitted(app, request, service), service, { page, pageSize })
    note(request, found.length)
    return {
      data: found.map((row) => viewOf(service, app.vault, row)),
      meta: { asOf: beijing(rows.now()), traceId: request.id, page: { number: page, size: pageSize, total } },
    }
  })

  const following = {
    ...described,
    operationId: `${service.key}.status`,
    summary: `${contract.name}：订单详情`,
    params: idSchema,
    response: { 200: answer, default: problemSchema },
  }
  typed(app).get(`${path}/:id`, { ...options, schema: following }, async (request) => show(request, await own(request)))

  orderPageRoute(app, service, path)

  async function own(request: FastifyRequest, asker?: Asker): Promise<OrderRow> {
    const row = await rows.read(await admitted(app, request, service, asker), service, pathId(request, 'id'))
    if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这个订单。' })
    request.audit.submission = row.id
    return row
  }

  async function show(request: FastifyRequest, row: OrderRow) {
    request.audit.submission = row.id
    note(request, 1)
    return {
      data: viewOf(service, app.vault, row, await rows.events(row.id)),
      meta: { asOf: beijing(row.updated_at), traceId: request.id },
    }
  }

  function note(request: FastifyRequest, count: number): void {
    request.audit.fields = count === 0 ? [] : service.fieldNames
    request.audit.rows = count
  }
}

const idSchema = part.input({ id: part.id('订单编号（中枢）') }, ['id'])
/** Where a user has one account at most, or none matters, there is nothing to choose. */
const noQuery = Type.Unsafe<{ binding?: string }>({ type: 'object', properties: {} })
const paymentBody = part.input(
  {
    channel: part.choice('支付方式', { wechat: '微信支付', alipay: '支付宝' }),
    way: part.choice('打开方式', { h5: '浏览器', app: '我的许昌', jsapi: '微信内', 'mini-program': '小程序' }),
    payerId: part.text('支付者在该渠道的编号（微信内、小程序）', { minLength: 1, maxLength: 128 }),
  },
  ['channel', 'way'],
)
const invocationSchema = Type.Unsafe<object>({
  type: 'object',
  properties: {
    data: {
      type: 'object',
      properties: {
        kind: { type: 'string', enum: ['redirect', 'invoke'], title: '打开方式：转到地址，或以参数调起' },
        url: { type: 'string', title: '地址' },
        parameters: { type: 'object', additionalProperties: { type: 'string' }, title: '调起参数' },
      },
      required: ['kind'],
    },
    meta: { type: 'object', properties: { asOf: { type: 'string' }, traceId: { type: 'string' } } },
  },
  required: ['data', 'meta'],
})
