import type { Knex } from 'knex'

/** What administrators keep: attributes of users, roles of mandates and who changed them, who may use which service. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (table) => {
    // ordinary, test or designated: what service_access opens services to
    table.string('kind', 16).notNullable().defaultTo('ordinary')
    table.string('name_hash', 64).index()
    table.text('phone_sealed')
    table.string('phone_hash', 64).index()
    table.text('nickname_sealed')
    table.string('avatar_url', 500)
    // space-separated: password, sms, face …
    table.string('auth_methods', 200).notNullable().defaultTo('')
    table.bigInteger('last_login_at')
    // End of a lock; null for one without end.
    table.bigInteger('locked_until')
  })
  await knex.schema.createTable('real_name_records', (table) => {
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    table.bigInteger('at').notNullable()
    table.string('channel', 32).notNullable()
    table.text('name_sealed').notNullable()
    table.string('id_type', 2).notNullable()
    table.text('id_number_sealed').notNullable()
    // The administrator who vouched; null where a system did.
    table.string('recorded_by', 36)
    table.index(['user_id', 'at'])
  })
  await knex.schema.alterTable('enterprises', (table) => {
    // As the enterprise registry had them at `checked_at`.
    table.string('registered_state', 32)
    table.string('established_on', 10)
    table.bigInteger('checked_at')
  })
  await knex.schema.alterTable('mandates', (table) => {
    table.setNullable('user_id')
    table.setNullable('enterprise_id')
  })
  await knex.schema.alterTable('mandates', (table) => {
    // agent, legal-representative or guardian
    table.string('role', 24).notNullable().defaultTo('agent')
    // The child for whom a guardian acts; instead of an enterprise.
    table.string('subject_user_id', 36)
    // One living mandate per holder and role; null once it is disabled.
    table.string('holder_key', 64).unique()
    // The agent in the words of who added him; while nobody of that number is known, there is no user_id.
    table.text('name_sealed')
    table.text('phone_sealed')
    table.text('id_number_sealed')
    table.string('id_number_hash', 64).index()
    table.bigInteger('created_at').notNullable().defaultTo(0)
    table.index(['role', 'enterprise_id'])
  })
  await knex.schema.createTable('mandate_events', (table) => {
    table.increments('id')
    table.string('mandate_id', 36).references('mandates.id')
    table.string('enterprise_id', 36)
    table.bigInteger('at').notNullable()
    // A user's id; null for the hub itself.
    table.string('actor', 36)
    table.string('actor_role', 24).notNullable()
    table.string('action', 24).notNullable()
    // JSON: scope and time from there on; no personal data
    table.text('detail').notNullable()
    table.string('purpose', 200)
    table.string('trace_id', 32)
    table.index(['mandate_id'])
    table.index(['enterprise_id'])
  })
  await knex.schema.createTable('administrators', (table) => {
    // One role each: who acts does not audit.
    table.string('user_id', 36).primary().references('users.id')
    table.string('role', 16).notNullable()
    table.string('granted_by', 36)
    table.bigInteger('granted_at').notNullable()
  })
  await knex.schema.createTable('service_access', (table) => {
    // '<connector>' or '<connector>.<service>'; without a row it is open to all kinds
    table.string('service', 128).notNullable().collate('utf8mb4_bin')
    table.string('kind', 16).notNullable()
    table.primary(['service', 'kind'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['service_access', 'administrators', 'mandate_events', 'real_name_records'])
    await knex.schema.dropTableIfExists(table)
  await knex.schema.alterTable('mandates', (table) => {
    table.dropIndex(['role', 'enterprise_id'])
    table.dropIndex(['id_number_hash'])
    table.dropUnique(['holder_key'])
    table.dropColumns(
      'role',
      'subject_user_id',
      'holder_key',
      'name_sealed',
      'phone_sealed',
      'id_number_sealed',
      'id_number_hash',
      'created_at',
    )
  })
  await knex.schema.alterTable('enterprises', (table) => table.dropColumns('registered_state', 'established_on', 'checked_at'))
  await knex.schema.alterTable('users', (table) => {
    table.dropIndex(['name_hash'])
    table.dropIndex(['phone_hash'])
    table.dropColumns(
      'kind',
      'name_hash',
      'phone_sealed',
      'phone_hash',
      'nickname_sealed',
      'avatar_url',
      'auth_methods',
      'last_login_at',
      'locked_until',
    )
  })
}
