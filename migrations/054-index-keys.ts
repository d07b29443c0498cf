import type { Knex } from 'knex'

/** Keys of the hashes by which persons, accounts and the like are found, so that they are replaced while the hub runs (plugins/store/indexes.ts). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('index_keys', (table) => {
    table.string('id', 16).primary()
    table.text('key_sealed').notNullable()
    table.bigInteger('created_at').notNullable()
    // Null while rows are hashed anew with it.
    table.bigInteger('filled_at')
  })
  // One row once a key was made, which whoever writes such a hash holds until his transaction ends.
  await knex.schema.createTable('index_state', (table) => {
    table.integer('id').primary()
    // Null for the look-up key of the settings.
    table.string('newest', 16)
    table.string('before', 16)
    table.integer('filling').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['index_state', 'index_keys']) await knex.schema.dropTableIfExists(table)
}
