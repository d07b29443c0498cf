import { randomBytes, randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { type MemberRole, record } from './rows.ts'

/** One that nobody has used yet; its code is nowhere. */
export interface Invitation {
  id: string
  role: MemberRole
  invitedBy: string
  invitedAt: number
  expiresAt: number
}

/** How one more person becomes a member. Only owners invite, and an invitation is good only while whoever made it is one. */
export interface Invitations {
  /** → a code that makes one more person a member, shown once. Throws HUB_ROLE_REQUIRED, HUB_REQUEST_STATE. */
  invite(partnerId: string, role: MemberRole, by: string): Promise<{ id: string; code: string; expiresAt: number }>
  /** Those that are good, what ends first first. */
  open(partnerId: string): Promise<Invitation[]>
  /** Its code is good for nothing from now on. Throws HUB_NO_RECORD also for another partner's, and one that has ended. */
  withdraw(partnerId: string, id: string, by: string): Promise<void>
  /** Uses one up; null: there is none of this code. Throws HUB_NO_RECORD for one that has ended, saying how. */
  use(transaction: Knex.Transaction, code: string): Promise<{ partnerId: string; role: MemberRole } | null>
  /** Takes away what ended long ago. */
  purge(): Promise<void>
}

/** People and open invitations of one partner. */
export const MOST_MEMBERS = 50
const DAY_MS = 86_400_000
const GOOD_MS = 7 * DAY_MS
/** For so long whoever holds one that has ended is told how. */
const TOLD_MS = 30 * DAY_MS

interface InvitationRow {
  id: string | null
  code_hash: string
  partner_id: string
  role: MemberRole
  invited_by: string
  expires_at: number | string
  withdrawn_at: number | string | null
}

export function createInvitations(database: Database, vault: Vault, now: () => number = Date.now): Invitations {
  const hashOf = (code: string) => vault.fingerprint(code, 'partners.invitation')
  const openOf = (knex: Knex, partner_id: string) => knex('partner_invitations').where({ partner_id }).where('expires_at', '>', now())

  return {
    async invite(partnerId, role, by) {
      const [id, code] = [randomUUID(), randomBytes(18).toString('base64url')]
      const expires_at = now() + GOOD_MS
      await transact(database, async (transaction) => {
        await requireOwner(transaction, partnerId, by)
        const members = await transaction('partner_members').where({ partner_id: partnerId }).count({ n: '*' }).first()
        const invited = await openOf(transaction, partnerId).count({ n: '*' }).first()
        if (Number(members?.['n']) + Number(invited?.['n']) >= MOST_MEMBERS)
          throw new HubError('HUB_REQUEST_STATE', { detail: `成员和未用的邀请合计最多 ${MOST_MEMBERS} 个。` })
        const row = { id, code_hash: hashOf(code), partner_id: partnerId, role, invited_by: by, expires_at }
        await transaction('partner_invitations').insert(row)
        await record(transaction, { partnerId, event: 'invited', by, at: now() })
      })
      return { id, code, expiresAt: expires_at }
    },
    async open(partnerId) {
      await nameAll(database, partnerId)
      const rows: (InvitationRow & { id: string })[] = await openOf(database, partnerId).whereNotNull('id').orderBy(['expires_at', 'id'])
      return rows.map(({ id, role, invited_by, expires_at }) => {
        const expiresAt = Number(expires_at)
        return { id, role, invitedBy: invited_by, invitedAt: expiresAt - GOOD_MS, expiresAt }
      })
    },
    withdraw: (partnerId, id, by) =>
      transact(database, async (transaction) => {
        await requireOwner(transaction, partnerId, by)
        const at = now()
        const withdrawn = await openOf(transaction, partnerId).where({ id }).update({ expires_at: at, withdrawn_at: at })
        if (withdrawn !== 1) throw new HubError('HUB_NO_RECORD', { detail: '没有这个邀请，或者它已经用过、过期或撤回。' })
        await record(transaction, { partnerId, event: 'invitation.withdrawn', by, at })
      }),
    async use(transaction, code) {
      const invitation = () => transaction('partner_invitations').where({ code_hash: hashOf(code) })
      const row: InvitationRow | undefined = await invitation().forUpdate().first()
      if (!row) return null
      if (row.withdrawn_at !== null) throw new HubError('HUB_NO_RECORD', { detail: '这个邀请已经由接入方的负责人撤回。' })
      if (Number(row.expires_at) <= now()) throw new HubError('HUB_NO_RECORD', { detail: '这个邀请已经过期，请向接入方的负责人另要一个。' })
      if ((await invitation().delete()) !== 1 || !(await holdOwner(transaction, row.partner_id, row.invited_by))) return null
      return { partnerId: row.partner_id, role: row.role }
    },
    async purge() {
      await database('partner_invitations')
        .where('expires_at', '<=', now() - TOLD_MS)
        .delete()
    },
  }
}

/** Those of before invitations had ids, or of a process of then, get theirs when somebody looks. */
async function nameAll(database: Knex, partner_id: string): Promise<void> {
  const nameless: string[] = await database('partner_invitations').where({ partner_id, id: null }).pluck('code_hash')
  for (const code_hash of nameless) await database('partner_invitations').where({ code_hash, id: null }).update({ id: randomUUID() })
}

/** Held, or gone since he was asked for his role: no invitation outlives its owner. Throws HUB_ROLE_REQUIRED. */
async function requireOwner(transaction: Knex, partnerId: string, userId: string): Promise<void> {
  if (!(await holdOwner(transaction, partnerId, userId)))
    throw new HubError('HUB_ROLE_REQUIRED', { detail: '只有接入方的负责人才能这样做。' })
}

/** Whether he is an owner, as the store has it now; until the transaction ends nobody changes it. */
async function holdOwner(transaction: Knex, partner_id: string, user_id: string): Promise<boolean> {
  const mine = { partner_id, user_id, role: 'owner' }
  return (await transaction('partner_members').where(mine).forUpdate().first('id')) !== undefined
}
