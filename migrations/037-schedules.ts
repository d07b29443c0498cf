import type { Knex } from 'knex'

/** What is done at set times, once for all processes of a hub: a row for each, which is also its lease. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('schedules', (table) => {
    table.string('name', 64).primary()
    table.string('pattern', 64).notNullable()
    table.bigInteger('due_at').notNullable()
    table.string('lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.integer('runs').notNullable().defaultTo(0)
    // In a row; 0 after a success.
    table.integer('failures').notNullable().defaultTo(0)
    table.string('last_error', 64)
    table.bigInteger('started_at')
    table.bigInteger('ended_at')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('schedules')
}
