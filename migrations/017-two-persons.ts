import type { Knex } from 'knex'

/** Acts that a second administrator confirms, since when a user is who he is, and whom things of the authorization server belong to. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('admin_requests', (table) => {
    table.string('id', 36).primary()
    // plugins/confirmations/changes
    table.string('kind', 32).notNullable()
    // requested, confirmed, rejected, expired or withdrawn
    table.string('state', 16).notNullable()
    // One open request for the same change; null once it is decided.
    table.string('open_key', 64).unique()
    // What is to be done; gone once it is decided.
    table.text('payload_sealed')
    // JSON: what the log of decided requests shows of it; no personal data
    table.text('facts').notNullable()
    table.string('subject_user_id', 36).index()
    table.string('other_user_id', 36).index()
    // What it is about where that is no user: an application.
    table.string('target', 64)
    table.string('requested_by', 36).notNullable().references('users.id')
    table.string('reason', 200).notNullable()
    table.string('trace_id', 32).notNullable()
    table.bigInteger('requested_at').notNullable()
    table.bigInteger('expires_at').notNullable()
    // An administrator's id; null where the hub ended it.
    table.string('decided_by', 36)
    table.string('decision_reason', 200)
    table.bigInteger('decided_at')
    // Id of what came of it: a mandate, a move.
    table.string('result', 64)
    table.index(['state', 'expires_at'])
    table.index(['requested_at', 'id'])
  })
  await knex.schema.alterTable('users', (table) => {
    // Face verifications of before were of whoever the user was then.
    table.bigInteger('identity_since').notNullable().defaultTo(0)
  })
  await knex.schema.alterTable('oidc_entities', (table) => {
    // Whose it is, and who acts with it for him: both end what is theirs when an account is shut.
    table.string('user_id', 36).index()
    table.string('actor_user_id', 36).index()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('oidc_entities', (table) => {
    table.dropIndex(['user_id'])
    table.dropIndex(['actor_user_id'])
  })
  for (const column of ['user_id', 'actor_user_id']) await knex.raw('alter table oidc_entities drop column ??', [column])
  await knex.raw('alter table users drop column identity_since')
  await knex.schema.dropTableIfExists('admin_requests')
}
