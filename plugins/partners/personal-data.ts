import type { Knex } from 'knex'
import { deleteRows, type PersonalData, sealedColumn } from '../store/personal-data.ts'
import { membersAlong } from './merging.ts'

const ACT = 'the act itself, as part of the partner’s history'
const acts = [
  ['partner_invitations', 'invited_by'],
  ['partner_reviews', 'requested_by'],
  ['partner_reviews', 'reviewed_by'],
  ['partner_reviews', 'decided_by'],
  ['partner_events', 'acted_by'],
  ['application_webhooks', 'created_by'],
] as const

export const personalData: PersonalData = {
  sealed: [
    sealedColumn('partners', 'contact_sealed', { kept: 'whom an organisation named; no user of the hub' }),
    sealedColumn('application_webhooks', 'secret_sealed', { kept: 'an application’s own' }),
  ],
  users: [
    { table: 'partner_members', column: 'user_id' },
    { table: 'webhook_deliveries', column: 'user_id' },
    ...acts.map(([table, column]) => ({ table, column, kept: ACT })),
  ],
  needs: lastOwnerOf,
  erase: (erasure) => deleteRows(erasure, ['partner_members', 'webhook_deliveries']),
  along: membersAlong,
}

/** → of which partner nobody else is an owner, in words; false for none. One that is over needs nobody. */
async function lastOwnerOf(transaction: Knex.Transaction, users: readonly string[]): Promise<string | false> {
  const owned: { id: string; name: string }[] = await transaction('partner_members')
    .join('partners', 'partners.id', 'partner_members.partner_id')
    .where({ role: 'owner' })
    .whereIn('user_id', users)
    .whereNot({ state: 'closed' })
    .select('partners.id', 'partners.name')
  for (const { id, name } of owned) {
    // Held: of two owners who go at once the second finds no other.
    const owners: string[] = await transaction('partner_members').where({ partner_id: id, role: 'owner' }).forUpdate().pluck('user_id')
    if (owners.every((owner) => users.includes(owner)))
      return `这个账户是接入方“${name}”唯一的负责人，请先由他邀请另一位负责人加入，再注销。`
  }
  return false
}
