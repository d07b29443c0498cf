import type { Knex } from 'knex'

/** What a filing rests on beside its inputs: the agency's pre-check and codes, and the consent of other parties. */
export async function up(knex: Knex): Promise<void> {
  // Upstream parameters that the hub adds itself.
  await knex.schema.alterTable('submissions', (table) => void table.text('carried_sealed'))
  await knex.schema.createTable('filing_codes', (table) => {
    table.string('id', 36).primary().collate('utf8mb4_bin')
    table.string('user_id', 36).notNullable().collate('utf8mb4_bin').references('users.id')
    table.string('service', 129).notNullable().collate('utf8mb4_bin')
    table.bigInteger('sent_at').notNullable()
    table.bigInteger('expires_at').notNullable()
    table.integer('tries').notNullable().defaultTo(0)
    // open, used, void
    table.string('state', 8).notNullable()
    table.index(['user_id', 'service', 'sent_at'])
  })
  await knex.schema.createTable('filing_parties', (table) => {
    table.string('id', 36).primary().collate('utf8mb4_bin')
    table.string('submission_id', 36).notNullable().collate('utf8mb4_bin').references('submissions.id').index()
    // Keyed hash of the id number: by it somebody who logs in is known.
    table.string('person_hash', 64).notNullable().collate('utf8mb4_bin').index()
    table.integer('place').notNullable()
    table.text('party_sealed').notNullable()
    // pending, agreed, refused
    table.string('state', 8).notNullable()
    table.string('user_id', 36).collate('utf8mb4_bin').references('users.id')
    table.bigInteger('expires_at').notNullable()
    table.bigInteger('answered_at')
    table.unique(['submission_id', 'person_hash'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['filing_parties', 'filing_codes']) await knex.schema.dropTableIfExists(table)
  await knex.raw('alter table submissions drop column carried_sealed')
}
