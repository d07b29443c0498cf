import type { Knex } from 'knex'

/** What an account was shown with when it was bound, masked: by which its owner tells it from his others. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('agency_accounts', (table) => {
    table.text('shown_sealed')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table agency_accounts drop column shown_sealed')
}
