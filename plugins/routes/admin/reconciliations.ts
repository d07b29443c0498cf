import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { contentDisposition } from '../../files/name.ts'
import type { DifferenceRow } from '../../kinds/order/reconciliation/difference-rows.ts'
import { differenceKinds, differenceStates } from '../../kinds/order/reconciliation/kinds-of-difference.ts'
import type { ReconciliationRow } from '../../kinds/order/reconciliation/rows.ts'
import { sheetsOf } from '../../kinds/order/reconciliation/sheets.ts'
import { allReconciliationStates, type ReconciliationState, reconciliationStates } from '../../kinds/order/reconciliation/states.ts'
import { orderStates } from '../../kinds/order/states.ts'
import { MEDIA_TYPES } from '../../openapi/negotiation.ts'
import { yuanOf } from '../../payments/fen.ts'
import { channelNames } from '../../payments/merchants.ts'
import { answer, answerOf, callerOf, purposeOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { ask, asked } from './requests.ts'
import { adminRoute } from './route.ts'

const states = Object.fromEntries(allReconciliationStates.map((state) => [state, reconciliationStates[state].title])) as Record<
  ReconciliationState,
  string
>
const whole = (title: string) => Type.Unsafe<number>({ type: 'integer', title })
const fen = (title: string) => Type.Unsafe<number | null>({ type: ['integer', 'null'], title: `${title}（分）` })
const sums = part.maybeRow('笔数与金额；一致时：渠道 = 中枢 = 公司 + 退回', {
  channelCount: whole('渠道收款笔数'),
  channelFen: whole('渠道收款（分）'),
  hubCount: whole('中枢入账笔数'),
  hubFen: whole('中枢入账（分）'),
  companyCount: whole('公司销账笔数'),
  companyFen: whole('公司销账（分）'),
  returnedCount: whole('其中已退或正在退的笔数'),
  returnedFen: whole('其中已退或正在退（分）'),
  channelRefundCount: whole('当日渠道退款笔数'),
  channelRefundFen: whole('当日渠道退款（分）'),
  hubRefundCount: whole('当日中枢退款笔数'),
  hubRefundFen: whole('当日中枢退款（分）'),
})
const dayFields = {
  id: part.text('对账编号'),
  connector: part.text('系统'),
  channel: part.choice('支付渠道', channelNames),
  channelName: part.text('支付渠道名称'),
  day: part.text('日期'),
  state: part.choice('状态', states),
  stateName: part.text('状态名称'),
  sums,
  settled: whole('三方一致的订单'),
  differing: whole('未处理的差异'),
  runs: whole('对账次数'),
  lastError: part.maybe('最近一次没有对成的原因'),
  dueAt: part.maybe('下次对账时间'),
  endedAt: part.maybe('最近一次对账时间'),
}
const difference = part.row({
  id: part.text('差异编号'),
  kind: part.choice('差异', differenceKinds),
  kindName: part.text('差异名称'),
  reference: part.text('单号'),
  orderNumber: part.maybe('订单号'),
  orderId: part.maybe('订单编号（中枢）'),
  transactionId: part.maybe('渠道流水号'),
  channelFen: fen('渠道'),
  hubFen: fen('中枢'),
  companyFen: fen('公司'),
  orderState: part.maybe('对账时的订单状态'),
  state: part.choice('处理', differenceStates),
  stateName: part.text('处理名称'),
  resolvedBy: part.maybe('处理的管理员'),
  reason: part.maybe('事由'),
  resolvedAt: part.maybe('处理时间'),
  foundAt: part.moment('发现时间'),
})
const day = (title: string) => part.text(title, { format: 'date' })

/** What three ledgers say of a day, where they differ, and who settled it (docs/payments.md). */
export function reconciliationRoutes(app: FastifyInstance): void {
  const { rows, again } = app.orders.reconciliations
  const filter = part.input({
    connector: part.text('系统', { maxLength: 64 }),
    channel: part.choice('支付渠道', channelNames),
    state: part.choice('状态', states),
    from: day('日期从'),
    to: day('日期到'),
    ...paging,
  })
  typed(app).get(
    '/admin/reconciliations',
    adminRoute(app, {
      key: 'reconciliations.list',
      summary: '每日对账；state=differing 为有差异的日期',
      permission: 'orders.read',
      schema: { querystring: filter, response: { 200: answerOf(part.list('对账', part.row(dayFields))) } },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { rows: found, total } = await rows.list(request.query)
      return answer(request, found.map(present), { number: page, size: pageSize, total })
    },
  )

  const params = part.input({ id: part.id('对账编号') }, ['id'])
  const content = {
    [MEDIA_TYPES.json]: { schema: answerOf(part.row({ ...dayFields, differences: part.list('差异', difference) })) },
    [MEDIA_TYPES.xlsx]: { schema: { title: '汇总与差异的工作簿' } },
  }
  typed(app).get(
    '/admin/reconciliations/:id',
    adminRoute(app, {
      key: 'reconciliations.read',
      summary: '一天的对账：三方的笔数与金额、全部差异；format=xlsx 导出',
      permission: 'orders.read',
      schema: {
        params,
        querystring: part.input({ format: part.choice('格式', { json: 'JSON', xlsx: '工作簿' }) }),
        response: { 200: Type.Unsafe({ description: '对账', content }) },
      },
    }),
    async (request, reply) => {
      const row = await read(request, request.params.id)
      const differences = await rows.differences(row.id)
      const data = { ...present(row), differences: differences.map(presentDifference) }
      if (request.query.format !== 'xlsx') return answer(request, data)
      // The audit says what has left, whatever form it has.
      answer(request, differences)
      return sendWorkbook(request, reply, row, differences)
    },
  )

  typed(app).post(
    '/admin/reconciliations/:id/run',
    adminRoute(app, {
      key: 'reconciliations.run',
      summary: '重新对账',
      permission: 'orders.change',
      schema: {
        params,
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(part.row(dayFields)) },
      },
    }),
    async (request) => {
      request.audit.target = request.params.id
      return answer(request, present(await again(request.params.id)))
    },
  )

  const outcome = part.choice('处理', { explained: '已核实，原因见事由', refund: '订单全额退款（须由另一位管理员确认）' })
  typed(app).post(
    '/admin/reconciliations/:id/differences/:difference/resolve',
    adminRoute(app, {
      key: 'reconciliations.resolve',
      summary: '处理一个差异；退款须由另一位管理员确认',
      permission: 'orders.change',
      schema: {
        params: part.input({ id: part.id('对账编号'), difference: part.id('差异编号') }, ['id', 'difference']),
        body: part.input({ outcome, purpose }, ['outcome', 'purpose']),
        response: { 200: answerOf(difference), ...asked },
      },
    }),
    async (request, reply) => {
      const { id, difference: differenceId } = request.params
      const found = await rows.difference(differenceId)
      request.audit.target = differenceId
      if (found?.reconciliation_id !== id) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这个差异。' })
      const order = found.order_id === null ? null : (await app.orders.staff.read(found.order_id))?.order
      const by = callerOf(request).user.id
      if (request.body.outcome === 'refund') {
        if (!order) throw new HubError('HUB_ORDER_STATE', { detail: '中枢没有这个订单，款项须在支付渠道的商户平台处理。' })
        const { id: orderId, user_id: userId, number } = order
        const payload = { orderId, userId, number, amount: yuanOf(order.amount_fen), differenceId }
        return ask(app, request, reply, 'reconciliations.refund', payload)
      }
      // Nobody judges his own payment.
      if (order?.user_id === by) throw new HubError('HUB_ROLE_REQUIRED', { detail: '不能处理自己的订单，请由另一位管理员操作。' })
      await rows.resolve(app.database, differenceId, { by, reason: purposeOf(request) ?? '' })
      return answer(request, presentDifference({ ...found, ...(await rows.difference(differenceId)) }))
    },
  )

  async function read(request: FastifyRequest, id: string): Promise<ReconciliationRow> {
    request.audit.target = id
    const row = await rows.read(id)
    if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这次对账。' })
    return row
  }

  async function sendWorkbook(request: FastifyRequest, reply: FastifyReply, row: ReconciliationRow, differences: readonly DifferenceRow[]) {
    const place = app.workshop.enter(callerOf(request).user.id, 'HUB_EXPORT_BUSY')
    reply.raw.once('close', place.leave)
    try {
      const sheets = sheetsOf(row, differences)
      const order = { type: 'xlsx' as const, sheets: sheets.map(({ name, head, money }) => ({ name, head, money })) }
      const file = await place.make(
        order,
        sheets.map(({ rows: lines }, sheet) => ({ sheet, rows: lines })),
      )
      const name = `对账-${row.connector}-${row.channel}-${row.day}.xlsx`
      reply.header('content-type', MEDIA_TYPES.xlsx)
      reply.header('content-disposition', contentDisposition(name, 'attachment', 'reconciliation'))
      return reply.send(file)
    } catch (error) {
      place.leave()
      throw error
    }
  }
}

function time(at: number | null): string | null {
  return at === null ? null : beijing(at)
}

function present({ id, connector, channel, day: date, state, sums: counted, settled, differing, runs, ...row }: ReconciliationRow) {
  return {
    id,
    connector,
    channel,
    channelName: channelNames[channel],
    day: date,
    state,
    stateName: states[state],
    sums: counted,
    settled,
    differing,
    runs,
    lastError: row.last_error,
    dueAt: time(row.due_at),
    endedAt: time(row.ended_at),
  }
}

function presentDifference(row: DifferenceRow) {
  return {
    id: row.id,
    kind: row.kind,
    kindName: differenceKinds[row.kind],
    reference: row.reference,
    orderNumber: row.order_number,
    orderId: row.order_id,
    transactionId: row.transaction_id,
    channelFen: row.channel_fen,
    hubFen: row.hub_fen,
    companyFen: row.company_fen,
    orderState: row.hub_state === null ? null : orderStates[row.hub_state].title,
    state: row.state,
    stateName: differenceStates[row.state],
    resolvedBy: row.resolved_by,
    reason: row.reason,
    resolvedAt: time(row.resolved_at),
    foundAt: beijing(row.created_at),
  }
}
