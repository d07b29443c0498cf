import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { BookingDeed, BookingRules } from './policy.ts'
import { inWords, type Offer } from './when.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

export const refuse = (detail: string): HubError => new HubError('HUB_BOOKING_RULE', { detail })

/** Whether it can be booked now, by so many. Throws HUB_BOOKING_SLOT, HUB_BOOKING_RULE, HUB_BOOKING_FULL. */
export function assertBookable({ aheadDays, closesMinutes = 0, most }: BookingRules, offer: Offer, people: number, now: number): void {
  const closesAt = offer.startsAt - closesMinutes * MINUTE_MS
  if (now >= closesAt) throw new HubError('HUB_BOOKING_SLOT', { detail: `这个时段 ${inWords(closesAt)} 起不能再预约，请换一个时段。` })
  const last = beijing(now + aheadDays * DAY_MS).slice(0, 10)
  if (beijing(offer.startsAt).slice(0, 10) > last)
    throw new HubError('HUB_BOOKING_SLOT', { detail: `最多提前 ${aheadDays} 天预约，现在可以约到 ${last}。` })
  if (people > most) throw refuse(`一次最多预约 ${most} 人。`)
  if (offer.left !== null && offer.left < people)
    throw new HubError(
      'HUB_BOOKING_FULL',
      offer.left > 0 ? { detail: `这个时段只剩 ${offer.left} 个名额，请减少人数或者换一个时段。` } : {},
    )
}

/** Until when something can be done with a booking, in epoch milliseconds; null where it never can. */
export function endOf(rules: BookingRules, does: BookingDeed['does'], startsAt: number): number | null {
  const hours = {
    cancel: rules.cancelHours,
    refund: rules.refundHours,
    reschedule: rules.reschedule?.hours,
    remove: undefined,
    code: undefined,
  }[does]
  return hours === undefined ? null : startsAt - hours * HOUR_MS
}

const WORDS = { cancel: '取消', refund: '退票', reschedule: '改签' } as const

/** Whether it is still time to give a booking up or move it. Throws HUB_BOOKING_RULE. */
export function assertInTime(
  rules: BookingRules,
  does: keyof typeof WORDS,
  booking: { starts_at: number; changes: number },
  now: number,
): void {
  const end = endOf(rules, does, booking.starts_at)
  if (end === null) throw refuse(`这里的预约不能${WORDS[does]}。`)
  if (now > end) throw refuse(`${WORDS[does]}须在 ${inWords(end)} 之前办理，现在已经过了时间。`)
  const { times = 0 } = rules.reschedule ?? {}
  if (does === 'reschedule' && booking.changes >= times) throw refuse(`一次预约最多改签 ${times} 次，这次预约不能再改。`)
}

/** Ages in years on the day of the visit; null where nobody knows. Somebody of unknown age is neither a child nor of age. */
export function assertAccompanied({ child }: BookingRules, ages: readonly (number | null)[]): void {
  if (!child) return
  const isChild = (age: number | null) => age !== null && age < child.under
  if (ages.some(isChild) && !ages.some((age) => age !== null && age >= Math.max(child.under, 18)))
    throw refuse(`未满 ${child.under} 周岁的儿童须由成人陪同，请把陪同的成人加入同一次预约。`)
}

/** From when until when an entry code can be shown. */
export function entryTimes({ entry }: BookingRules, { starts_at, ends_at }: { starts_at: number; ends_at: number }) {
  return { from: starts_at - (entry?.beforeMinutes ?? 0) * MINUTE_MS, until: ends_at }
}
