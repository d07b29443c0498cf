import type { Knex } from 'knex'

const BYTES = 'utf8mb4_bin'

/** Keys of applications: several of one may live at a time, so that one replaces another without a gap. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('oauth_client_keys', (table) => {
    table.string('id', 36).primary().collate(BYTES)
    table.string('client_id', 64).notNullable().collate(BYTES)
    table.text('secret_sealed').notNullable()
    table.string('created_by', 36).collate(BYTES)
    table.bigInteger('created_at').notNullable()
    // Null: until it is revoked.
    table.bigInteger('ends_at')
    table.bigInteger('revoked_at')
    table.bigInteger('last_used_at')
    table.index(['client_id'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('oauth_client_keys')
}
