import type { Knex } from 'knex'

/** Three ledgers compared, a row for each connector, channel and day, and in what they differ (docs/payments.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('reconciliations', (table) => {
    table.string('id', 36).primary()
    table.string('connector', 64).notNullable()
    table.string('channel', 16).notNullable()
    // YYYY-MM-DD, Beijing.
    table.string('day', 10).notNullable()
    table.string('state', 16).notNullable()
    // Counts and sums of the last look, JSON; null before the first.
    table.string('sums', 1000)
    table.integer('settled').notNullable().defaultTo(0)
    table.integer('differing').notNullable().defaultTo(0)
    table.integer('runs').notNullable().defaultTo(0)
    table.integer('failures').notNullable().defaultTo(0)
    table.string('last_error', 64)
    table.bigInteger('due_at')
    table.string('lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.bigInteger('ended_at')
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.unique(['connector', 'channel', 'day'], { indexName: 'reconciliations_day' })
    table.index(['due_at', 'lease_until'], 'reconciliations_due')
    table.index(['day'], 'reconciliations_listed')
  })
  await knex.schema.createTable('reconciliation_differences', (table) => {
    table.string('id', 36).primary()
    table.string('reconciliation_id', 36).notNullable().references('reconciliations.id')
    table.string('kind', 32).notNullable()
    // Number of the order or of the refund, as the ledger that has it gives it.
    table.string('reference', 64).notNullable()
    table.string('order_number', 64)
    table.string('order_id', 36)
    table.string('transaction_id', 64)
    // What each side says, in fen; null where it says nothing.
    table.bigInteger('channel_fen')
    table.bigInteger('hub_fen')
    table.bigInteger('company_fen')
    table.string('hub_state', 16)
    table.string('state', 16).notNullable()
    // Who settled it and why; null where nobody but the hub did.
    table.string('resolved_by', 36)
    table.string('reason', 200)
    table.bigInteger('resolved_at')
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.unique(['reconciliation_id', 'kind', 'reference'], { indexName: 'reconciliation_differences_one' })
    table.index(['order_id'], 'reconciliation_differences_order')
  })
  // By which notices are cleared away once they are old.
  await knex.schema.alterTable('payment_notices', (table) => {
    table.index(['verdict', 'at'], 'payment_notices_age')
  })
  // By which the day's own orders are found.
  await knex.schema.alterTable('orders', (table) => {
    table.index(['connector', 'channel', 'paid_at'], 'orders_paid')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('orders', (table) => {
    table.dropIndex([], 'orders_paid')
  })
  await knex.schema.alterTable('payment_notices', (table) => {
    table.dropIndex([], 'payment_notices_age')
  })
  for (const table of ['reconciliation_differences', 'reconciliations']) await knex.schema.dropTableIfExists(table)
}
