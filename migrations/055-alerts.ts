import type { Knex } from 'knex'

/** How each process stands, for all to see; alerts, when they are not to be told, and how they were. Times are epoch milliseconds. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('process_states', (table) => {
    table.string('id', 36).primary()
    table.bigInteger('started_at').notNullable()
    table.bigInteger('seen_at').notNullable().index()
    // JSON: plugins/operations/process-states.ts.
    table.text('state', 'mediumtext').notNullable()
  })
  await knex.schema.createTable('alerts', (table) => {
    table.string('id', 36).primary()
    table.string('rule', 64).notNullable()
    table.string('target', 128).notNullable()
    // `<rule> <target>` while the alert is open, so that there is one; null afterwards.
    table.string('open_key', 200).unique({ indexName: 'alerts_open' })
    table.string('connector', 64)
    table.string('severity', 16).notNullable()
    table.string('state', 16).notNullable()
    // A number, in digits.
    table.string('value', 32).notNullable()
    table.bigInteger('since').notNullable()
    // When the condition was last found.
    table.bigInteger('seen_at').notNullable()
    table.bigInteger('fired_at')
    table.bigInteger('told_at')
    table.bigInteger('escalated_at')
    table.string('acknowledged_by', 36)
    table.bigInteger('acknowledged_at')
    table.bigInteger('ended_at')
    // When it was told that it is over.
    table.bigInteger('end_told_at')
    table.index(['state', 'since'], 'alerts_listed')
    table.index(['ended_at'], 'alerts_age')
  })
  await knex.schema.createTable('alert_events', (table) => {
    // In the order in which they happened: several may at one moment.
    table.bigIncrements('id')
    table.string('alert_id', 36).notNullable().references('alerts.id')
    table.bigInteger('at').notNullable()
    table.string('event', 16).notNullable()
    // Whose act it was; null for the hub's own.
    table.string('acted_by', 36)
    table.string('detail', 400)
    table.index(['alert_id', 'id'], 'alert_events_alert')
  })
  await knex.schema.createTable('alert_silences', (table) => {
    table.string('id', 36).primary()
    // Null: every rule, every target.
    table.string('rule', 64)
    table.string('target', 128)
    table.bigInteger('from_at').notNullable()
    table.bigInteger('until_at').notNullable().index()
    table.string('reason', 200).notNullable()
    table.string('created_by', 36).notNullable()
    table.bigInteger('created_at').notNullable()
    table.string('ended_by', 36)
  })
  await knex.schema.createTable('alert_deliveries', (table) => {
    table.string('id', 36).primary()
    table.string('receiver', 64).notNullable()
    // Which of the receiver's channels.
    table.integer('channel').notNullable()
    // JSON: what is told.
    table.text('content').notNullable()
    table.string('state', 16).notNullable()
    table.integer('attempts').notNullable().defaultTo(0)
    table.string('last_error', 64)
    table.bigInteger('due_at')
    table.string('lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.index(['due_at', 'lease_until'], 'alert_deliveries_due')
    table.index(['state', 'created_at'], 'alert_deliveries_listed')
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['alert_deliveries', 'alert_silences', 'alert_events', 'alerts', 'process_states'])
    await knex.schema.dropTableIfExists(table)
}
