import type { CompiledService } from '../../../core/call/service.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import type { Deed, Offer } from '../kind.ts'
import type { BookingDeed } from './policy.ts'

type View = Readonly<Record<string, unknown>>

const isDeed = (booking: ServiceContract['booking']): booking is BookingDeed => booking !== undefined && 'does' in booking

/** The services that take the bookings with which a deed does something. */
const takersOf = ({ of }: BookingDeed): readonly string[] => [of].flat()

/** What its user may do with a booking now: whatever the rules still allow, and the codes of those who come. */
export function bookingDeeds({ connector, contract }: CompiledService, view: View): Deed[] {
  return connector.services.flatMap(({ contract: { id, name, inputs, booking } }) => {
    if (!isDeed(booking) || !takersOf(booking).includes(contract.id)) return []
    const deed = {
      id,
      title: name,
      method: 'POST',
      path: `/v1/${connector.id}/${id}`,
      inputs,
      also: { booking: String(view['id']) },
    } as const
    if (booking.does !== 'code') return allows(booking.does, view) ? [deed] : []
    if (view['state'] !== 'confirmed') return []
    return comersOf(view).map((comer) => ({
      ...deed,
      id: `${id}.${comer.id}`,
      title: `${name}：${comer.name}`,
      also: { ...deed.also, visitor: comer.id },
      picture: booking.image ?? 'image',
    }))
  })
}

const ENDS = { cancel: 'cancelUntil', refund: 'refundUntil', reschedule: 'rescheduleUntil' } as const

function allows(does: Exclude<BookingDeed['does'], 'code'>, view: View): boolean {
  if (does === 'remove') return view['final'] === true
  const until = view[ENDS[does]]
  return typeof until === 'string' && Date.parse(until) > Date.now() && (does !== 'reschedule' || Number(view['reschedulesLeft']) > 0)
}

/** Those who have not come in yet. */
function comersOf({ visitors }: View): { id: string; name: string }[] {
  const all = (visitors ?? []) as readonly { id: string | null; name: string; usedAt: string | null }[]
  return all.flatMap(({ id, name, usedAt }) => (id === null || usedAt !== null ? [] : [{ id, name }]))
}

/** What there is to choose from: the agency's slots, and the user's own list of visitors. */
export function bookingOffers({ booking }: ServiceContract): Record<string, Offer> {
  if (!booking || isDeed(booking)) return {}
  const { slots, visitors } = booking
  return {
    ...(slots
      ? {
          [slots.input]: {
            from: slots.service,
            value: slots.id,
            words: [slots.day, slots.from, slots.until],
            ...(slots.open === undefined ? {} : { open: slots.open }),
          },
        }
      : {}),
    ...(visitors ? { [visitors.input]: { from: visitors.service, value: visitors.id, words: [visitors.name, visitors.idNumber] } } : {}),
  }
}

/** What is done with a booking is done on the page of whoever takes it. */
export function bookingPage({ booking }: ServiceContract): string | undefined {
  return isDeed(booking) ? takersOf(booking)[0] : undefined
}
