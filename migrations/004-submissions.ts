import type { Knex } from 'knex'

/** A submission is also its own job: `due_at` is when it wants attention next, null when it needs none. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('submissions', (table) => {
    table.string('id', 36).primary()
    table.string('connector', 64).notNullable()
    table.string('service', 64).notNullable()
    table.string('user_id', 36).notNullable().references('users.id')
    table.string('enterprise_id', 36)
    // Keys that differ only in case are different keys, on MySQL too.
    table.string('idempotency_key', 128).notNullable().collate('utf8mb4_bin')
    table.string('request_hash', 64).notNullable()
    table.text('request_sealed').notNullable()
    table.string('state', 16).notNullable()
    table.text('progress_sealed')
    table.string('trace_id', 32).notNullable()
    // Sends so far.
    table.integer('attempts').notNullable().defaultTo(0)
    // Since the last success or operator's act: troubles of any kind, and sends or queries that left the outcome open.
    table.integer('failures').notNullable().defaultTo(0)
    table.integer('unclear').notNullable().defaultTo(0)
    // 1 while the agency has refused a repeated send.
    table.integer('declined').notNullable().defaultTo(0)
    // Status queries without news.
    table.integer('polls').notNullable().defaultTo(0)
    // Time of a send of which the outcome is not known yet; null once it is.
    table.bigInteger('sent_at')
    table.string('last_error', 64)
    table.bigInteger('due_at')
    table.string('lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.unique(['user_id', 'connector', 'service', 'idempotency_key'], { indexName: 'submissions_idempotency' })
    table.index(['due_at'])
    table.index(['state'])
  })
  await knex.schema.createTable('submission_events', (table) => {
    table.increments('id')
    table.string('submission_id', 36).notNullable().references('submissions.id')
    table.string('from_state', 16)
    table.string('to_state', 16).notNullable()
    table.string('note', 64)
    table.bigInteger('at').notNullable()
    table.index(['submission_id'])
  })
  // A face verification that was spent on a submission; the key is unique, so it is spent once.
  await knex.schema.createTable('spent_face_verifications', (table) => {
    table.string('id', 64).primary()
    table.string('submission_id', 36).notNullable().references('submissions.id')
    table.bigInteger('spent_at').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['spent_face_verifications', 'submission_events', 'submissions']) await knex.schema.dropTableIfExists(table)
}
