import type { Knex } from 'knex'

/** Where a user is logged in, now and before, and the devices that he uses. Times are epoch milliseconds. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('devices', (table) => {
    // Made of the user and what names the device, so that it is found without being kept.
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    table.string('name', 100).notNullable()
    table.bigInteger('first_seen_at').notNullable()
    table.bigInteger('seen_at').notNullable()
    // Null for one that its user has not said to trust.
    table.bigInteger('trusted_at')
  })
  await knex.schema.createTable('log_ins', (table) => {
    // Made of what names the log-in: the browser's session, the token's claims, or the grant.
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    table.string('kind', 16).notNullable()
    // Client id; null for the hub's own pages.
    table.string('application', 64)
    table.string('device_id', 36)
    table.string('device_name', 100)
    table.text('address_sealed')
    table.string('session_hash', 64)
    table.string('grant_id', 64)
    // Whether the token itself says when its user logged in.
    table.integer('proven').notNullable()
    table.bigInteger('signed_on_at').notNullable()
    table.bigInteger('first_seen_at').notNullable()
    table.bigInteger('seen_at').notNullable()
    // Up to which it lasts if nothing renews it.
    table.bigInteger('expires_at').notNullable()
    table.bigInteger('ended_at')
    table.string('ended_how', 16)
    table.index(['user_id', 'seen_at'], 'log_ins_listed')
    table.index(['seen_at'], 'log_ins_age')
  })
  await knex.schema.alterTable('users', (table) => {
    // How often one of his log-ins was ended: whoever remembers one asks again when it has changed.
    table.integer('log_ins_ended').notNullable().defaultTo(0)
    // Of before then he has none any more that counts, seen yet or not.
    table.bigInteger('log_ins_ended_at').notNullable().defaultTo(0)
  })
  await knex.schema.alterTable('page_visits', (table) => {
    // Of the app, from which the visit came.
    table.string('log_in_id', 36)
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table page_visits drop column log_in_id')
  await knex.raw('alter table users drop column log_ins_ended_at')
  await knex.raw('alter table users drop column log_ins_ended')
  for (const table of ['log_ins', 'devices']) await knex.schema.dropTableIfExists(table)
}
