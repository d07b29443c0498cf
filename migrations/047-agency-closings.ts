import type { Knex } from 'knex'

/** Closings that agencies announce beside what their connectors declare, entered by administrators (docs/calendar.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('agency_closings', (table) => {
    table.string('id', 36).primary()
    // `<connector>` or `<connector>/<system>`.
    table.string('system', 128).notNullable()
    table.string('title', 64).notNullable()
    table.bigInteger('from_at').notNullable()
    table.bigInteger('to_at').notNullable().index()
    table.string('created_by', 36).notNullable()
    table.bigInteger('created_at').notNullable()
    table.string('ended_by', 36)
    table.bigInteger('ended_at')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('agency_closings')
}
