import type { Block, Cell, ConsolePage, Field, Form, Table, Tone } from '../../../console/blocks.ts'
import { choices, first, follow, link, pager, pathOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Desk, Visit } from '../../../console/section.ts'
import type { DifferenceKind, DifferenceState } from '../../../kinds/order/reconciliation/kinds-of-difference.ts'
import { allReconciliationStates, type ReconciliationState, reconciliationStates } from '../../../kinds/order/reconciliation/states.ts'
import { yuanOf } from '../../../payments/fen.ts'
import { channelNames } from '../../../payments/merchants.ts'

interface Day {
  id: string
  connector: string
  channelName: string
  day: string
  state: ReconciliationState
  stateName: string
  sums: Readonly<Record<string, number>> | null
  settled: number
  differing: number
  runs: number
  lastError: string | null
  dueAt: string | null
  endedAt: string | null
}
interface Difference {
  id: string
  kind: DifferenceKind
  kindName: string
  reference: string
  orderNumber: string | null
  orderId: string | null
  channelFen: number | null
  hubFen: number | null
  companyFen: number | null
  orderState: string | null
  state: DifferenceState
  stateName: string
  reason: string | null
}

const PATH = '/console/reconciliations'
const NAMES = ['connector', 'channel', 'state', 'from', 'to'] as const
const titles = Object.fromEntries(allReconciliationStates.map((state) => [state, reconciliationStates[state].title]))
const OUTCOMES = { explained: '已核实，原因见事由', refund: '订单全额退款（须由另一位管理员确认）' }
const SUMS = [
  ['渠道收款', 'channel'],
  ['中枢入账', 'hub'],
  ['公司销账', 'company'],
  ['其中已退或正在退', 'returned'],
  ['当日渠道退款', 'channelRefund'],
  ['当日中枢退款', 'hubRefund'],
] as const

/** 对账: what three ledgers say of each day, where they differ, and settling it. Beside the orders. */
export function reconciliationPages(desk: Desk): void {
  desk.page('/reconciliations', list)
  desk.page('/reconciliations/:id', one)
  desk.file('/reconciliations/:id/file', 'orders.read', ({ part }) => ({
    method: 'GET',
    path: withQuery(pathOf`/admin/reconciliations/${part('id')}`, { format: 'xlsx' }),
  }))
  desk.act('/reconciliations/:id/run', 'orders.change', async (visit, typed) => {
    const path = pathOf`/admin/reconciliations/${visit.part('id')}/run`
    const answer = await visit.ask({ method: 'POST', path, body: { purpose: first(typed, 'purpose') } })
    return follow(answer, '已重新排队对账。', () => one(visit))
  })
  desk.act('/reconciliations/:id/resolve', 'orders.change', async (visit, typed) => {
    const path = pathOf`/admin/reconciliations/${visit.part('id')}/differences/${first(typed, 'difference')}/resolve`
    const body = { outcome: first(typed, 'outcome'), purpose: first(typed, 'purpose') }
    return follow(await visit.ask({ method: 'POST', path, body }), '已处理。', () => one(visit))
  })
}

const toneOf = (state: ReconciliationState, differing: number): Tone =>
  differing > 0 || state === 'failed' ? 'bad' : state === 'matched' ? 'good' : 'plain'

async function list({ get, given, query }: Visit): Promise<ConsolePage> {
  const narrowed = given(...NAMES)
  const { data, meta } = await get<Day[]>(withQuery('/admin/reconciliations', { ...narrowed, ...given('page') }))
  const fields: Field[] = [
    { name: 'state', label: '状态', type: 'choice', value: query('state'), options: choices(titles, '所有') },
    { name: 'connector', label: '系统', type: 'text', value: query('connector'), maxLength: 64 },
    { name: 'channel', label: '支付渠道', type: 'choice', value: query('channel'), options: choices(channelNames, '所有') },
    { name: 'from', label: '日期从', type: 'date', value: query('from') },
    { name: 'to', label: '到', type: 'date', value: query('to') },
  ]
  return {
    title: '对账',
    blocks: [
      { kind: 'filters', action: PATH, fields },
      { kind: 'links', links: [{ text: '只看有差异的', href: withQuery(PATH, { state: 'differing' }) }, BACK] },
      {
        kind: 'table',
        caption: '每天每个渠道一次，三方逐笔核对',
        columns: ['日期', '系统', '支付渠道', '状态', '一致的订单', '未处理的差异', '最近一次'],
        rows: data.map(({ id, day, connector, channelName, state, stateName, settled, differing, endedAt, lastError }) => [
          link(day, `${PATH}/${id}`),
          connector,
          channelName,
          { text: stateName, tone: toneOf(state, differing), ...(lastError === null ? {} : { more: lastError }) },
          settled,
          differing === 0 ? 0 : { text: String(differing), tone: 'bad' },
          readable(endedAt),
        ]),
        empty: '没有对账。',
      },
      pager(PATH, meta.page, narrowed),
    ],
  }
}

