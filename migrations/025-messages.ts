import type { Knex } from 'knex'

const BYTES = 'utf8mb4_bin'

/** What people are told: the outbox, messages, what is sent of them, and by whose wish. */
export async function up(knex: Knex): Promise<void> {
  const user = (table: Knex.CreateTableBuilder, column = 'user_id') => table.string(column, 36).collate(BYTES).references('users.id')
  const text = (table: Knex.CreateTableBuilder, column: string, length: number) => table.string(column, length).collate(BYTES)

  await knex.schema.createTable('notices', (table) => {
    text(table, 'id', 36).primary()
    text(table, 'topic', 32).notNullable()
    // Null for what concerns nobody in particular but a principal.
    user(table).nullable()
    text(table, 'principal', 64).notNullable()
    // Id of the filing, mandate, grant … that it is about.
    text(table, 'about', 64).notNullable()
    // JSON: states, codes, ids and times; no personal data.
    text(table, 'detail', 1000).notNullable()
    // What is told once only, however often it is noticed.
    text(table, 'once_key', 128).notNullable().unique()
    table.integer('failures').notNullable().defaultTo(0)
    table.bigInteger('due_at').notNullable().index()
    text(table, 'lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.bigInteger('created_at').notNullable()
  })
  await knex.schema.createTable('messages', (table) => {
    text(table, 'id', 36).primary()
    // Null for somebody whom the hub does not know yet, and whose number stands in a mandate.
    user(table).nullable()
    text(table, 'once_key', 200).notNullable().unique()
    text(table, 'topic', 32).notNullable()
    text(table, 'connector', 64)
    text(table, 'service', 64)
    // Of whose matters it speaks, where not of the reader's own: he reads it while his mandate is in force.
    text(table, 'enterprise_id', 36)
    text(table, 'about', 64).notNullable()
    table.boolean('urgent').notNullable()
    // Null once the reader has deleted it: the row stays, so that it is not told again.
    table.text('content_sealed')
    table.bigInteger('read_at')
    table.bigInteger('created_at').notNullable().index()
    table.index(['user_id', 'created_at'])
  })
  await knex.schema.createTable('message_deliveries', (table) => {
    text(table, 'id', 36).primary()
    text(table, 'message_id', 36).notNullable().references('messages.id').onDelete('CASCADE')
    user(table).nullable()
    // The user, or a keyed hash of the number of somebody unknown: how much one person gets is counted by it.
    text(table, 'recipient', 64).notNullable()
    text(table, 'channel', 16).notNullable()
    // Channels still to be tried after this one, space-separated.
    text(table, 'fallback', 64).notNullable()
    text(table, 'state', 16).notNullable()
    table.integer('attempts').notNullable().defaultTo(0)
    text(table, 'last_error', 64)
    table.bigInteger('due_at')
    text(table, 'lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.unique(['message_id', 'channel'], { indexName: 'message_deliveries_channel' })
    table.index(['state', 'due_at'])
    table.index(['recipient', 'created_at'])
  })
  await knex.schema.createTable('message_settings', (table) => {
    user(table).primary()
    // JSON: topic → channels that are turned off.
    text(table, 'silenced', 1000).notNullable()
    // `HH:MM-HH:MM`, Beijing time; empty for never, null for the hub's own.
    text(table, 'quiet_hours', 16)
    table.text('email_sealed')
    table.bigInteger('email_confirmed_at')
    // Keyed hash of the code that was sent there.
    text(table, 'code_hash', 64)
    table.bigInteger('code_until')
    table.integer('code_tries').notNullable().defaultTo(0)
    table.bigInteger('updated_at').notNullable()
  })
  await knex.schema.createTable('subscriptions', (table) => {
    text(table, 'id', 36).primary()
    user(table).notNullable()
    text(table, 'enterprise_id', 36)
    text(table, 'connector', 64).notNullable()
    text(table, 'service', 64).notNullable()
    text(table, 'subscription', 64).notNullable()
    // What tells several records of one person apart, and which account is asked with: JSON.
    table.text('choice_sealed').notNullable()
    table.integer('days_before')
    // Whether a face stood for the consent; such a message says nothing of the record.
    table.boolean('face').notNullable()
    text(table, 'state', 16).notNullable()
    text(table, 'end_code', 64)
    // Keyed hashes of the rows that are known, JSON; null until the first look.
    table.text('known_sealed')
    table.integer('failures').notNullable().defaultTo(0)
    table.bigInteger('due_at')
    text(table, 'lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    text(table, 'trace_id', 64).notNullable()
    table.bigInteger('consented_at').notNullable()
    table.bigInteger('ends_at').notNullable()
    table.index(['user_id', 'consented_at'])
    table.index(['state', 'due_at'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['subscriptions', 'message_settings', 'message_deliveries', 'messages', 'notices'])
    await knex.schema.dropTableIfExists(table)
}
