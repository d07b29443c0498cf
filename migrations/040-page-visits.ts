import type { Knex } from 'knex'

/**
 * Pages that the app opens for its user: a code that is handed over, and the visit of the browser that brought it. `_hash` columns
 * hold keyed hashes.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('page_visits', (table) => {
    table.string('id', 36).primary()
    // Null once it was used.
    table.string('code_hash', 64).unique({ indexName: 'page_visits_code' })
    // Null until then.
    table.string('cookie_hash', 64).unique({ indexName: 'page_visits_cookie' })
    table.string('user_id', 36).notNullable().references('users.id')
    // The one thing that it is about, as `order:<number>`.
    table.string('subject', 64).notNullable()
    table.bigInteger('expires_at').notNullable().index()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('page_visits')
}
