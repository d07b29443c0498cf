import type { Row } from '../../../core/answer/reading.ts'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Agencies } from '../choices.ts'
import { listed, told } from './listed.ts'
import type { BookedDays, BookedSlots, BookingPolicy } from './policy.ts'

/** A time that can be booked, in epoch milliseconds. `place`: the agency's name of the slot, or the day. */
export interface When {
  place: string
  startsAt: number
  endsAt: number
}

export interface Offer extends When {
  /** Places left; null where the agency lists none. */
  left: number | null
}

type Input = Readonly<Record<string, unknown>>

/** What is wanted, as the agency offers it now. Throws HUB_BOOKING_SLOT for what it does not offer. */
export async function offerOf(
  service: CompiledService,
  { slots, days }: BookingPolicy,
  input: Input,
  asker: Asker,
  agencies: Agencies,
): Promise<Offer> {
  if (slots) return offeredSlot(slots, String(input[slots.input]), await listed(service, slots.service, input, asker, agencies))
  // The check of declarations has made sure of one of them.
  return offeredDay(days as BookedDays, String(input[(days as BookedDays).input]))
}

/** Whether somebody asks for another time at all. */
export function namesWhen({ slots, days }: BookingPolicy, input: Input): boolean {
  return input[slots?.input ?? days?.input ?? ''] !== undefined
}

function offeredSlot(slots: BookedSlots, wanted: string, rows: readonly Row[]): Offer {
  const row = rows.find((one) => told(one, slots.id) === wanted)
  if (!row || (slots.open !== undefined && row[slots.open] !== true)) throw new HubError('HUB_BOOKING_SLOT')
  const day = told(row, slots.day)
  const [startsAt, endsAt] = [momentOf(day, told(row, slots.from)), momentOf(day, told(row, slots.until))]
  const left = Number(row[slots.left] ?? 0)
  if (Number.isNaN(startsAt) || Number.isNaN(endsAt)) throw new HubError('HUB_UPSTREAM_INVALID', { field: slots.from })
  return { place: wanted, startsAt, endsAt, left }
}

function offeredDay({ from, until, closed = [] }: BookedDays, day: string): Offer {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7
  if (closed.includes(weekday)) throw new HubError('HUB_BOOKING_SLOT', { detail: '这一天不开放，请换一天。' })
  return { place: day, startsAt: momentOf(day, from), endsAt: momentOf(day, until), left: null }
}

/** `2026-12-01` and `09:00` in Beijing; NaN for what is neither. */
function momentOf(day: string, time: string): number {
  return Date.parse(`${day}T${time.padStart(5, '0')}:00+08:00`)
}

/** `12月1日 09:00`, for what is said to people. */
export function inWords(at: number): string {
  const [, month, day, time] = /^\d{4}-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(beijing(at)) ?? []
  return `${Number(month)}月${Number(day)}日 ${time}`
}
