import t from 'tap'
import cemetery from '../../../../connectors/martyrs-cemetery/index.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../../../core/connector.ts'
import { field } from '../../../../core/connector.ts'
import { checkBooking } from '../../../../plugins/kinds/booking/check.ts'

const declared: ConnectorDeclaration = cemetery
const contractOf = (id: string) => declared.services.find(({ contract }) => contract.id === id)?.contract as ServiceContract

function problems(of: string | readonly string[], services: ConnectorDeclaration['services'] = declared.services): string[] {
  const found: string[] = []
  const contract: ServiceContract = { ...contractOf('booking-update'), booking: { of, does: 'reschedule' } }
  checkBooking({ connector: { ...declared, services }, contract, own: true, report: (problem) => found.push(problem) })
  return found
}

t.test('what is done with bookings belongs to services that take them, one or several', async (t) => {
  t.same(problems('group-booking'), [])
  t.same(problems(['individual-booking', 'group-booking', 'volunteer-booking']), [])
  t.match(problems([]), [/names no service/])
  t.match(problems(['group-booking', 'booking-list']), [/takes bookings: booking-list/])
  t.match(problems(['group-booking', 'booking-delete']), [/takes bookings: booking-delete/])
  t.match(problems(['individual-booking', 'nothing']), [/takes bookings: nothing/])
})

t.test('bookings of several services are shown alike', async (t) => {
  const other = declared.services.map((each) =>
    each.contract.id === 'group-booking'
      ? { ...each, contract: { ...each.contract, fields: { ...each.contract.fields, more: field.text('其他') } } }
      : each,
  )
  t.match(problems(['individual-booking', 'group-booking'], other), [/same fields/])
  t.same(problems('group-booking', other), [])
})

t.test('each of them has to allow it', async (t) => {
  const strict = declared.services.map((each) => {
    const { booking } = each.contract
    if (each.contract.id !== 'group-booking' || !booking || 'does' in booking) return each
    const { reschedule: _, ...rules } = booking.rules
    return { ...each, contract: { ...each.contract, booking: { ...booking, rules } } }
  })
  t.match(problems(['individual-booking', 'group-booking'], strict), [/say nothing of reschedule/])
})
