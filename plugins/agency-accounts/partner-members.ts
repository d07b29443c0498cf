import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'

interface Seat {
  partner_id: string
  role: 'owner' | 'developer'
}

/**
 * Who acts for a partner goes on doing so under the account that he was merged into: of two roles the stronger. How it was before is
 * kept with the move, for whoever undoes it.
 */
export async function moveSeats(transaction: Knex.Transaction, move: number, from: string, into: string, at: number): Promise<void> {
  const seats = transaction('partner_members').where({ user_id: from }).forUpdate()
  const held: Seat[] = await seats.select('partner_id', 'role')
  for (const { partner_id, role } of held) {
    const his = () => transaction('partner_members').where({ partner_id, user_id: into })
    const own: Seat | undefined = await his().forUpdate().first('role')
    await transaction('partner_member_moves').insert({ move_id: move, partner_id, from_role: role, into_role: own?.role ?? null })
    if (!own) await transaction('partner_members').insert({ id: randomUUID(), partner_id, user_id: into, role, added_at: at })
    else if (role === 'owner') await his().update({ role })
    await transaction('partner_invitations').where({ partner_id, invited_by: from }).update({ invited_by: into })
    await record(transaction, partner_id, 'member.merged', into, at)
  }
  await transaction('partner_members').where({ user_id: from }).delete()
}

/** Opposite of {@link moveSeats}; a seat that was taken away since stays away. */
export async function putSeatsBack(transaction: Knex.Transaction, move: number, from: string, into: string, at: number): Promise<void> {
  const moves: { partner_id: string; from_role: Seat['role']; into_role: Seat['role'] | null }[] = await transaction('partner_member_moves')
    .where({ move_id: move })
    .select('partner_id', 'from_role', 'into_role')
  for (const { partner_id, from_role, into_role } of moves) {
    const his = () => transaction('partner_members').where({ partner_id, user_id: into })
    if (!(await his().forUpdate().first('role'))) continue
    if (into_role === null) await his().delete()
    else await his().update({ role: into_role })
    await transaction('partner_members').insert({ id: randomUUID(), partner_id, user_id: from, role: from_role, added_at: at })
    await record(transaction, partner_id, 'member.merge-undone', from, at)
  }
}

async function record(transaction: Knex, partner_id: string, event: string, acted_by: string, at: number): Promise<void> {
  await transaction('partner_events').insert({ partner_id, event, acted_by, at })
}
