import type { Knex } from 'knex'

/** Orders are counted by state, whoever's they are. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('orders', (table) => {
    table.index(['state'], 'orders_state')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('orders', (table) => {
    table.dropIndex([], 'orders_state')
  })
}
