import type { Knex } from 'knex'

/** The number of the receipt that the company gave for what it wrote off (电子税票), sealed. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('orders', (table) => {
    table.text('receipt_sealed')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('orders', (table) => {
    table.dropColumn('receipt_sealed')
  })
}
