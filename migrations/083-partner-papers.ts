import type { Knex } from 'knex'

const BYTES = 'utf8mb4_bin'

/** What an organisation sent with its application to be a partner; the files themselves are those of `files`, which no user brought. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('partner_papers', (table) => {
    // As in `files`, which outlives no row of here: its content is shredded in the same transaction.
    table.string('id', 36).collate(BYTES).primary()
    table.string('partner_id', 36).collate(BYTES).notNullable().references('partners.id')
    table.string('kind', 32).notNullable()
    table.bigInteger('created_at').notNullable()
    table.index(['partner_id', 'created_at'], 'partner_papers_listed')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('partner_papers')
}
