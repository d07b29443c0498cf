import type { Knex } from 'knex'

/** Sessions that were begun for one application alone, as on the way to an agency's page. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('sessions', (table) => {
    // Null for one that somebody began by signing on, which is for all that the hub has.
    table.string('client_id', 64)
  })
  // Which of those that there are came by a jump, nobody knows any more.
  await knex('sessions').delete()
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table sessions drop column client_id')
}
