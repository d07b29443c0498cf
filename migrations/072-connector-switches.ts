import type { Knex } from 'knex'

/** How administrators have a connector used; no row: it is on. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('connector_switches', (table) => {
    table.string('connector', 64).primary()
    table.string('state', 8).notNullable()
    // Why, for citizens; null where it is on.
    table.string('title', 40)
    table.string('changed_by', 36).notNullable()
    table.bigInteger('changed_at').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('connector_switches')
}
