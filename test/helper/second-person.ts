import type { LightMyRequestResponse } from 'fastify'
import type { AdminRole } from '../../plugins/users/roles.ts'
import type { Hub } from './hub.ts'
import { call, userId } from './identity.ts'

/** Puts somebody in office past all rules, as an installation has him already. */
export async function inOffice({ app }: Hub, person: number, role: AdminRole = 'admin'): Promise<void> {
  const row = { user_id: userId(person), role, granted_by: null, granted_at: Date.now() }
  await app.database('administrators').insert(row).onConflict('user_id').merge()
}

/** Confirms what an answer of 202 has left to be confirmed. */
export function confirm(hub: Hub, asked: LightMyRequestResponse, person: number): Promise<LightMyRequestResponse> {
  return decide(hub, asked, 'confirmation', person)
}

export async function decide(
  hub: Hub,
  asked: LightMyRequestResponse,
  decision: 'confirmation' | 'rejection' | 'withdrawal',
  person: number,
): Promise<LightMyRequestResponse> {
  const { location } = asked.headers
  if (asked.statusCode !== 202 || typeof location !== 'string') throw new Error(`nothing was asked for: ${asked.statusCode} ${asked.body}`)
  return call(hub, 'POST', `${location}/${decision}`, { person, body: { purpose: '已核对' } })
}
