import type { Knex } from 'knex'

const BYTES = 'utf8mb4_bin'

/** Where applications want to be told that something moved, and what is on its way there. */
export async function up(knex: Knex): Promise<void> {
  const text = (table: Knex.CreateTableBuilder, column: string, length: number) => table.string(column, length).collate(BYTES)

  await knex.schema.createTable('application_webhooks', (table) => {
    text(table, 'id', 36).primary()
    text(table, 'application_id', 36).notNullable().index('application_webhooks_application')
    text(table, 'client_id', 64).notNullable().index('application_webhooks_client')
    table.string('url', 500).notNullable()
    // filing, order; space-separated.
    table.string('kinds', 64).notNullable()
    table.text('secret_sealed').notNullable()
    table.string('state', 16).notNullable()
    // Since the last success: how often it failed, since when, and until when nothing is tried.
    table.integer('failures').notNullable().defaultTo(0)
    table.bigInteger('failing_since')
    table.bigInteger('rests_until').notNullable().defaultTo(0)
    text(table, 'created_by', 36)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
  })
  await knex.schema.createTable('webhook_deliveries', (table) => {
    text(table, 'id', 36).primary()
    text(table, 'webhook_id', 36).notNullable().references('application_webhooks.id').onDelete('CASCADE')
    text(table, 'user_id', 36).notNullable().references('users.id')
    text(table, 'service', 130).notNullable()
    table.string('kind', 16).notNullable()
    text(table, 'about', 36).notNullable()
    table.string('about_state', 16).notNullable()
    table.string('state', 16).notNullable()
    table.integer('attempts').notNullable().defaultTo(0)
    text(table, 'last_error', 64)
    table.bigInteger('due_at')
    text(table, 'lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.index(['state', 'due_at'], 'webhook_deliveries_due')
    table.index(['webhook_id', 'created_at'], 'webhook_deliveries_listed')
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['webhook_deliveries', 'application_webhooks']) await knex.schema.dropTableIfExists(table)
}
