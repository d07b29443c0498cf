import type { Knex } from 'knex'

/** Short-lived secrets of agencies, one row a credential, shared by all processes of the hub. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('upstream_secrets', (table) => {
    table.string('id', 64).primary()
    table.text('secret_sealed')
    table.bigInteger('obtained_at').notNullable().defaultTo(0)
    table.bigInteger('expires_at').notNullable().defaultTo(0)
    table.string('lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.integer('failures').notNullable().defaultTo(0)
    table.bigInteger('retry_at').notNullable().defaultTo(0)
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('upstream_secrets')
}
