import type { Knex } from 'knex'

/** What became of each part of a joint case, and when; the last event of a part is its state. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('submission_part_events', (table) => {
    table.increments('id')
    table.string('submission_id', 36).notNullable().collate('utf8mb4_bin').references('submissions.id').index()
    table.string('part', 64).notNullable().collate('utf8mb4_bin')
    table.string('from_state', 16).notNullable().collate('utf8mb4_bin')
    table.string('to_state', 16).notNullable().collate('utf8mb4_bin')
    table.bigInteger('at').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('submission_part_events')
}
