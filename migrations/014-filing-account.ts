import type { Knex } from 'knex'

/** The user's own number at the agency, as it was when the filing was accepted: whatever is bound later, it is filed and followed under this. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('submissions', (table) => void table.text('account_sealed'))
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table submissions drop column account_sealed')
}
