import type { Knex } from 'knex'

/** From when and until when the hub's own keys count, so that they are replaced while it runs; and the keys of its cookies. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('oauth_keys', (table) => {
    // `signs` is now that of the newest key, which may not have begun yet.
    table.bigInteger('starts_at').notNullable().defaultTo(0)
    // Null for the newest: it counts until it is replaced.
    table.bigInteger('ends_at')
  })
  await knex.schema.createTable('cookie_keys', (table) => {
    table.string('kid', 64).primary()
    table.string('signs', 8).unique()
    table.text('jwk_sealed').notNullable()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('starts_at').notNullable().defaultTo(0)
    table.bigInteger('ends_at')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('cookie_keys')
  for (const column of ['starts_at', 'ends_at']) await knex.raw('alter table oauth_keys drop column ??', [column])
}
