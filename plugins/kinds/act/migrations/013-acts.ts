import type { Knex } from 'knex'

/** Commands that agencies answer at once, kept so that each is sent once (docs/acts.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('acts', (table) => {
    table.string('id', 36).primary()
    table.string('connector', 64).notNullable()
    table.string('service', 64).notNullable()
    table.string('user_id', 36).notNullable().references('users.id')
    table.string('enterprise_id', 36)
    // Keys that differ only in case are different keys, on MySQL too.
    table.string('idempotency_key', 128).notNullable().collate('utf8mb4_bin')
    // Of what was asked for nothing is kept but this, to compare.
    table.string('request_hash', 64).notNullable()
    // The account at the agency that it was done with, where it has one.
    table.text('account_sealed')
    table.string('state', 16).notNullable()
    table.text('answer_sealed')
    table.string('trace_id', 32).notNullable()
    table.integer('attempts').notNullable()
    table.bigInteger('sent_at').notNullable()
    // After this, whoever sent it is dead or has given up.
    table.bigInteger('lease_until').notNullable()
    table.string('last_error', 64)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.unique(['user_id', 'connector', 'service', 'idempotency_key'], { indexName: 'acts_idempotency' })
  })
  // A face verification is spent on a submission or on an act.
  await knex.schema.alterTable('spent_face_verifications', (table) => {
    table.setNullable('submission_id')
    table.string('act_id', 36).references('acts.id')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex('spent_face_verifications').whereNull('submission_id').delete()
  await knex.schema.alterTable('spent_face_verifications', (table) => {
    table.dropForeign('act_id')
    table.dropColumn('act_id')
  })
  await knex.schema.alterTable('spent_face_verifications', (table) => table.dropNullable('submission_id'))
  await knex.schema.dropTableIfExists('acts')
}
