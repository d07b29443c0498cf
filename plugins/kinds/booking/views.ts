import Type, { type TSchema } from 'typebox'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { answerOf } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import type { Taker } from './agency.ts'
import type { BookingDeed } from './policy.ts'
import type { BookingDetails, BookingEvent, BookingRow } from './row.ts'
import { endOf } from './rules.ts'
import type { Seat } from './seats.ts'
import { allBookingStates, type BookingState, bookingStates, isFinal, WITHOUT_PLACE } from './states.ts'

const visitor = part.row({
  id: part.maybe('座次编号，出示入场码时使用'),
  name: part.text('姓名（已脱敏）'),
  idNumber: part.text('证件号码（已脱敏）'),
  usedAt: part.maybe('入场时间'),
})
const event = part.row({ state: part.text('状态'), stateName: part.text('状态名称'), at: part.moment('时间') })

/** Members of an answer that are the hub's own. */
const own = {
  id: part.text('预约编号（中枢）'),
  number: part.text('预约流水号'),
  state: part.text('状态', { enum: allBookingStates }),
  stateName: part.text('状态名称'),
  final: part.flag('是否已结束'),
  reference: part.maybe('对方系统的预约编号'),
  startsAt: part.moment('开始时间'),
  endsAt: part.moment('结束时间'),
  people: Type.Unsafe<number>({ type: 'integer', title: '人数' }),
  visitors: part.list('入场人', visitor),
  cancelUntil: part.maybe('可取消的截止时间'),
  refundUntil: part.maybe('可退票的截止时间'),
  rescheduleUntil: part.maybe('可改签的截止时间'),
  reschedulesLeft: Type.Unsafe<number>({ type: 'integer', title: '剩余改签次数' }),
  lastError: part.maybe('上一次没有办成的原因（错误码）'),
  statusUrl: part.text('预约查询地址'),
}

export const OWN_MEMBERS: readonly string[] = [...Object.keys(own), 'history']

interface Shown extends Taker {
  row: BookingRow
  details: BookingDetails
  seats: readonly Seat[]
  events?: readonly BookingEvent[]
  /** Path of the service that shows entry codes. */
  codes: string | null
}

/** A booking as its user reads it. */
export function viewOf({ service, policy, row, details, seats, events = [], codes }: Shown): Record<string, unknown> {
  const { connector, contract, fieldNames } = service
  const { title: stateName } = bookingStates[row.state]
  const until = (does: BookingDeed['does']) => {
    const end = row.state === 'confirmed' ? endOf(policy.rules, does, row.starts_at) : null
    return end === null ? null : beijing(end)
  }
  const standing = STANDINGS[row.state]
  // What the declaration calls what the hub knows better.
  const known: Record<string, unknown> = {
    [policy.reference]: row.reference,
    [policy.at]: row.place,
    [policy.state]: standing === undefined ? null : policy.states[standing][0],
    ...(policy.entryCode && codes !== null && !WITHOUT_PLACE.includes(row.state) ? { [policy.entryCode]: codes } : {}),
  }
  return {
    ...Object.fromEntries(fieldNames.map((name) => [name, asField(contract, name, known[name] ?? details.input[name] ?? null)])),
    id: row.id,
    number: row.number,
    state: row.state,
    stateName,
    final: isFinal(row.state),
    reference: row.reference,
    startsAt: beijing(row.starts_at),
    endsAt: beijing(row.ends_at),
    people: row.people,
    visitors: visitorsOf(details, seats),
    cancelUntil: until('cancel'),
    refundUntil: until('refund'),
    rescheduleUntil: until('reschedule'),
    reschedulesLeft: Math.max(0, (policy.rules.reschedule?.times ?? 0) - row.changes),
    lastError: row.last_error,
    statusUrl: `/v1/${connector.id}/${contract.id}/${row.id}`,
    history: events.map(({ to_state, at }) => ({ state: to_state, stateName: bookingStates[to_state].title, at: beijing(at) })),
  }
}

/** What the agency calls the states that it shares with the hub. */
const STANDINGS: Partial<Record<BookingState, 'held' | 'confirmed' | 'used'>> = {
  held: 'held',
  confirmed: 'confirmed',
  rescheduling: 'confirmed',
  cancelling: 'confirmed',
  refunding: 'confirmed',
  used: 'used',
}

/** A code with its name, as everywhere. */
function asField({ fields }: CompiledService['contract'], name: string, value: unknown): unknown {
  const { type, list } = fields[name]?.notes ?? {}
  if (type !== 'code' || typeof value !== 'string') return value
  return { code: value, name: list?.values[value] ?? null }
}

/** With a seat, while there is one; who was to come is remembered. */
function visitorsOf({ visitors }: BookingDetails, seats: readonly Seat[]) {
  const seatOf = (hash: string) => seats.find(({ visitor }) => visitor.hash === hash)
  const moment = (at: number | null | undefined) => (at ? beijing(at) : null)
  if (visitors.length === 0) return seats.map(({ id, usedAt }) => ({ id, name: '', idNumber: '', usedAt: moment(usedAt) }))
  return visitors.map(({ hash, name, idNumber }) => ({
    id: seatOf(hash)?.id ?? null,
    name,
    idNumber,
    usedAt: moment(seatOf(hash)?.usedAt),
  }))
}

function viewSchema({ contract }: CompiledService): TSchema {
  const fields = Object.entries(contract.fields).map(([name, { schema }]) => {
    const { type } = schema as { type?: string | string[] }
    return [name, Type.Unsafe({ ...schema, type: [...new Set([type, 'null'].flat())] })]
  })
  return part.row({ ...Object.fromEntries(fields), ...own, history: part.list('经过', event) })
}

export const answerSchema = (service: CompiledService): TSchema => answerOf(viewSchema(service))
export const listSchema = (service: CompiledService): TSchema => answerOf(part.list('预约', viewSchema(service)))

export const codeSchema = (image: string, title: string): TSchema =>
  answerOf(
    part.row({
      [image]: part.text(title, { description: 'PNG 图片（data URL）' }),
      code: part.text('入场码'),
      visitor: part.text('入场人（已脱敏）'),
      expiresAt: part.moment('入场码有效期至'),
      validFrom: part.moment('最早入场时间'),
      validUntil: part.moment('最晚入场时间'),
    }),
  )
