import type { Knex } from 'knex'

/** Tokens that the hub has given up and that their agency has still to hear of. The row goes with the answer. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('agency_revocations', (table) => {
    table.string('id', 36).primary()
    table.string('connector', 64).notNullable()
    table.text('token_sealed').notNullable()
    table.bigInteger('created_at').notNullable()
    table.string('lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.integer('failures').notNullable().defaultTo(0)
    table.bigInteger('retry_at').notNullable().defaultTo(0).index()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('agency_revocations')
}
