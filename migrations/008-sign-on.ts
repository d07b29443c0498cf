import type { Knex } from 'knex'

/** Signing on at the app, the browser sessions that follow, and face verifications. `_hash` columns hold keyed hashes. */
export async function up(knex: Knex): Promise<void> {
  // Somebody at an issuer of sign-on, and the hub's user behind.
  await knex.schema.createTable('sign_on_accounts', (table) => {
    table.string('issuer', 200).notNullable().collate('utf8mb4_bin')
    table.string('subject', 200).notNullable().collate('utf8mb4_bin')
    table.string('user_id', 36).notNullable().references('users.id')
    table.bigInteger('created_at').notNullable()
    table.bigInteger('last_sign_on_at').notNullable()
    table.primary(['issuer', 'subject'])
    // One issuer knows a person once; a second subject of the same person is a conflict.
    table.unique(['user_id', 'issuer'])
  })
  // A sign-on under way; the row goes when its state comes back.
  await knex.schema.createTable('sign_on_flows', (table) => {
    table.string('state_hash', 64).primary()
    table.string('browser_hash', 64).notNullable()
    table.string('return_to', 2000).notNullable()
    table.text('verifier_sealed').notNullable()
    table.bigInteger('expires_at').notNullable().index()
  })
  // Tickets and codes that were presented; the key is unique, so each is presented once.
  await knex.schema.createTable('sign_on_tickets', (table) => {
    table.string('ticket_hash', 64).primary()
    table.bigInteger('expires_at').notNullable().index()
  })
  await knex.schema.createTable('sessions', (table) => {
    table.string('id_hash', 64).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    table.bigInteger('signed_on_at').notNullable()
    table.bigInteger('seen_at').notNullable()
    table.bigInteger('expires_at').notNullable().index()
  })
  await knex.schema.createTable('face_verifications', (table) => {
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    // '<connector>.<service>', or null where it is bound to none
    table.string('service', 129)
    table.string('state', 16).notNullable()
    // The provider's id of it.
    table.string('reference', 128).notNullable().collate('utf8mb4_bin')
    table.text('assertion')
    table.bigInteger('started_at').notNullable()
    table.bigInteger('expires_at').notNullable()
    table.bigInteger('verified_at')
    table.bigInteger('used_at')
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['face_verifications', 'sessions', 'sign_on_tickets', 'sign_on_flows', 'sign_on_accounts'])
    await knex.schema.dropTableIfExists(table)
}
