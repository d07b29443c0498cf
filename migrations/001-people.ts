import type { Knex } from 'knex'

/** Times are epoch milliseconds everywhere; `_sealed` columns hold vault text, `_hash` keyed hashes. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('users', (table) => {
    table.string('id', 36).primary()
    table.string('issuer', 200).notNullable()
    // A subject is compared to the letter (RFC 7519 §4.1.2), which MySQL does only in a binary collation.
    table.string('subject', 200).notNullable().collate('utf8mb4_bin')
    table.string('status', 16).notNullable()
    table.string('level', 16).notNullable()
    table.text('name_sealed')
    table.string('id_type', 2)
    table.text('id_number_sealed')
    table.string('id_number_hash', 64).unique()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.unique(['issuer', 'subject'])
  })
  await knex.schema.createTable('enterprises', (table) => {
    table.string('id', 36).primary()
    table.string('name', 255).notNullable()
    table.string('uscc', 18).notNullable().unique()
    table.string('status', 16).notNullable()
    table.bigInteger('created_at').notNullable()
  })
  await knex.schema.createTable('mandates', (table) => {
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    table.string('enterprise_id', 36).notNullable().references('enterprises.id')
    // '*', '<connector>' or '<connector>.<service>', space-separated
    table.string('scope', 1000).notNullable()
    table.string('status', 16).notNullable()
    table.string('granted_by', 200).notNullable()
    table.bigInteger('starts_at').notNullable()
    table.bigInteger('ends_at').notNullable()
    table.index(['user_id', 'enterprise_id'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['mandates', 'enterprises', 'users']) await knex.schema.dropTableIfExists(table)
}
