import type { Knex } from 'knex'

/** By which agencies' notices are cleared away once they are old. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('filing_notices', (table) => {
    table.index(['verdict', 'at'], 'filing_notices_age')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('filing_notices', (table) => {
    table.dropIndex([], 'filing_notices_age')
  })
}
