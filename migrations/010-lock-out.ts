import type { Knex } from 'knex'

/** Failed log-ins and the locks that follow, why an account's status changed, and a sealed avatar. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('login_failures', (table) => {
    // Keyed hash of source and event id: what is reported twice counts once.
    table.string('event_hash', 64).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    // sign-on or face
    table.string('source', 16).notNullable()
    table.bigInteger('at').notNullable().index()
    table.index(['user_id', 'at'])
  })
  await knex.schema.createTable('user_events', (table) => {
    table.increments('id')
    table.string('user_id', 36).notNullable().references('users.id')
    table.bigInteger('at').notNullable()
    table.string('action', 24).notNullable()
    table.string('from_status', 16).notNullable()
    table.string('to_status', 16).notNullable()
    // End of a lock; null for one without end.
    table.bigInteger('until')
    // A user's id, or who sat at the command line; null for the hub itself.
    table.string('actor', 200)
    // In words; no personal data.
    table.string('reason', 500)
    table.string('trace_id', 32)
    table.index(['user_id', 'at'])
  })
  await knex.schema.alterTable('users', (table) => {
    // Failures up to here no longer count: a proven log-in, or an administrator's word.
    table.bigInteger('failures_cleared_at').notNullable().defaultTo(0)
    table.text('avatar_sealed')
  })
  // In SQLite knex would copy the table, which others refer to.
  await knex.raw('alter table users drop column avatar_url')
  await knex.schema.alterTable('face_verifications', (table) => table.index(['state', 'user_id']))
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('face_verifications', (table) => table.dropIndex(['state', 'user_id']))
  await knex.schema.alterTable('users', (table) => void table.string('avatar_url', 500))
  for (const column of ['avatar_sealed', 'failures_cleared_at']) await knex.raw('alter table users drop column ??', [column])
  for (const table of ['user_events', 'login_failures']) await knex.schema.dropTableIfExists(table)
}
