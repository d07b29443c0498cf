import type { Knex } from 'knex'

/** The hub as authorization server: who may ask for users, what users granted, and everything short-lived in between. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('oauth_clients', (table) => {
    // Compared to the letter, as everything that names a client (RFC 6749 §2.2).
    table.string('id', 64).primary().collate('utf8mb4_bin')
    table.string('name', 100).notNullable()
    // What the application wants the data for, in words for citizens.
    table.string('purpose', 200).notNullable()
    // A data: URI, so that no page of the hub loads anything from elsewhere.
    table.text('icon', 'mediumtext')
    // null: a public client, which has nothing but PKCE
    table.text('secret_sealed')
    table.string('kind', 16).notNullable()
    // Lists are space-separated, as OAuth writes them.
    table.text('redirect_uris').notNullable()
    table.text('scopes').notNullable()
    table.string('grant_types', 300).notNullable()
    // Clients of one sector see the same subject for a user.
    table.string('sector', 100).notNullable()
    table.string('id_token_alg', 8).notNullable().defaultTo('ES256')
    // 1: belongs to the app itself and may exchange the app's tokens
    table.integer('trusted').notNullable().defaultTo(0)
    table.string('status', 16).notNullable()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
  })
  await knex.schema.createTable('oauth_keys', (table) => {
    table.string('kid', 64).primary()
    // One living key an algorithm; a retired one keeps its place in the key set and gives this up.
    table.string('signs', 8).unique()
    table.text('jwk_sealed').notNullable()
    table.bigInteger('created_at').notNullable()
  })
  await knex.schema.createTable('oauth_grants', (table) => {
    table.string('id', 64).primary().collate('utf8mb4_bin')
    table.string('user_id', 36).notNullable()
    table.string('client_id', 64).notNullable().collate('utf8mb4_bin')
    table.text('scopes').notNullable()
    table.text('payload_sealed').notNullable()
    table.bigInteger('granted_at').notNullable()
    table.bigInteger('last_used_at')
    table.bigInteger('expires_at').notNullable().index()
    // Set while what was derived from the grant is being revoked; then the row goes.
    table.bigInteger('revoked_at').index()
    table.index(['user_id', 'client_id'])
  })
  await knex.schema.createTable('oidc_entities', (table) => {
    // Keyed hash of model and id: the id is the token itself.
    table.string('id_hash', 64).primary()
    table.string('model', 40).notNullable()
    table.text('payload_sealed', 'mediumtext').notNullable()
    table.string('grant_id', 64).collate('utf8mb4_bin').index()
    table.string('uid_hash', 64).index()
    table.bigInteger('consumed_at')
    table.bigInteger('expires_at').notNullable().index()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['oidc_entities', 'oauth_grants', 'oauth_keys', 'oauth_clients']) await knex.schema.dropTableIfExists(table)
}
