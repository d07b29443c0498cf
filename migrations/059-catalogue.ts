import type { Knex } from 'knex'

/** The catalogue that the app lives on: categories, and what administrators say of services beside their declarations (docs/catalogue.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('catalogue_categories', (table) => {
    table.string('id', 36).primary()
    // hot, audience or topic.
    table.string('view', 16).notNullable()
    table.string('name', 64).notNullable()
    table.string('icon', 500)
    // The heavier stands first.
    table.integer('weight').notNullable()
    table.boolean('shown').notNullable()
    table.string('changed_by', 36).notNullable()
    table.bigInteger('changed_at').notNullable()
    table.unique(['view', 'name'], { indexName: 'catalogue_categories_name' })
  })
  // No row: everything as declared, and on line. Null in a row: as declared.
  await knex.schema.createTable('catalogue_services', (table) => {
    // `<connector>.<service>`.
    table.string('service', 130).primary()
    table.string('name', 64)
    table.string('icon', 500)
    table.string('address', 1000)
    // JSON: lists of texts.
    table.text('permissions').notNullable()
    table.text('regions').notNullable()
    table.integer('weight').notNullable()
    table.boolean('recommended')
    table.boolean('online').notNullable()
    // Why it is off line, for citizens.
    table.string('reason', 200)
    table.string('changed_by', 36).notNullable()
    table.bigInteger('changed_at').notNullable()
  })
  await knex.schema.createTable('catalogue_tags', (table) => {
    table.string('service', 130).notNullable().references('catalogue_services.service')
    table.string('category_id', 36).notNullable().references('catalogue_categories.id')
    table.primary(['service', 'category_id'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['catalogue_tags', 'catalogue_services', 'catalogue_categories']) await knex.schema.dropTableIfExists(table)
}
