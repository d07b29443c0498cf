import type { Knex } from 'knex'

/** How a document was signed, and when a time-stamping authority saw it; null in those of before, and where nobody signed or stamped. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('issued_documents', (table) => {
    table.string('signature', 16)
    table.bigInteger('stamped_at')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('issued_documents', (table) => {
    table.dropColumn('signature')
    table.dropColumn('stamped_at')
  })
}
