import Type, { type TSchema } from 'typebox'
import { beijing } from '../../../core/base/time.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { yuanOf } from '../../payments/fen.ts'
import { part } from '../../route-kit/part.ts'
import { type OrderEvent, type OrderRow, orderContext } from './rows.ts'
import { allOrderStates, orderStates } from './states.ts'

/** Members of an answer that are the hub's own. */
const own = {
  id: part.text('订单编号（中枢）'),
  number: part.text('订单号'),
  state: part.text('状态', { enum: allOrderStates }),
  stateName: part.text('状态名称'),
  final: part.flag('是否已办结'),
  amount: part.text('金额（元）', { pattern: '^\\d+\\.\\d{2}$' }),
  channel: part.maybe('支付方式'),
  expiresAt: part.moment('支付截止时间'),
  paidAt: part.maybe('支付时间'),
  writtenOffAt: part.maybe('销账时间'),
  statusUrl: part.text('订单查询地址'),
}
const event = part.row({ state: part.text('状态'), stateName: part.text('状态名称'), at: part.moment('时间') })

/** States in which the citizen has nothing to wait for. */
const FINAL: ReadonlySet<string> = new Set(['settled', 'closed', 'refunded'])

/** An order as its owner reads it; the bill is as it was shown, masked. */
export function viewOf(service: CompiledService, vault: Vault, row: OrderRow, events: readonly OrderEvent[] = []): Record<string, unknown> {
  const { connector, contract } = service
  const bill = JSON.parse(vault.open(row.bill_sealed, orderContext.bill(row.id))) as Record<string, unknown>
  const time = (at: number | null) => (at === null ? null : beijing(at))
  const { title: stateName } = orderStates[row.state]
  const { words = {}, amount = '' } = contract.order ?? {}
  const receipt = row.receipt_sealed === null ? null : vault.open(row.receipt_sealed, orderContext.receipt(row.id))
  const known = {
    ...{ number: row.number, state: row.state, amount: bill[amount] ?? null },
    ...{ time: beijing(row.created_at), receipt },
  }
  const told = (name: string) => {
    const word = words[name]
    if (word === undefined) return bill[name] ?? null
    // In the contract's own words for it.
    return word === 'state' ? { code: row.state, name: contract.fields[name]?.notes.list?.values[row.state] ?? stateName } : known[word]
  }
  return {
    ...Object.fromEntries(service.fieldNames.map((name) => [name, told(name)])),
    id: row.id,
    number: row.number,
    state: row.state,
    stateName,
    final: FINAL.has(row.state),
    amount: yuanOf(row.amount_fen),
    channel: row.channel,
    expiresAt: beijing(row.expires_at),
    paidAt: time(row.paid_at),
    writtenOffAt: time(row.written_off_at),
    statusUrl: `/v1/${connector.id}/${contract.id}/${row.id}`,
    history: events.map(({ to_state, at }) => ({ state: to_state, stateName: orderStates[to_state].title, at: beijing(at) })),
  }
}

const meta = part.row({ asOf: part.moment('数据时间'), traceId: part.text('追踪号') })
const pages = Type.Unsafe<object>({
  type: 'object',
  properties: { number: { type: 'integer' }, size: { type: 'integer' }, total: { type: 'integer' } },
})

function viewSchema({ contract }: CompiledService): TSchema {
  const fields = Object.entries(contract.fields).map(([name, { schema }]) => {
    const { type } = schema as { type?: string | string[] }
    return [name, Type.Unsafe({ ...schema, type: [...new Set([type, 'null'].flat())] })]
  })
  return part.row({ ...Object.fromEntries(fields), ...own, history: part.list('经过', event) })
}

export function answerSchema(service: CompiledService): TSchema {
  return Type.Unsafe({ type: 'object', properties: { data: viewSchema(service), meta }, required: ['data', 'meta'] })
}

export function listSchema(service: CompiledService): TSchema {
  const properties = { ...(meta as unknown as { properties: object }).properties, page: pages }
  return Type.Unsafe({
    type: 'object',
    properties: { data: part.list('订单', viewSchema(service)), meta: { type: 'object', properties } },
    required: ['data', 'meta'],
  })
}
