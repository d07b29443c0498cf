import type { Knex } from 'knex'

/** Orders, what became of each and why, what goes back, and what the payment channels said (docs/payments.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('orders', (table) => {
    table.string('id', 36).primary()
    // The hub's own number of it at the channel and at the company: neither does one number twice.
    table.string('number', 32).notNullable().unique({ indexName: 'orders_number' })
    table.string('connector', 64).notNullable()
    table.string('service', 64).notNullable()
    table.string('user_id', 36).notNullable().references('users.id')
    table.string('enterprise_id', 36)
    table.string('principal', 64).notNullable()
    table.string('idempotency_key', 128).notNullable()
    table.string('request_hash', 64).notNullable()
    table.text('account_sealed')
    // To find a household's orders by its number.
    table.string('account_hash', 64)
    // The bill as it was shown, with all that the declaration names.
    table.text('bill_sealed').notNullable()
    // Which bill, and that bill while an order for it is open: no two orders take money for one.
    table.string('bill_hash', 64).notNullable()
    table.string('open_bill', 64).unique({ indexName: 'orders_open_bill' })
    table.string('bill_version', 64).notNullable()
    table.bigInteger('amount_fen').notNullable()
    table.string('state', 16).notNullable()
    table.string('channel', 16)
    table.string('transaction_id', 64)
    table.bigInteger('paid_at')
    table.bigInteger('written_off_at')
    table.bigInteger('expires_at').notNullable()
    table.string('trace_id', 32).notNullable()
    table.integer('failures').notNullable().defaultTo(0)
    // When a write-off left of which the outcome is not known; null once it is.
    table.bigInteger('sent_at')
    table.string('last_error', 64)
    table.bigInteger('due_at')
    table.string('lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.unique(['user_id', 'principal', 'connector', 'service', 'idempotency_key'], { indexName: 'orders_idempotency' })
    table.index(['due_at', 'lease_until'], 'orders_due')
    table.index(['connector', 'state', 'created_at'], 'orders_listed')
    table.index(['bill_hash'], 'orders_bill')
    table.index(['account_hash'], 'orders_account')
  })
  await knex.schema.createTable('order_events', (table) => {
    table.increments('id')
    table.string('order_id', 36).notNullable().references('orders.id')
    table.string('from_state', 16)
    table.string('to_state', 16).notNullable()
    table.string('cause', 64).notNullable()
    table.bigInteger('at').notNullable()
    table.index(['order_id'], 'order_events_order')
  })
  await knex.schema.createTable('order_refunds', (table) => {
    table.string('id', 36).primary()
    table.string('number', 32).notNullable().unique({ indexName: 'order_refunds_number' })
    // One refund of an order at a time, of all of it.
    table.string('order_id', 36).notNullable().unique({ indexName: 'order_refunds_order' }).references('orders.id')
    table.bigInteger('amount_fen').notNullable()
    table.string('cause', 64).notNullable()
    table.string('state', 16).notNullable()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
  })
  await knex.schema.createTable('payment_notices', (table) => {
    table.increments('id')
    table.string('connector', 64).notNullable()
    table.string('channel', 16).notNullable()
    // The channel's own number of the notice; none where nothing of it was believed.
    table.string('notice_id', 64)
    table.string('order_number', 64)
    table.string('verdict', 16).notNullable()
    table.string('body_hash', 64).notNullable()
    table.string('trace_id', 32).notNullable()
    table.bigInteger('at').notNullable()
    table.index(['order_number'], 'payment_notices_order')
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['payment_notices', 'order_refunds', 'order_events', 'orders']) await knex.schema.dropTableIfExists(table)
}
