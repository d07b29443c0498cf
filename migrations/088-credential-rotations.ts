import type { Knex } from 'knex'

/** When somebody last had the credentials of an agency's system replaced before their time; by it the other processes know to take up the new ones. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('credential_rotations', (table) => {
    table.string('system', 129).primary()
    table.string('asked_by', 36).notNullable()
    table.bigInteger('asked_at').notNullable()
    // Null while it goes on, or where a process ended in the midst of it.
    table.bigInteger('ended_at')
    table.integer('renewed').notNullable()
    table.integer('failed').notNullable()
    table.string('error', 64)
    table.index(['ended_at'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('credential_rotations')
}
