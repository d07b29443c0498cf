import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { OrderRow } from '../../kinds/order/rows.ts'
import { allOrderStates, type OrderState, orderStates } from '../../kinds/order/states.ts'
import { yuanOf } from '../../payments/fen.ts'
import { channelNames } from '../../payments/merchants.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { ask, asked } from './requests.ts'
import { adminRoute } from './route.ts'

const states = Object.fromEntries(allOrderStates.map((state) => [state, orderStates[state].title])) as Record<OrderState, string>
const orderFields = {
  id: part.text('订单编号（中枢）'),
  number: part.text('订单号'),
  connector: part.text('系统'),
  service: part.text('服务'),
  userId: part.text('付款人'),
  state: part.choice('状态', states),
  stateName: part.text('状态名称'),
  amount: part.text('金额（元）'),
  channel: part.maybe('支付方式'),
  transactionId: part.maybe('支付渠道的流水号'),
  createdAt: part.moment('下单时间'),
  paidAt: part.maybe('支付时间'),
  writtenOffAt: part.maybe('销账时间'),
  lastError: part.maybe('最近一次没有办成的原因'),
}
const order = part.row(orderFields)
const event = part.row({ from: part.maybe('原状态'), to: part.text('状态'), cause: part.text('原因'), at: part.moment('时间') })
const notice = part.row({ channel: part.text('渠道'), verdict: part.text('采信与否'), at: part.moment('时间') })
const refund = part.maybeRow('退款', {
  number: part.text('退款单号'),
  amount: part.text('金额（元）'),
  state: part.text('状态'),
  cause: part.text('原因'),
})
const whole = part.row({ ...orderFields, history: part.list('经过', event), refund, notices: part.list('渠道的通知', notice) })
const orderId = part.input({ id: part.id('订单编号') }, ['id'])

/** Orders of all citizens: finding one, and what takes two administrators (docs/payments.md). */
export function orderRoutes(app: FastifyInstance): void {
  const filter = part.input({
    connector: part.text('系统', { maxLength: 64 }),
    number: part.text('订单号', { maxLength: 32 }),
    account: part.text('户号（须同时给出系统）', { maxLength: 64 }),
    user: part.id('付款人'),
    state: part.choice('状态', states),
    channel: part.choice('支付方式', channelNames),
    from: part.moment('下单时间从'),
    to: part.moment('下单时间到'),
    ...paging,
  })
  typed(app).get(
    '/admin/orders',
    adminRoute(app, {
      key: 'orders.list',
      summary: '订单列表；state=exception 为须人工核实的订单',
      permission: 'orders.read',
      schema: { querystring: filter, response: { 200: answerOf(part.list('订单', order)) } },
    }),
    async (request) => {
      const { from, to, ...query } = request.query
      if (query.account !== undefined && query.connector === undefined) throw invalid('/query/connector', '按户号查询须给出系统')
      if (from !== undefined && to !== undefined && Date.parse(from) > Date.parse(to)) throw invalid('/query/from', '须先起后止')
      const span = { ...(from === undefined ? {} : { from: Date.parse(from) }), ...(to === undefined ? {} : { to: Date.parse(to) }) }
      const { rows, total } = await app.orders.staff.find({ ...query, ...span })
      return answer(request, rows.map(present), { number: query.page, size: query.pageSize, total })
    },
  )

  typed(app).get(
    '/admin/orders/:id',
    adminRoute(app, {
      key: 'orders.read',
      summary: '订单、经过、退款与渠道的通知',
      permission: 'orders.read',
      schema: { params: orderId, response: { 200: answerOf(whole) } },
    }),
    async (request) => {
      const found = await read(request, request.params.id)
      const events = await app.orders.rows.events(found.order.id)
      return answer(request, {
        ...present(found.order),
        history: events.map(({ from_state, to_state, cause, at }) => ({ from: from_state, to: to_state, cause, at: beijing(at) })),
        refund: found.refund && { ...found.refund, amount: yuanOf(found.refund.amount_fen) },
        notices: found.notices.map(({ channel, verdict, at }) => ({ channel, verdict, at: beijing(at) })),
      })
    },
  )

  typed(app).post(
    '/admin/orders/:id/refund',
    adminRoute(app, {
      key: 'orders.refund',
      summary: '全额退款（须由另一位管理员确认）',
      permission: 'orders.change',
      schema: { params: orderId, body: part.input({ purpose }, ['purpose']), response: asked },
    }),
    async (request, reply) => {
      const { order: row } = await read(request, request.params.id)
      return ask(app, request, reply, 'orders.refund', {
        orderId: row.id,
        userId: row.user_id,
        number: row.number,
        amount: yuanOf(row.amount_fen),
      })
    },
  )

  const outcome = part.choice('核实的结果', { paid: '已支付，重新销账', 'written-off': '公司已销账', closed: '没有支付，关闭' })
  typed(app).post(
    '/admin/orders/:id/resolve',
    adminRoute(app, {
      key: 'orders.resolve',
      summary: '核实须人工处理的订单（须由另一位管理员确认）',
      permission: 'orders.change',
      schema: { params: orderId, body: part.input({ outcome, purpose }, ['outcome', 'purpose']), response: asked },
    }),
    async (request, reply) => {
      const { order: row } = await read(request, request.params.id)
      return ask(app, request, reply, 'orders.resolve', {
        orderId: row.id,
        userId: row.user_id,
        number: row.number,
        outcome: request.body.outcome,
      })
    },
  )

  async function read(request: FastifyRequest, id: string) {
    request.audit.target = id
    const found = await app.orders.staff.read(id)
    if (!found) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这个订单。' })
    return found
  }
}

function present(row: OrderRow) {
  const time = (at: number | null) => (at === null ? null : beijing(at))
  return {
    id: row.id,
    number: row.number,
    connector: row.connector,
    service: row.service,
    userId: row.user_id,
    state: row.state,
    stateName: orderStates[row.state].title,
    amount: yuanOf(row.amount_fen),
    channel: row.channel,
    transactionId: row.transaction_id,
    createdAt: beijing(row.created_at),
    paidAt: time(row.paid_at),
    writtenOffAt: time(row.written_off_at),
    lastError: row.last_error,
  }
}

function invalid(pointer: string, detail: string): HubError {
  return new HubError('HUB_VALIDATION', { errors: [{ pointer, detail }] })
}
