import type { Knex } from 'knex'

/** How pages of the app and the hall's front page are laid out: drafts, and every version that was published (docs/hall.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('layouts', (table) => {
    // `home` is the front page.
    table.string('page', 32).primary()
    table.string('name', 64).notNullable()
    // JSON: a list of cards.
    table.text('draft', 'mediumtext').notNullable()
    // Number of the version that is shown; null: none.
    table.integer('published')
    // One more with every change: whoever changes says which one he read.
    table.integer('revision').notNullable()
    table.string('changed_by', 36).notNullable()
    table.bigInteger('changed_at').notNullable()
  })
  await knex.schema.createTable('layout_versions', (table) => {
    table.string('page', 32).notNullable()
    table.integer('number').notNullable()
    table.text('cards', 'mediumtext').notNullable()
    // Of which version it is a copy, where it was rolled back to that.
    table.integer('copy_of')
    table.string('published_by', 36).notNullable()
    table.bigInteger('published_at').notNullable()
    table.primary(['page', 'number'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['layout_versions', 'layouts']) await knex.schema.dropTableIfExists(table)
}
