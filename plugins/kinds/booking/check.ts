import type { FieldType } from '../../../core/contract/fields.ts'
import { rowsOf, usesAccount } from '../../../core/contract/systems.ts'
import type { ServiceContract } from '../../../core/contract/types.ts'
import type { KindSubject } from '../../declarations/kind-rules.ts'
import { unlisted } from '../../declarations/unlisted.ts'
import { type BookingDeed, type BookingPolicy, takersOf } from './policy.ts'
import { OWN_MEMBERS } from './views.ts'

type Report = (problem: string) => void

/** What makes a booking one that can be taken, found again and let go; and what is done with one, something that can be. */
export function checkBooking({ connector, contract, own, report }: KindSubject): void {
  const { booking } = contract
  if (own !== (booking !== undefined)) report('kind booking and a booking policy go together')
  if (!own || !booking) return
  if (contract.identity === 'none') report('a booking needs a caller who is known')
  if (contract.audience !== 'person' && !contract.agents) report('a booking is for persons, or for those who act for an enterprise')
  if (usesAccount(connector, contract)) report('a booking goes by the person, or by the user’s own token: no account is chosen for it')
  if (contract.face?.once) report('a booking spends no face verification')
  if (contract.upstream?.method === 'GET') report('a booking is sent with POST, PUT or DELETE')
  const services = connector.services.map((service) => service.contract)
  if ('does' in booking) checkDeed(booking, contract, services, report)
  else checkTaker(booking, contract, services, report)
}

function checkTaker(policy: BookingPolicy, contract: ServiceContract, services: readonly ServiceContract[], report: Report): void {
  const { slots, days, visitors, people, rules, entryCode } = policy
  const { inputs, fields } = contract
  if (rowsOf(contract) === 'many') report('a booking answers one record')
  if ((slots === undefined) === (days === undefined)) report('booking: either slots or days say what can be booked')
  if (visitors && people !== undefined) report('booking.people: those who are named are counted')
  for (const name of [policy.reference, policy.state, policy.at]) if (!fields[name]) report(`booking: no such field: ${name}`)
  for (const [meaning, codes] of Object.entries(policy.states))
    for (const code of unlisted(fields[policy.state]?.notes, codes))
      report(`booking.states.${meaning}: ${policy.state} has no code ${code}`)
  if (!fields[policy.reference]?.notes.required) report(`booking.reference: an answer without a number proves nothing: ${policy.reference}`)
  if (entryCode !== undefined && !fields[entryCode]) report(`booking.entryCode: no such field: ${entryCode}`)
  for (const name of OWN_MEMBERS) if (fields[name]) report(`the field name belongs to the hub: ${name}`)
  const sids = [policy.confirm?.sid, policy.status.sid, policy.release.sid].filter((sid) => sid !== undefined)
  if (new Set(sids).size < sids.length) report('booking: confirm, status and release are different services of the agency')
  if (slots) {
    if (!inputs[slots.input]?.notes.required) report(`booking.slots.input is no required input: ${slots.input}`)
    checkList(services, slots.service, { id: slots.id, day: slots.day, from: slots.from, until: slots.until }, report)
    checkList(services, slots.service, { left: slots.left }, report, 'integer')
    if (slots.open !== undefined) checkList(services, slots.service, { open: slots.open }, report, 'flag')
  }
  if (days && inputs[days.input]?.notes.type !== 'date') report(`booking.days.input is no day: ${days.input}`)
  if (people !== undefined && inputs[people]?.notes.type !== 'integer') report(`booking.people is no number: ${people}`)
  if (visitors) {
    if (inputs[visitors.input]?.notes.type !== 'list') report(`booking.visitors.input is no list: ${visitors.input}`)
    const { service, input: _, cards: __, ...named } = visitors
    checkList(services, service, named, report)
  }
  if (rules.most < 1 || rules.aheadDays < 0) report('booking.rules: nobody could book')
  if (rules.child && !visitors) report('booking.rules.child: nobody is named, so nobody is a child')
}

function checkList(
  services: readonly ServiceContract[],
  id: string,
  names: Readonly<Record<string, string>>,
  report: Report,
  type?: FieldType,
): void {
  const list = services.find((service) => service.id === id)
  if (!list) {
    report(`booking names no service of the connector: ${id}`)
    return
  }
  if (rowsOf(list) !== 'many' || list.upstream?.paging) report(`booking looks at whole lists: ${id}`)
  for (const [part, name] of Object.entries(names)) {
    const notes = list.fields[name]?.notes
    if (!notes || (type !== undefined && notes.type !== type)) report(`booking: ${id} has no such field for ${part}: ${name}`)
  }
}

function checkDeed(deed: BookingDeed, contract: ServiceContract, services: readonly ServiceContract[], report: Report): void {
  const ids = takersOf(deed)
  const takers = ids.flatMap((of) => services.find(({ id }) => id === of) ?? [])
  if (ids.length === 0) report('booking.of names no service')
  for (const id of ids) checkDeedOf(deed, id, contract, services, report)
  if (new Set(takers.map(({ fields }) => Object.keys(fields).sort().join())).size > 1)
    report('booking.of: bookings of several services are shown alike, so they have the same fields')
  if (contract.inputs['booking'] || contract.inputs['visitor']) report('booking and visitor belong to the hub')
  if (deed.does === 'code' && (deed.image === undefined || !contract.fields[deed.image]))
    report(`booking.image: no such field: ${deed.image}`)
}

function checkDeedOf(
  { does }: BookingDeed,
  of: string,
  contract: ServiceContract,
  services: readonly ServiceContract[],
  report: Report,
): void {
  const taker = services.find(({ id }) => id === of)
  const policy = taker?.booking
  if (!taker || !policy || 'does' in policy) {
    report(`booking.of names no service that takes bookings: ${of}`)
    return
  }
  if (taker.upstream?.system !== contract.upstream?.system) report('booking.of: all are of one system')
  if (does === 'code' && !policy.rules.entry) report('booking.rules.entry says how long an entry code lives')
  const { rules } = policy
  const isRuled = { reschedule: rules.reschedule, cancel: rules.cancelHours, refund: rules.refundHours, remove: 0, code: 0 }[does]
  if (isRuled === undefined) report(`booking.rules say nothing of ${does}`)
  if (does === 'reschedule') {
    const movable = [policy.slots?.input, policy.days?.input, policy.people].some((name) => name !== undefined && contract.inputs[name])
    if (!movable) report('a reschedule needs another time, or another number of people')
  }
}
