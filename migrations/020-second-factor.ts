import type { Knex } from 'knex'

/** The second factor of administrators (RFC 6238), and the tokens with which one was shown. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('second_factors', (table) => {
    table.string('user_id', 36).primary().references('users.id')
    table.text('secret_sealed').notNullable()
    // null until the first code came: until then it protects nothing, and may be replaced.
    table.bigInteger('confirmed_at')
    // Number of 30 seconds since 1970 of the last code that counted: no code counts twice.
    table.bigInteger('last_step').notNullable()
    // Wrong codes in a row since the last right one or lock.
    table.integer('failures').notNullable().defaultTo(0)
    table.bigInteger('locked_until')
    table.bigInteger('created_at').notNullable()
  })
  await knex.schema.createTable('admin_sessions', (table) => {
    // Keyed hash of the access token.
    table.string('token_hash', 64).primary()
    table.string('user_id', 36).notNullable().references('users.id').index()
    table.bigInteger('verified_at').notNullable()
    table.bigInteger('last_used_at').notNullable()
    table.bigInteger('expires_at').notNullable().index()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['admin_sessions', 'second_factors']) await knex.schema.dropTableIfExists(table)
}
