import type { Knex } from 'knex'

/** A notice of the outbox that could not be told however often it was tried: it waits for an administrator. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('notices', (table) => {
    table.bigInteger('dead_at')
    table.string('last_error', 64)
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const column of ['dead_at', 'last_error']) await knex.raw('alter table notices drop column ??', [column])
}
