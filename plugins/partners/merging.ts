import { randomUUID } from 'node:crypto'
import type { Along } from '../store/personal-data.ts'
import { type MemberRole, record } from './rows.ts'

interface Seat {
  partner_id: string
  role: MemberRole
}

interface SeatMove {
  partner_id: string
  from_role: MemberRole
  into_role: MemberRole | null
}

/** Who acts for a partner goes on doing so under the account that he was merged into: of two roles the stronger. */
export const membersAlong: Along = {
  async go({ transaction, move, from, into, at }) {
    const seats = transaction('partner_members').where({ user_id: from }).forUpdate()
    const held: Seat[] = await seats.select('partner_id', 'role')
    for (const { partner_id, role } of held) {
      const his = () => transaction('partner_members').where({ partner_id, user_id: into })
      const own: Seat | undefined = await his().forUpdate().first('role')
      await transaction('partner_member_moves').insert({ move_id: move, partner_id, from_role: role, into_role: own?.role ?? null })
      if (!own) await transaction('partner_members').insert({ id: randomUUID(), partner_id, user_id: into, role, added_at: at })
      else if (role === 'owner') await his().update({ role })
      await transaction('partner_invitations').where({ partner_id, invited_by: from }).update({ invited_by: into })
      await record(transaction, { partnerId: partner_id, event: 'member.merged', by: into, at })
    }
    await transaction('partner_members').where({ user_id: from }).delete()
  },
  async comeBack({ transaction, move, from, into, at }) {
    const moves: SeatMove[] = await transaction('partner_member_moves')
      .where({ move_id: move })
      .select('partner_id', 'from_role', 'into_role')
    for (const { partner_id, from_role, into_role } of moves) {
      const his = () => transaction('partner_members').where({ partner_id, user_id: into })
      if (!(await his().forUpdate().first('role'))) continue
      if (into_role === null) await his().delete()
      else await his().update({ role: into_role })
      await transaction('partner_members').insert({ id: randomUUID(), partner_id, user_id: from, role: from_role, added_at: at })
      await record(transaction, { partnerId: partner_id, event: 'member.merge-undone', by: from, at })
    }
  },
}
