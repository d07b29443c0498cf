import type { Knex } from 'knex'

/** Whether a user takes part in the statistics of apps, as he last said himself (docs/statistics.md). Who said nothing does not. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('statistics_consents', (table) => {
    table.string('user_id', 36).collate('utf8mb4_bin').primary()
    table.boolean('given').notNullable()
    table.bigInteger('said_at').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('statistics_consents')
}
