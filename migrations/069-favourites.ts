import type { Knex } from 'knex'

/** Services that a user has put on his front page himself, and those that he used last (docs/hall.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('favourite_services', (table) => {
    table.string('user_id', 36).notNullable()
    // `<connector>.<service>`.
    table.string('service', 130).notNullable()
    // From the front.
    table.integer('place').notNullable()
    table.primary(['user_id', 'service'])
  })
  await knex.schema.createTable('recent_services', (table) => {
    table.string('user_id', 36).notNullable()
    table.string('service', 130).notNullable()
    table.bigInteger('used_at').notNullable()
    table.primary(['user_id', 'service'])
    table.index(['used_at'], 'recent_services_used_at')
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['recent_services', 'favourite_services']) await knex.schema.dropTableIfExists(table)
}
