import { kinds } from '../kinds/index.ts'
import { recipientsOf } from './recipients.ts'
import type { ComposeContext, OpenNotice, Told } from './told.ts'

/** How an act, a booking or an order ended of which nobody knew for a while. */
export async function composeOutcome(
  { database, services }: ComposeContext,
  { userId, principal, about, detail: { of, state } }: OpenNotice<'outcome'>,
): Promise<Told[]> {
  const matters = kinds.find(({ name }) => name === of)?.matters
  if (!matters) return []
  const { table, stateName, demanding = {} } = matters
  const row: { connector: string; service: string } | undefined = await database(table).where({ id: about }).first('connector', 'service')
  const service = row && services.get(`${row.connector}.${row.service}`)
  if (!row || !service) return []
  const { connector, contract } = service
  const facts = {
    ...{ service: contract.name, agency: connector.agency, about },
    state: stateName(contract, state),
    remarks: demanding[state] ?? '',
  }
  const template = of === 'order' && state === 'refunded' ? 'refunded' : 'outcome'
  const recipients = await recipientsOf(database, { userId, principal }, service.key)
  return [
    { topic: state in demanding ? 'decision' : 'filing', template, facts, recipients, connector: row.connector, service: row.service },
  ]
}
