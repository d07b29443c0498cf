import type { Knex } from 'knex'

/** Since when nobody has known how a booking stands at its agency: whoever was told so is told how it ended (docs/bookings.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('bookings', (table) => {
    table.bigInteger('unclear_at')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('bookings', (table) => table.dropColumn('unclear_at'))
}
