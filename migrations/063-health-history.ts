import type { Knex } from 'knex'

/** In which state each system was, from when until when, as all processes together found it. Times are epoch milliseconds. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('health_history', (table) => {
    table.bigIncrements('id')
    table.string('system', 128).notNullable()
    // plugins/operations/system-state.ts
    table.string('state', 32).notNullable()
    table.bigInteger('from_at').notNullable()
    table.bigInteger('until_at').index()
    // When it was last found so: nobody knows how it was while nobody looked.
    table.bigInteger('seen_at').notNullable()
    // Another state that was found once, and since when; the second look decides.
    table.string('doubt', 32)
    table.bigInteger('doubt_at')
    // The system while this is its present state, so that there is one; null afterwards.
    table.string('open_key', 128).unique({ indexName: 'health_history_open' })
    table.index(['system', 'from_at'], 'health_history_listed')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('health_history')
}
