import type { Knex } from 'knex'

/** Users' accounts at agencies: the mapping, its tokens, authorisations under way, merges, and closed hub accounts. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('agency_accounts', (table) => {
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    table.string('connector', 64).notNullable()
    table.text('external_sealed')
    table.string('external_hash', 64).notNullable()
    table.text('union_sealed')
    table.string('union_hash', 64)
    table.string('level', 16).notNullable()
    table.string('bound_by', 16).notNullable()
    table.string('state', 16).notNullable()
    table.string('reason', 64)
    // Null once given up. Unique, so that no two live mappings claim one account or, one to one, one user.
    table.string('external_claim', 64).unique()
    table.string('user_claim', 128).unique()
    table.bigInteger('bound_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.bigInteger('last_used_at')
    table.index(['user_id', 'connector'])
  })
  await knex.schema.createTable('agency_tokens', (table) => {
    table.string('account_id', 36).primary().references('agency_accounts.id')
    // The data key under which the tokens are boxed, wrapped by a master key: rotating that leaves tokens alone.
    table.text('data_key_sealed').notNullable()
    table.text('access_boxed').notNullable()
    table.text('refresh_boxed')
    table.bigInteger('obtained_at').notNullable()
    table.bigInteger('expires_at').notNullable()
    // Since when the refresh token may have been used without its successor being known; null when it wasn't.
    table.bigInteger('refreshing_since')
    table.string('lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    table.integer('failures').notNullable().defaultTo(0)
    table.bigInteger('retry_at').notNullable().defaultTo(0)
  })
  await knex.schema.createTable('agency_authorisations', (table) => {
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    table.string('connector', 64).notNullable()
    table.string('browser_hash', 64).notNullable()
    table.text('verifier_sealed')
    table.string('return_to', 1000)
    table.bigInteger('expires_at').notNullable()
    // Set when the agency's answer came: a state is good for one.
    table.bigInteger('answered_at')
    // What the agency gave, until the app confirms that it was its user who authorised.
    table.text('grant_sealed', 'mediumtext')
    table.string('code_hash', 64).unique()
    table.index(['expires_at'])
  })
  await knex.schema.createTable('account_moves', (table) => {
    // In the order of their making: they are undone from the last.
    table.increments('id')
    table.string('kind', 8).notNullable()
    table.string('from_user', 36).notNullable().references('users.id')
    table.string('to_user', 36).notNullable().references('users.id')
    // What the user who was merged away had as status; null for a split.
    table.string('from_status', 16)
    table.string('actor', 200).notNullable()
    table.string('reason', 500).notNullable()
    table.bigInteger('at').notNullable()
    table.bigInteger('undone_at')
    table.index(['from_user'])
    table.index(['to_user'])
  })
  await knex.schema.createTable('account_move_items', (table) => {
    table.integer('move_id').unsigned().notNullable().references('account_moves.id')
    table.string('account_id', 36).notNullable().references('agency_accounts.id')
    table.string('user_before', 36).notNullable()
    table.string('user_after', 36).notNullable()
    table.string('state_before', 16).notNullable()
    table.string('state_after', 16).notNullable()
    table.primary(['move_id', 'account_id'])
  })
  await knex.schema.createTable('deregistrations', (table) => {
    table.string('user_id', 36).primary().references('users.id')
    // The face verification that was spent on it.
    table.string('face_hash', 64).notNullable().unique()
    table.bigInteger('at').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of [
    'deregistrations',
    'account_move_items',
    'account_moves',
    'agency_authorisations',
    'agency_tokens',
    'agency_accounts',
  ])
    await knex.schema.dropTableIfExists(table)
}
