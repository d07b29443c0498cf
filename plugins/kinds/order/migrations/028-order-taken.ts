import type { Knex } from 'knex'

/** When the hub took an order to be paid, by its own clock: from here the company's time to write it off runs. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('orders', (table) => {
    table.bigInteger('taken_at')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('orders', (table) => {
    table.dropColumn('taken_at')
  })
}
