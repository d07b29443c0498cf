/**
 * The life of a booking. Every change goes through {@link sourcesOf}, in the statement that makes it; the table is the
 * specification and docs/bookings.md draws it. The agency alone knows how many places there are: the hub asks, holds and lets go.
 */
export const bookingStates = {
  requested: { title: '正在预约', to: ['held', 'failed'] },
  // The agency keeps the places for a while; until it has confirmed them nobody comes in.
  held: { title: '已占位，待确认', to: ['confirmed', 'releasing'] },
  confirmed: { title: '已预约', to: ['rescheduling', 'cancelling', 'refunding', 'used', 'expired', 'cancelled'] },
  // From these three it comes back to what it was where the agency says no.
  rescheduling: { title: '正在改签', to: ['confirmed'] },
  cancelling: { title: '正在取消', to: ['cancelled', 'confirmed'] },
  refunding: { title: '正在退票', to: ['refunded', 'confirmed'] },
  // Held, and not confirmed: the places go back.
  releasing: { title: '未约上，正在退回名额', to: ['failed'] },
  failed: { title: '未约上', to: [] },
  cancelled: { title: '已取消', to: [] },
  refunded: { title: '已退票', to: [] },
  used: { title: '已入场', to: [] },
  expired: { title: '已过期', to: [] },
} as const satisfies Record<string, { title: string; to: readonly string[] }>

export type BookingState = keyof typeof bookingStates

export const allBookingStates = Object.keys(bookingStates) as BookingState[]

/** States in which the agency is told something, and what it says decides. */
export const UNDER_WAY: readonly BookingState[] = ['requested', 'held', 'rescheduling', 'cancelling', 'refunding', 'releasing']

/** States in which nobody has a place any more. */
export const WITHOUT_PLACE: readonly BookingState[] = ['failed', 'cancelled', 'refunded', 'expired']

export const isFinal = (state: BookingState): boolean => bookingStates[state].to.length === 0

/** States from which a booking may come to this one. */
export function sourcesOf(to: BookingState): BookingState[] {
  return allBookingStates.filter((from) => (bookingStates[from].to as readonly string[]).includes(to))
}
