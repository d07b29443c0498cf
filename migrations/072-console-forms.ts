import type { Knex } from 'knex'

/** Forms of the console that were sent: each counts once, whichever process it comes to. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('console_forms', (table) => {
    // Keyed hash of the form's number.
    table.string('number_hash', 64).primary()
    table.bigInteger('expires_at').notNullable().index()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('console_forms')
}
