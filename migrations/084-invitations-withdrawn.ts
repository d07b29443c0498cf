import type { Knex } from 'knex'

/** Invitations of a partner have ids, by which owners withdraw them (docs/partners.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('partner_invitations', (table) => {
    // Null for those of before until an owner looks.
    table.string('id', 36).collate('utf8mb4_bin').unique({ indexName: 'partner_invitations_id' })
    // It ends with that, too: a process of before knows no other end.
    table.bigInteger('withdrawn_at')
    table.index(['partner_id', 'expires_at'], 'partner_invitations_open')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('partner_invitations', (table) => {
    table.dropIndex(['partner_id', 'expires_at'], 'partner_invitations_open')
    table.dropUnique(['id'], 'partner_invitations_id')
    table.dropColumns('id', 'withdrawn_at')
  })
}
