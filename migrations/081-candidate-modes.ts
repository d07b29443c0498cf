import type { Knex } from 'knex'

/** How a connector's second version is used beside the running one; no row, or one of another version: not at all. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('candidate_modes', (table) => {
    table.string('connector', 64).primary()
    table.string('version', 40).notNullable()
    table.string('mode', 8).notNullable()
    // Percent: of the reads that are compared, of the users who are answered by it.
    table.integer('shadow_share').notNullable()
    table.integer('share').notNullable()
    // Why the hub itself took the share back, in Chinese, for operators.
    table.string('reason', 200)
    // Null where it was the hub itself.
    table.string('changed_by', 36)
    table.bigInteger('changed_at').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('candidate_modes')
}
