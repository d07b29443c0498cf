import { deleteRows, type PersonalData, sealedColumn } from '../store/personal-data.ts'

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
  erase: (erasure) => deleteRows(erasure, ['partner_members', 'webhook_deliveries']),
}
