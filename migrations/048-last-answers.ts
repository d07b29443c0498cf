import type { Knex } from 'knex'

/** The last answers of services that declare `lastGood`, each of one asker to one question, for when the agency is closed by plan. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('last_answers', (table) => {
    // Keyed hash of asker, service and question.
    table.string('id', 64).primary()
    // Null for what anybody may ask.
    table.string('user_id', 36).index()
    // Whom it is about, where a guardian has asked.
    table.string('about_user_id', 36).index()
    table.string('enterprise_id', 36)
    table.string('connector', 64).notNullable()
    table.string('service', 64).notNullable()
    table.text('answer_sealed', 'mediumtext').notNullable()
    table.bigInteger('answered_at').notNullable()
    table.bigInteger('expires_at').notNullable().index()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('last_answers')
}
