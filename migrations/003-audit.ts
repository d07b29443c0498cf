import type { Knex } from 'knex'

/**
 * The form of both tables is described in plugins/audit/chain.ts. `record` is the text that the hash
 * covers; the columns before it repeat parts of it for searching.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('audit_chains', (table) => {
    table.string('id', 36).primary()
    table.bigInteger('opened_at').notNullable()
    table.bigInteger('head_seq').notNullable()
    table.string('head_hash', 64).notNullable()
    table.string('seal', 64).notNullable()
    table.string('witness', 64).notNullable().defaultTo('')
  })
  await knex.schema.createTable('audit_rows', (table) => {
    table.string('chain', 36).notNullable()
    table.bigInteger('seq').notNullable()
    table.bigInteger('at').notNullable()
    table.string('trace_id', 64).notNullable()
    table.string('user', 64)
    table.string('connector', 64)
    table.string('service', 64)
    table.string('outcome', 64).notNullable()
    table.text('record', 'mediumtext').notNullable()
    table.string('hash', 64).notNullable()
    table.primary(['chain', 'seq'])
    // No index on user or service: every call pays for one (each costs as much CPU as hashing and
    // writing the row itself on SQLite), while such searches are rare and name a span of time.
    table.index(['at'])
    table.index(['trace_id'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['audit_rows', 'audit_chains']) await knex.schema.dropTableIfExists(table)
}
