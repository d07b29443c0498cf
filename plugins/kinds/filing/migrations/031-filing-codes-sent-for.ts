import type { Knex } from 'knex'

/** A code belongs to the service id under which the agency sent it: several services may share one. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('filing_codes', (table) => {
    // System and service id. Those of before are over within minutes, and belong to none.
    table.string('sent_for', 258).notNullable().defaultTo('').collate('utf8mb4_bin')
    table.index(['user_id', 'sent_for', 'sent_at'], 'filing_codes_sent_for')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('filing_codes', (table) => table.dropIndex(['user_id', 'sent_for', 'sent_at'], 'filing_codes_sent_for'))
  await knex.raw('alter table filing_codes drop column sent_for')
}
