import type { Hub } from './hub.ts'
import { inOffice } from './second-person.ts'

/** Somebody who asks nothing else. */
const OPERATOR = 8

/** What an operator sees of a connector: its main system, all of them, and what was odd in its answers. */
export async function figuresOf(hub: Hub, connector: string) {
  await inOffice(hub, OPERATOR, 'operator')
  const response = await hub.get(`/admin/health/${connector}`, { person: OPERATOR })
  if (response.statusCode !== 200) throw new Error(response.body)
  const { systems, oddities } = response.json().data
  return { main: systems[0], systems, oddities }
}