const BACK = { text: '回到订单', href: '/console/orders' }

async function one({ get, part, may }: Visit): Promise<ConsolePage> {
  const { data } = await get<Day & { differences: Difference[] }>(pathOf`/admin/reconciliations/${part('id')}`)
  const open = data.differences.filter(({ state }) => state === 'open')
  return {
    title: `对账 ${data.day} ${data.connector}`,
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['支付渠道', data.channelName],
          ['状态', { text: data.stateName, tone: toneOf(data.state, data.differing) }],
          ['三方一致的订单', data.settled],
          ['未处理的差异', data.differing],
          ['对账次数', data.runs],
          ['最近一次', readable(data.endedAt)],
          ['下次', readable(data.dueAt)],
          ['没有对成的原因', data.lastError],
        ],
      },
      sumTable(data.sums),
      differenceTable(data.differences),
      {
        kind: 'links',
        links: [{ text: '下载 XLSX', href: `${PATH}/${data.id}/file` }, { text: '所有对账', href: PATH }, BACK],
      },
      ...(may('orders.change') ? formsOf(data.id, open) : []),
    ],
  }
}

function sumTable(sums: Day['sums']): Table {
  return {
    kind: 'table',
    caption: '笔数与金额；一致时：渠道 = 中枢 = 公司 + 退回',
    columns: ['', '笔数', '金额（元）'],
    rows: sums === null ? [] : SUMS.map(([title, name]) => [title, sums[`${name}Count`] ?? null, yuan(sums[`${name}Fen`])]),
    empty: '还没有对成。',
  }
}

const yuan = (fen: number | null | undefined): Cell => (fen == null ? null : yuanOf(fen))

function differenceTable(differences: readonly Difference[]): Table {
  return {
    kind: 'table',
    caption: '差异；金额为元',
    columns: ['差异', '订单', '渠道', '中枢', '公司', '对账时的订单', '处理'],
    rows: differences.map((each) => [
      each.kindName,
      each.orderId === null ? each.reference : link(each.orderNumber ?? each.reference, `/console/orders/${each.orderId}`),
      yuan(each.channelFen),
      yuan(each.hubFen),
      yuan(each.companyFen),
      each.orderState,
      {
        text: each.stateName,
        tone: each.state === 'open' ? 'bad' : each.state === 'acted' ? 'note' : 'good',
        ...(each.reason === null ? {} : { more: each.reason }),
      },
    ]),
    empty: '没有差异。',
  }
}

function formsOf(id: string, open: readonly Difference[]): Block[] {
  const form = { kind: 'form', folded: true } as const
  const run: Form = { ...form, action: `${PATH}/${id}/run`, title: '重新对账', button: '重新对账', fields: [purposeField] }
  const options = open.map((each) => ({ value: each.id, label: `${each.kindName}（${each.orderNumber ?? each.reference}）` }))
  const resolve: Form = {
    ...{ ...form, action: `${PATH}/${id}/resolve`, title: '处理一个差异', button: '处理' },
    fields: [
      { name: 'difference', label: '差异', type: 'choice', required: true, options },
      { name: 'outcome', label: '处理', type: 'choice', required: true, options: choices(OUTCOMES) },
      purposeField,
    ],
  }
  return [...(open.length > 0 ? [resolve] : []), run]
}
