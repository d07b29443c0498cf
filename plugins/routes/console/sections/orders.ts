import type { ConsolePage, Form, Tone } from '../../../console/blocks.ts'
import { choices, first, follow, link, momentOf, pager, pathOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Section, Visit } from '../../../console/section.ts'
import { causeTitle } from '../../../kinds/order/causes.ts'
import { type RefundState, refundStates } from '../../../kinds/order/refunds.ts'
import { allOrderStates, type OrderState, orderStates } from '../../../kinds/order/states.ts'
import { channelNames } from '../../../payments/merchants.ts'
import { reconciliationPages } from './reconciliations.ts'

interface Order {
  id: string
  number: string
  connector: string
  service: string
  userId: string
  state: OrderState
  stateName: string
  amount: string
  channel: string | null
  transactionId: string | null
  createdAt: string
  paidAt: string | null
  writtenOffAt: string | null
  lastError: string | null
}

interface Whole extends Order {
  history: { from: string | null; to: string; cause: string; at: string }[]
  refund: { number: string; amount: string; state: RefundState; cause: string } | null
  notices: { channel: string; verdict: string; at: string }[]
}

const PATH = '/console/orders'
const titles = Object.fromEntries(allOrderStates.map((state) => [state, orderStates[state].title]))
const channels: Readonly<Record<string, string>> = channelNames
const verdicts: Readonly<Record<string, string>> = { taken: '已采信，随即向渠道查询', refused: '未采信' }
const outcomes = { paid: '已支付，重新销账', 'written-off': '公司已销账', closed: '没有支付，关闭' }
const toneOf = (state: OrderState): Tone =>
  state === 'exception' ? 'bad' : state === 'settled' || state === 'written-off' ? 'good' : state === 'refunding' ? 'note' : 'plain'

/** Orders of all citizens, those that a person has to judge, and what takes two administrators. */
export const orders: Section = {
  path: PATH,
  title: '订单与异常',
  permission: 'orders.read',
  routes(desk) {
    desk.page('/orders', list)
    desk.page('/orders/:id', one)
    reconciliationPages(desk)
    for (const deed of ['refund', 'resolve'] as const)
      desk.act(`/orders/:id/${deed}`, 'orders.change', async (visit, typed) => {
        const body = { purpose: first(typed, 'purpose'), ...(deed === 'resolve' ? { outcome: first(typed, 'outcome') } : {}) }
        const answer = await visit.ask({ method: 'POST', path: pathOf`/admin/orders/${visit.part('id')}/${deed}`, body })
        return follow(answer, '已办理。', () => one(visit))
      })
  },
}

async function list({ get, given, query }: Visit): Promise<ConsolePage> {
  const narrowed = given('state', 'connector', 'number', 'channel', 'from', 'to')
  const times = Object.fromEntries((['from', 'to'] as const).flatMap((name) => (narrowed[name] ? [[name, momentOf(narrowed[name])]] : [])))
  const { data, meta } = await get<Order[]>(withQuery('/admin/orders', { ...narrowed, ...times, ...given('page') }))
  const text = (name: string, label: string, maxLength: number) => ({ name, label, type: 'text', value: query(name), maxLength }) as const
  return {
    title: '订单与异常',
    blocks: [
      {
        kind: 'filters',
        action: PATH,
        fields: [
          { name: 'state', label: '状态', type: 'choice', value: query('state'), options: choices(titles, '所有') },
          text('connector', '系统', 64),
          text('number', '订单号', 32),
          { name: 'channel', label: '支付方式', type: 'choice', value: query('channel'), options: choices(channelNames, '所有') },
          { name: 'from', label: '下单时间从', type: 'moment', value: query('from') },
          { name: 'to', label: '到', type: 'moment', value: query('to') },
        ],
      },
      {
        kind: 'links',
        links: [
          { text: '只看须人工核实的', href: withQuery(PATH, { state: 'exception' }) },
          { text: '对账', href: '/console/reconciliations' },
        ],
      },
      {
        kind: 'table',
        caption: '订单',
        columns: ['订单号', '系统和服务', '金额（元）', '状态', '下单时间', '最近的原因'],
        rows: data.map(({ id, number, connector, service, amount, state, stateName, createdAt, lastError }) => [
          link(number, `${PATH}/${id}`),
          `${connector}.${service}`,
          amount,
          { text: stateName, tone: toneOf(state) },
          readable(createdAt),
          lastError,
        ]),
        empty: '没有订单。',
      },
      pager(PATH, meta.page, narrowed),
    ],
  }
}

async function one({ get, part, may }: Visit): Promise<ConsolePage> {
  const { data } = await get<Whole>(pathOf`/admin/orders/${part('id')}`)
  const { id, history, refund, notices } = data
  const titleOf = (state: string | null) => (state === null ? null : (titles[state] ?? state))
  const channelOf = (channel: string | null) => (channel === null ? null : (channels[channel] ?? channel))
  return {
    title: `订单 ${data.number}`,
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['状态', { text: data.stateName, tone: toneOf(data.state) }],
          ['系统和服务', `${data.connector}.${data.service}`],
          ['金额', `${data.amount} 元`],
          ['付款人', data.userId],
          ['支付方式', channelOf(data.channel)],
          ['渠道流水号', data.transactionId],
          ['下单、支付、销账', [data.createdAt, data.paidAt, data.writtenOffAt].map(readable).join('，')],
          ['最近的原因', data.lastError],
          ...(refund
            ? [['退款', `${refund.number}：${refund.amount} 元，${refundStates[refund.state]}，${causeTitle(refund.cause)}`] as const]
            : []),
        ],
      },
      ...(may('orders.change') ? [refundForm(id), ...(data.state === 'exception' ? [resolveForm(id)] : [])] : []),
      {
        kind: 'table',
        caption: '经过',
        columns: ['时间', '从', '到', '原因'],
        rows: history.map(({ from, to, cause, at }) => [readable(at), titleOf(from), titleOf(to), causeTitle(cause)]),
        empty: '没有经过。',
      },
      {
        kind: 'table',
        caption: '渠道的通知',
        columns: ['时间', '渠道', '采信与否'],
        rows: notices.map(({ channel, verdict, at }) => [readable(at), channelOf(channel), verdicts[verdict] ?? verdict]),
        empty: '没有通知。',
      },
      { kind: 'links', links: [{ text: '回到订单', href: PATH }] },
    ],
  }
}

const refundForm = (id: string): Form => ({
  ...{ kind: 'form', action: `${PATH}/${id}/refund`, title: '全额退款', button: '提出退款', tone: 'bad', folded: true },
  fields: [{ ...purposeField, hint: '须由另一位管理员确认' }],
})

const resolveForm = (id: string): Form => ({
  ...{ kind: 'form', action: `${PATH}/${id}/resolve`, title: '核实的结果', button: '提出' },
  fields: [
    { name: 'outcome', label: '结果', type: 'choice', required: true, options: choices(outcomes) },
    { ...purposeField, hint: '须由另一位管理员确认' },
  ],
})
