import type { Knex } from 'knex'

/** What administrators say of logging in, each version for itself; and from where a session of /admin was opened. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('security_settings', (table) => {
    // Counts from 1; the highest holds. No row: as the settings of the process say.
    table.integer('version').primary()
    // JSON: plugins/users/security/settings.ts
    table.text('content').notNullable()
    table.string('changed_by', 36).notNullable()
    table.string('reason', 200).notNullable()
    table.bigInteger('changed_at').notNullable()
  })
  await knex.schema.alterTable('admin_sessions', (table) => {
    // Null for one of before, which is from nowhere.
    table.string('address_hash', 64)
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table admin_sessions drop column address_hash')
  await knex.schema.dropTableIfExists('security_settings')
}
