import type { Knex } from 'knex'

/** By when people were verified, and by enterprise what was handled for it. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('real_name_records', (table) => void table.index(['at', 'id'], 'real_name_records_newest'))
  for (const table of HANDLED)
    await knex.schema.alterTable(table, (altered) => void altered.index(['enterprise_id', 'created_at'], `${table}_of_enterprise`))
}

export async function down(knex: Knex): Promise<void> {
  for (const table of HANDLED) await knex.schema.alterTable(table, (altered) => void altered.dropIndex([], `${table}_of_enterprise`))
  await knex.schema.alterTable('real_name_records', (table) => void table.dropIndex([], 'real_name_records_newest'))
}

const HANDLED = ['submissions', 'acts', 'orders', 'bookings']
