import type { Knex } from 'knex'

/** What the platform offers those who build on it, beside the declarations: what is said of each ability, and groups to find it in (docs/capabilities.md). */
export async function up(knex: Knex): Promise<void> {
  // No row: as declared, and nothing said.
  await knex.schema.createTable('capabilities', (table) => {
    // `<connector>.<service>`, or the id of an ability of the platform or of the app.
    table.string('id', 130).primary()
    // JSON of what an administrator made himself; null for what is declared.
    table.text('own')
    // Who answers for it.
    table.string('owner', 64)
    // JSON: a list of texts.
    table.text('tags').notNullable()
    // The heavier stands first.
    table.integer('weight').notNullable()
    // One more with every change: whoever changes says which one he read.
    table.integer('revision').notNullable()
    table.bigInteger('created_at').notNullable()
    table.string('changed_by', 36).notNullable()
    table.bigInteger('changed_at').notNullable()
  })
  await knex.schema.createTable('capability_groups', (table) => {
    table.string('id', 36).primary()
    // Empty: at the top.
    table.string('parent', 36).notNullable()
    table.string('name', 64).notNullable()
    table.string('summary', 200)
    table.text('tags').notNullable()
    table.integer('weight').notNullable()
    table.boolean('shown').notNullable()
    table.integer('revision').notNullable()
    // Null: it came with the hub.
    table.string('created_by', 36)
    table.bigInteger('created_at').notNullable()
    table.string('changed_by', 36)
    table.bigInteger('changed_at').notNullable()
    table.unique(['parent', 'name'], { indexName: 'capability_groups_name' })
  })
  await knex.schema.createTable('capability_bindings', (table) => {
    table.string('group_id', 36).notNullable().references('capability_groups.id')
    table.string('capability', 130).notNullable()
    table.primary(['group_id', 'capability'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['capability_bindings', 'capability_groups', 'capabilities']) await knex.schema.dropTableIfExists(table)
}
