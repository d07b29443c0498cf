import type { Knex } from 'knex'

/** What is done in apps, counted by the hour, and who may send it. Of who did it nothing is kept. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('event_sources', (table) => {
    table.string('id', 64).primary()
    table.string('name', 64).notNullable()
    // JSON: names with their titles, by kind; a kind that is not there is not taken.
    table.text('names', 'mediumtext').notNullable()
    table.boolean('enabled').notNullable()
    table.string('changed_by', 36).notNullable()
    table.bigInteger('changed_at').notNullable()
  })
  await knex.schema.createTable('event_statistics', (table) => {
    // Epoch milliseconds of its beginning; the day is Beijing's.
    table.bigInteger('hour').notNullable()
    table.string('day', 10).notNullable()
    table.string('source', 64).notNullable()
    table.string('kind', 16).notNullable()
    // Empty: one that the source does not have.
    table.string('name', 128).notNullable()
    table.bigInteger('times').notNullable()
    table.bigInteger('seconds').notNullable()
    table.primary(['hour', 'source', 'kind', 'name'])
    table.index(['day'], 'event_statistics_day')
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['event_statistics', 'event_sources']) await knex.schema.dropTableIfExists(table)
}
