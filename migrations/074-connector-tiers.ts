import type { Knex } from 'knex'

/** The tier that counts for each connector: what the kit found, and how far the last weeks bear it out (docs/conformance.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('call_statistics', (table) => {
    // Of the calls: those to which the agency gave no answer, and those whose answer could not be read.
    table.bigInteger('unanswered').notNullable().defaultTo(0)
    table.bigInteger('unreadable').notNullable().defaultTo(0)
  })
  await knex.schema.createTable('connector_tiers', (table) => {
    table.string('connector', 64).primary()
    // The declaration's, of which the kit spoke: of any other nothing is proved.
    table.string('version', 40).notNullable()
    table.string('kit', 8).notNullable()
    table.bigInteger('checked_at').notNullable()
    table.string('tier', 8).notNullable()
    // In Chinese, for operators.
    table.string('reason', 200).notNullable()
    table.bigInteger('since').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('connector_tiers')
  await knex.schema.alterTable('call_statistics', (table) => {
    table.dropColumns('unanswered', 'unreadable')
  })
}
