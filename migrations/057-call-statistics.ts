import type { Knex } from 'knex'

/** Calls by the hour, and who made them, added up from the audit log once an hour is over: nobody has to read that again to know. */
export async function up(knex: Knex): Promise<void> {
  // Hours that have been added up; the newest says where to go on.
  await knex.schema.createTable('statistics_hours', (table) => {
    table.bigInteger('hour').primary()
    table.bigInteger('rolled_at').notNullable()
  })
  await knex.schema.createTable('call_statistics', (table) => {
    // Epoch milliseconds of its beginning; the day and the hour of the day are Beijing's.
    table.bigInteger('hour').notNullable()
    table.string('day', 10).notNullable()
    table.integer('clock').notNullable()
    table.string('connector', 64).notNullable()
    table.string('service', 64).notNullable()
    // Empty: the city's own app, or nobody said.
    table.string('app', 64).notNullable()
    table.bigInteger('calls').notNullable()
    table.bigInteger('failed').notNullable()
    table.bigInteger('duration_ms').notNullable()
    // Calls by how long they took: plugins/operations/statistics/buckets.ts.
    for (let index = 0; index < 9; index++) table.bigInteger(`bucket_${index}`).notNullable()
    table.primary(['hour', 'connector', 'service', 'app'])
    table.index(['day'], 'call_statistics_day')
  })
  await knex.schema.createTable('caller_statistics', (table) => {
    table.string('day', 10).notNullable()
    // all, connector, service (`<connector>.<service>`) or app.
    table.string('kind', 16).notNullable()
    table.string('name', 130).notNullable()
    // How many different users there were, without saying who: a HyperLogLog sketch.
    table.text('sketch').notNullable()
    table.primary(['day', 'kind', 'name'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['caller_statistics', 'call_statistics', 'statistics_hours']) await knex.schema.dropTableIfExists(table)
}
