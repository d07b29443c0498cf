import { actStates } from '../kinds/act/states.ts'
import { bookingStates } from '../kinds/booking/states.ts'
import { orderStates } from '../kinds/order/states.ts'
import { recipientsOf } from './recipients.ts'
import type { ComposeContext, OpenNotice, Told } from './told.ts'

interface Matter {
  readonly table: string
  readonly states: Readonly<Record<string, { readonly title: string }>>
  /** States that leave something to do, or cost something: what is to be done, or nothing to add. */
  readonly demanding: Readonly<Record<string, string>>
}

const matters: { readonly [K in OpenNotice<'outcome'>['detail']['of']]: Matter } = {
  act: {
    table: 'acts',
    states: actStates,
    demanding: { refused: '对方没有受理。', unsent: '对方没有收到，仍需要的，请重新办理。' },
  },
  booking: {
    table: 'bookings',
    states: bookingStates,
    demanding: { failed: '没有占用名额，仍需要的，请重新预约。', cancelled: '', refunded: '' },
  },
  order: {
    table: 'orders',
    states: orderStates,
    demanding: { paid: '', 'written-off': '', closed: '没有收取费用。', refunded: '' },
  },
}

/** How an act, a booking or an order ended of which nobody knew for a while. */
export async function composeOutcome(
  { database, services }: ComposeContext,
  { userId, principal, about, detail: { of, state } }: OpenNotice<'outcome'>,
): Promise<Told[]> {
  const { table, states, demanding } = matters[of]
  const row: { connector: string; service: string } | undefined = await database(table).where({ id: about }).first('connector', 'service')
  const service = row && services.get(`${row.connector}.${row.service}`)
  if (!row || !service) return []
  const { connector, contract } = service
  const facts = {
    ...{ service: contract.name, agency: connector.agency, about },
    state: states[state]?.title ?? state,
    remarks: demanding[state] ?? '',
  }
  const template = of === 'order' && state === 'refunded' ? 'refunded' : 'outcome'
  const recipients = await recipientsOf(database, { userId, principal }, service.key)
  return [
    { topic: state in demanding ? 'decision' : 'filing', template, facts, recipients, connector: row.connector, service: row.service },
  ]
}
