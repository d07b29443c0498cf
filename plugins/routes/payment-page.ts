import formbody from '@fastify/formbody'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError, type Problem } from '../../core/base/errors.ts'
import { isSameText } from '../../core/base/hmac.ts'
import { orderVisits, pagePath, resultPath } from '../kinds/order/page-path.ts'
import { payOrder } from '../kinds/order/paying.ts'
import type { OrderRow } from '../kinds/order/rows.ts'
import type { ChannelId } from '../payments/channel.ts'
import { channelNames } from '../payments/merchants.ts'
import { pathPart, typed } from '../route-kit/kit.ts'
import type { Visit } from '../sign-on/visits.ts'
import { pseudonymOf } from '../users/users.ts'
import { sendPage, servePages } from '../web/answer.ts'
import { problemPage, wayOn } from '../web/parts.ts'
import { channelsOf, clock, shownOrder } from './portal/payment-order.ts'
import { billPage, leavingPage, resultPage, strangerPage, usedCodePage } from './portal/payment-page.ts'

/** The channels want to know from whose site the citizen comes; they need not know from which page. */
const REFERRER = 'origin'

/**
 * `/pay/…`: an order is paid in a browser (docs/payments.md). The app hands the order over for a minute, the browser that opens it
 * gets a cookie for this one order, and pages without script do the rest.
 */
export default fp(
  async (app) => {
    await app.register(async (scope) => {
      servePages(scope, drawProblem, { always: true, audit: { due: true, service: 'payment-page', purpose: '支付页面' } })
      await scope.register(formbody, { bodyLimit: 1024 })
      // Many citizens share the address of a mobile network, so this holds back only a flood.
      const preHandler = scope.limitRate({ key: 'payment-page', rate: { max: 3000, perSeconds: 60 } })
      const options = { exposeHeadRoute: false, preHandler }

      typed(scope).get('/pay/open', { ...options, schema: openSchema }, async (request, reply) => {
        const visit = await app.visits.open(reply, orderVisits, request.query.code)
        if (!visit) return sendPage(reply.code(410), usedCodePage())
        request.audit.user = pseudonymOf(app.vault, visit.userId)
        return reply.redirect(pagePath(visit.about), 303)
      })

      typed(scope).get('/pay/:number', { ...options, schema: pageSchema }, async (request, reply) => {
        const here = await visited(request)
        if (!here) return sendPage(reply.code(403), strangerPage())
        const { row, visit } = here
        if (!isPayable(row)) return reply.redirect(resultPath(row.number), 303)
        return sendPage(reply, billPage(shownOrder(app, row), channelsOf(app, row), sealOf(visit, row), row.channel))
      })

      typed(scope).post('/pay/:number', { ...options, schema: paySchema }, async (request, reply) => {
        const here = await visited(request)
        if (!here || !isSameText(request.body.seal, sealOf(here.visit, here.row))) return sendPage(reply.code(403), strangerPage())
        const { row } = here
        const { do: choice } = request.body
        try {
          if (choice !== 'close') return await leave(request, reply, row, choice)
          await app.orders.close(row)
        } catch (error) {
          const now = await app.orders.rows.byNumber(row.number)
          if (!(error instanceof HubError) || !now) throw error
          // Pressed twice, the first press has brought the order to its channel: the second leads there too.
          if (isPayable(now) && now.state !== row.state && choice !== 'close') return leave(request, reply, now, choice)
          // What became of the order in the meantime says more than why it cannot be paid.
          if (isPayable(now)) throw error
          request.audit.outcome = error.code
        }
        return reply.redirect(resultPath(row.number), 303)
      })

      // The channels bring parameters along, which anybody can write: only the order's state counts.
      typed(scope).get('/pay/:number/result', { ...options, schema: resultSchema }, async (request, reply) => {
        const here = await visited(request)
        if (!here) return sendPage(reply.code(403), strangerPage())
        const { row } = here
        if (row.state === 'created' && isPayable(row)) return reply.redirect(pagePath(row.number), 303)
        if (row.state === 'paying') await app.orders.hurry(row.number)
        const cause = (await app.orders.rows.events(row.id)).at(-1)?.cause ?? null
        const { html, policy } = resultPage({
          ...shownOrder(app, row),
          state: row.state === 'created' ? 'closed' : row.state,
          channel: row.channel && channelNames[row.channel],
          paidAt: clock(row.paid_at),
          writtenOffAt: clock(row.written_off_at),
          cause: row.state === 'created' ? 'expired' : cause,
        })
        return sendPage(reply, html, policy)
      })

      // Asked every other second while somebody waits; the page that shows the answer is on record.
      typed(scope).get('/pay/:number/state', { ...options, schema: stateSchema }, async (request, reply) => {
        request.audit.due = false
        const here = await visited(request)
        return here ? { state: here.row.state } : reply.code(401).send({ state: null })
      })
    })

    /** The order that this browser was let in for, and no other. */
    async function visited(request: FastifyRequest<{ Params: { number: string } }>): Promise<{ row: OrderRow; visit: Visit } | null> {
      const visit = await app.visits.read(request, orderVisits)
      if (visit?.about !== request.params.number) return null
      const row = await app.orders.rows.byNumber(request.params.number)
      if (row?.user_id !== visit.userId) return null
      Object.assign(request.audit, { user: pseudonymOf(app.vault, row.user_id), submission: row.id, connector: row.connector })
      return { row, visit }
    }

    const isPayable = ({ state, expires_at }: OrderRow) => (state === 'created' || state === 'paying') && app.orders.rows.now() < expires_at

    /** Ties a form to its visit and to the amount that was shown. */
    const sealOf = ({ key }: Visit, { number, amount_fen }: OrderRow) =>
      app.vault.fingerprint(JSON.stringify([key, number, amount_fen]), 'orders.page')

    async function leave(request: FastifyRequest, reply: FastifyReply, row: OrderRow, channel: ChannelId): Promise<FastifyReply> {
      const service = app.services.get(`${row.connector}.${row.service}`)
      if (!service) throw new HubError('HUB_SERVICE_NOT_OPEN')
      const { kind } = await app.users.byId(row.user_id)
      if (!(await app.users.access.opens(service.key, kind))) throw new HubError('HUB_SERVICE_NOT_OPEN')
      const asker = await app.users.asker(row.user_id, row.enterprise_id, service.key)
      const invocation = await payOrder(app, service, row, asker, { channel, way: 'h5', clientIp: request.ip })
      if (invocation.kind !== 'redirect') throw new HubError('HUB_PAYMENT_CHANNEL')
      return sendPage(reply.header('referrer-policy', REFERRER), leavingPage(channelNames[channel], invocation.url))
    }
  },
  { name: 'payment-page', dependencies: ['orders', 'sign-on', 'auth', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'] },
)

function drawProblem(problem: Problem, request: FastifyRequest): string {
  const number = pathPart(request, 'number')
  return problemPage(problem, /^\d+$/.test(number) ? wayOn(pagePath(number), '返回账单') : '')
}

const params = Type.Object({ number: Type.String({ pattern: '^\\d{26}$' }) })
const openSchema = { hide: true, querystring: Type.Object({ code: Type.String({ minLength: 1, maxLength: 64 }) }) }
const pageSchema = { hide: true, params }
const resultSchema = { hide: true, params }
const stateSchema = { hide: true, params }
const paySchema = {
  hide: true,
  params,
  body: Type.Object(
    { seal: Type.String({ maxLength: 64 }), do: Type.Enum(['wechat', 'alipay', 'close']) },
    { additionalProperties: false },
  ),
}
