import type { Knex } from 'knex'

/** How memberships of partners stood before two users were merged, for whoever undoes it (docs/partners.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('partner_member_moves', (table) => {
    table.integer('move_id').notNullable()
    table.string('partner_id', 36).collate('utf8mb4_bin').notNullable()
    table.string('from_role', 16).notNullable()
    // Null where the one merged into was no member.
    table.string('into_role', 16)
    table.primary(['move_id', 'partner_id'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('partner_member_moves')
}
