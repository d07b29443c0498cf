import type { Knex } from 'knex'

/** How the services are searched, which words are suggested, and what was looked for: counts, of nobody (docs/hall.md). */
export async function up(knex: Knex): Promise<void> {
  // One row at most; none: as the hub has it.
  await knex.schema.createTable('search_rules', (table) => {
    table.integer('id').primary()
    // JSON.
    table.text('rules').notNullable()
    table.integer('revision').notNullable()
    table.string('changed_by', 36).notNullable()
    table.bigInteger('changed_at').notNullable()
  })
  await knex.schema.createTable('hot_words', (table) => {
    table.string('id', 36).primary()
    table.string('word', 40).notNullable().unique({ indexName: 'hot_words_word' })
    // The heavier stands first.
    table.integer('weight').notNullable()
    table.string('added_by', 36).notNullable()
    table.bigInteger('added_at').notNullable()
  })
  await knex.schema.createTable('search_counts', (table) => {
    // Beijing's.
    table.string('day', 10).notNullable()
    table.string('words', 40).notNullable()
    table.integer('searches').notNullable()
    table.integer('empty').notNullable()
    table.integer('clicks').notNullable()
    table.primary(['day', 'words'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['search_counts', 'hot_words', 'search_rules']) await knex.schema.dropTableIfExists(table)
}
