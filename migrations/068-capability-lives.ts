import type { Knex } from 'knex'

/** How long a capability is still offered, what was done about that, and what each connector offered in each of its versions (docs/capabilities.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('capabilities', (table) => {
    // All null: it is offered.
    table.bigInteger('deprecated_at')
    table.bigInteger('sunset_at')
    table.string('successor', 130)
    // For those who build on it.
    table.string('reason', 200)
  })
  await knex.schema.createTable('capability_events', (table) => {
    table.string('id', 36).primary()
    table.string('capability', 130).notNullable()
    // deprecated or published.
    table.string('act', 16).notNullable()
    table.bigInteger('sunset_at')
    table.string('successor', 130)
    table.string('reason', 200)
    table.string('done_by', 36).notNullable()
    table.bigInteger('done_at').notNullable()
    table.index(['capability', 'done_at'], 'capability_events_capability')
  })
  await knex.schema.createTable('connector_releases', (table) => {
    table.string('connector', 64).notNullable()
    table.integer('number').notNullable()
    table.string('version', 32).notNullable()
    // Of the version and the shape.
    table.string('digest', 64).notNullable()
    // JSON: of each service its inputs and fields.
    table.text('shape', 'mediumtext').notNullable()
    // JSON: what has changed since the one before, by service.
    table.text('changes', 'mediumtext').notNullable()
    table.bigInteger('seen_at').notNullable()
    table.primary(['connector', 'number'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['connector_releases', 'capability_events']) await knex.schema.dropTableIfExists(table)
  await knex.schema.alterTable('capabilities', (table) => table.dropColumns('deprecated_at', 'sunset_at', 'successor', 'reason'))
}
