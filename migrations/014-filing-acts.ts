import type { Knex } from 'knex'

/** What applicants do to filings that the agency has: cancel or change one. At most one of a filing is open at a time. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('submission_acts', (table) => {
    table.string('id', 36).primary()
    table.string('submission_id', 36).notNullable().references('submissions.id')
    // cancel or change
    table.string('kind', 8).notNullable()
    // Keys that differ only in case are different keys, on MySQL too.
    table.string('idempotency_key', 128).notNullable().collate('utf8mb4_bin')
    table.string('request_hash', 64).notNullable()
    table.text('request_sealed').notNullable()
    table.string('state', 16).notNullable()
    // Sends so far, and troubles since the last one.
    table.integer('attempts').notNullable().defaultTo(0)
    table.integer('failures').notNullable().defaultTo(0)
    // Time of a send of which the outcome is not known yet; null once it is.
    table.bigInteger('sent_at')
    table.string('last_error', 64)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.unique(['submission_id', 'idempotency_key'], { indexName: 'submission_acts_idempotency' })
  })
  await knex.schema.createTable('submission_act_events', (table) => {
    table.increments('id')
    table.string('act_id', 36).notNullable().references('submission_acts.id')
    table.string('from_state', 16)
    table.string('to_state', 16).notNullable()
    table.string('note', 64)
    table.bigInteger('at').notNullable()
    table.index(['act_id'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['submission_act_events', 'submission_acts']) await knex.schema.dropTableIfExists(table)
}
