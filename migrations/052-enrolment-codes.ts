import type { Knex } from 'knex'

/** Codes with which administrators enrol their second factor: what they log in with alone is not enough for it. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('enrolment_codes', (table) => {
    table.string('user_id', 36).primary().references('users.id')
    // Keyed hash of user and code.
    table.string('code_hash', 64).notNullable()
    table.bigInteger('expires_at').notNullable().index()
  })
  // Begun without one: whoever that was begins again.
  await knex('second_factors').whereNull('confirmed_at').delete()
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('enrolment_codes')
}
