import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { withMerged } from '../agency-accounts/merged.ts'
import { receiptHash } from './applying.ts'
import { type Invitations, MOST_MEMBERS } from './invitations.ts'
import { type MemberRole, type PartnerRow, partnerOf, record } from './rows.ts'

export interface Membership {
  partner: PartnerRow
  role: MemberRole
}

/** Who acts for a partner; asked of the store at every read as at every write. */
export interface Members {
  /** Partners of a user, the newest first. */
  of(userId: string, page: { page: number; pageSize: number }): Promise<{ rows: Membership[]; total: number }>
  /** Throws HUB_NO_RECORD alike for a partner that there is not and for one of other people; HUB_ROLE_REQUIRED. */
  require(partnerId: string, userId: string, need?: Need): Promise<Membership>
  list(partnerId: string): Promise<{ id: string; userId: string; role: MemberRole; addedAt: number }[]>
  /**
   * With the receipt of an application that was approved, as its first owner; with an invitation's code, as what that says. Each works
   * once. Throws HUB_NO_RECORD, HUB_REQUEST_STATE, HUB_SECOND_PERSON for whoever decided about this partner.
   */
  join(userId: string, code: string): Promise<Membership>
  /** His open invitations end with him, and one is good only while he is an owner. Throws HUB_REQUEST_STATE for the last owner. */
  remove(partnerId: string, memberId: string, by: string): Promise<void>
}

export interface Need {
  role?: MemberRole
  /** For acts: the partner must not be suspended. */
  active?: boolean
}

interface Parts {
  database: Database
  vault: Vault
  invitations: Invitations
}

export function createMembers({ database, vault, invitations }: Parts, now: () => number = Date.now): Members {
  async function add(transaction: Knex.Transaction, partnerId: string, userId: string, role: MemberRole): Promise<Membership> {
    const at = now()
    try {
      await transaction('partner_members').insert({ id: randomUUID(), partner_id: partnerId, user_id: userId, role, added_at: at })
    } catch (error) {
      throw isDuplicate(error) ? new HubError('HUB_REQUEST_STATE', { detail: '您已经是这个接入方的成员。' }) : error
    }
    // After the insert: of joining and deciding at once one waits for the other, and sees it.
    await assertUninvolved(transaction, partnerId, userId)
    await record(transaction, { partnerId, event: `member.${role}`, by: userId, at })
    return { partner: await partnerOf(transaction, partnerId), role }
  }

  /** The receipt is given up with it: whoever finds it later finds nothing. */
  async function takeOver(transaction: Knex.Transaction, userId: string, code: string): Promise<Membership | null> {
    const receipt_hash = receiptHash(vault, code)
    const row: PartnerRow | undefined = await transaction('partners').where({ receipt_hash, state: 'active' }).first()
    if (!row) return null
    const taken = await transaction('partners').where({ id: row.id, receipt_hash }).update({ receipt_hash: null })
    return taken === 1 ? add(transaction, row.id, userId, 'owner') : null
  }

  async function accept(transaction: Knex.Transaction, userId: string, code: string): Promise<Membership | null> {
    const invitation = await invitations.use(transaction, code)
    return invitation && add(transaction, invitation.partnerId, userId, invitation.role)
  }

  return {
    async of(userId, { page, pageSize }) {
      const mine = () =>
        database('partner_members').join('partners', 'partners.id', 'partner_members.partner_id').where({ user_id: userId })
      const rows: (PartnerRow & { role: MemberRole })[] = await mine()
        .orderBy([{ column: 'partner_members.added_at', order: 'desc' }, 'partners.id'])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
        .select('partners.*', 'partner_members.role')
      const counted = await mine().count({ n: '*' }).first()
      return { rows: rows.map(({ role, ...partner }) => ({ partner, role })), total: Number(counted?.['n'] ?? 0) }
    },
    async require(partnerId, userId, { role: needed, active = false } = {}) {
      const row: { role: MemberRole } | undefined = await database('partner_members')
        .where({ partner_id: partnerId, user_id: userId })
        .first('role')
      if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有这个接入方。' })
      const partner = await partnerOf(database, partnerId)
      if (needed === 'owner' && row.role !== 'owner') throw new HubError('HUB_ROLE_REQUIRED', { detail: '只有接入方的负责人才能这样做。' })
      if (active && partner.state !== 'active')
        throw new HubError('HUB_REQUEST_STATE', { detail: '接入方现在不是正常状态，请联系平台管理员。' })
      return { partner, role: row.role }
    },
    async list(partnerId) {
      const rows: { id: string; user_id: string; role: MemberRole; added_at: number | string }[] = await database('partner_members')
        .where({ partner_id: partnerId })
        .orderBy(['added_at', 'user_id'])
        .limit(MOST_MEMBERS)
      return rows.map(({ id, user_id, role, added_at }) => ({ id, userId: user_id, role, addedAt: Number(added_at) }))
    },
    join: (userId, code) =>
      transact(database, async (transaction) => {
        const joined = (await takeOver(transaction, userId, code)) ?? (await accept(transaction, userId, code))
        if (!joined) throw new HubError('HUB_NO_RECORD', { detail: '回执编号或邀请码不对、已经用过、已经过期，或者申请还没有批准。' })
        return joined
      }),
    remove: (partnerId, memberId, by) =>
      transact(database, async (transaction) => {
        const member = () => transaction('partner_members').where({ partner_id: partnerId, id: memberId })
        const invited_by: string | undefined = (await member().first('user_id'))?.user_id
        if (invited_by === undefined || (await member().delete()) !== 1) throw new HubError('HUB_NO_RECORD', { detail: '没有这个成员。' })
        // By one of his own he would come back.
        await transaction('partner_invitations').where({ partner_id: partnerId, invited_by }).delete()
        const owner = await transaction('partner_members').where({ partner_id: partnerId, role: 'owner' }).forUpdate().first('user_id')
        if (!owner) throw new HubError('HUB_REQUEST_STATE', { detail: '接入方至少要有一位负责人。' })
        await record(transaction, { partnerId, event: 'member.removed', by, at: now() })
      }),
  }
}

/** Suspending it and letting it go on, and moves of its applications; what members withdraw is closed. */
function byAdministrators(query: Knex.QueryBuilder): void {
  query.where({ event: 'partner' }).orWhere((either) => either.where({ event: 'application' }).whereNot({ to_state: 'closed' }))
}

/** Whoever reviewed or decided anything of a partner never becomes its member, under no account of his. Throws HUB_SECOND_PERSON. */
async function assertUninvolved(transaction: Knex.Transaction, partner_id: string, userId: string): Promise<void> {
  const users = await withMerged(transaction, userId)
  const reviewed = await transaction('partner_reviews')
    .where({ partner_id })
    .andWhere((query) => query.whereIn('reviewed_by', users).orWhereIn('decided_by', users))
    .forUpdate()
    .first('id')
  const moved = await transaction('partner_events').where({ partner_id }).whereIn('acted_by', users).where(byAdministrators).first('id')
  if (reviewed || moved) throw new HubError('HUB_SECOND_PERSON', { detail: '您审核或处理过这个接入方，不能成为它的成员。' })
}
