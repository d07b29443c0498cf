import type { Knex } from 'knex'

/** Issued documents are listed by enterprise, and by the time of their issue over all holders. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('issued_documents', (table) => {
    table.index(['enterprise_id', 'issued_at'])
    table.index(['issued_at'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('issued_documents', (table) => {
    table.dropIndex(['enterprise_id', 'issued_at'])
    table.dropIndex(['issued_at'])
  })
}
