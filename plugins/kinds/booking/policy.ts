import type { Fields } from '../../../core/contract/fields.ts'

/** What can be booked: a list of the connector's, one row a slot. The names are its fields'. */
export interface BookedSlots {
  service: string
  /** Names the slot, as an input names it that this and the changing service have. */
  id: string
  input: string
  /** A day, and two texts such as `09:00`, in Beijing. */
  day: string
  from: string
  until: string
  /** A whole number: the places left. */
  left: string
  /** A flag: whether it can be booked at all. */
  open?: string
}

/** Days that are booked whole, within opening hours, where the agency lists no slots. */
export interface BookedDays {
  /** A day, that this and the changing service have. */
  input: string
  /** `08:30`, `17:00` in Beijing. */
  from: string
  until: string
  /** Days of the week on which it is closed, 1 is Monday. */
  closed?: readonly number[]
}

/** Who comes: chosen from a list that the agency keeps for its user. The names are its fields'. */
export interface BookedVisitors {
  service: string
  /** The list's number of a visitor, as an input names several of them. */
  input: string
  id: string
  name: string
  /** A coded kind of paper, its number, and the codes of what has a birthday in its number (GB 11643). */
  idType: string
  idNumber: string
  cards: readonly string[]
  /** A day, for other papers. */
  birthday?: string
}

/** The rules of a place, as data. What they refuse is refused before the agency is asked. */
export interface BookingRules {
  /** Days after today for which it can be booked; 0 is today. */
  aheadDays: number
  /** Minutes before the beginning at which booking ends. Default 0. */
  closesMinutes?: number
  /** People of one booking. */
  most: number
  /** Somebody younger comes only with somebody of this age or older in the same booking. */
  child?: { under: number }
  /** Hours before the beginning until which it can be done; what isn't there cannot. */
  cancelHours?: number
  refundHours?: number
  reschedule?: { hours: number; times: number }
  /** An entry code can be shown from so many minutes before the beginning until the end, and lives so long. */
  entry?: { beforeMinutes: number; seconds: number }
}

/** A further call to the agency about a booking, with the hub's number for it and the agency's. */
export interface BookingCall {
  sid: string
  path?: string
}

/** How places are booked with an agency: what a service of kind `booking` says that takes bookings. */
export interface BookingPolicy<F = Fields> {
  slots?: BookedSlots
  days?: BookedDays
  visitors?: BookedVisitors
  /** A whole number: how many come, where nobody is named. Default: one. */
  people?: string
  /** Parameter of the hub's own number: the agency books one number once. */
  serial: string
  /** Fields of an answer: the agency's number, its state, and which slot or day it is for. */
  reference: keyof F & string
  state: keyof F & string
  at: keyof F & string
  /** Which codes of the state mean what; any other cannot be read. */
  states: Readonly<Record<'held' | 'confirmed' | 'used' | 'ended', readonly string[]>>
  /** Turns places that are held into a booking. Without it they are one at once. */
  confirm?: BookingCall
  /** GET: how it stands; no row for a number that the agency doesn't know. */
  status: BookingCall
  /** Lets go what is held and was not confirmed. */
  release: BookingCall
  /** Seconds in which what is held must be confirmed; what becomes clear later is let go. Default 120. */
  holdSeconds?: number
  rules: BookingRules
  /** The field that tells where its entry codes are had. */
  entryCode?: keyof F & string
}

/** What else is done with bookings: a service of kind `booking` that belongs to those that take them. */
export interface BookingDeed {
  /** Id of that service, or of several whose bookings are shown alike. */
  of: string | readonly string[]
  does: 'reschedule' | 'cancel' | 'refund' | 'remove' | 'code'
  /** With `code`: the field that holds the picture. */
  image?: string
}

/** Ids of the services whose bookings something is done with. */
export const takersOf = ({ of }: BookingDeed): readonly string[] => [of].flat()

declare module '../../../core/contract/types.ts' {
  interface Kinds {
    /** Takes a place in time, changes it, gives it back. */
    booking: true
  }
  interface KindPolicies<F> {
    /** With kind `booking`: how places are taken, or what is done with those that were. */
    booking?: BookingPolicy<F> | BookingDeed
  }
}
