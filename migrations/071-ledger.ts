import type { Knex } from 'knex'

/** The citizen's ledger: where in the evidence his data were used, and what he asked about it. Times are epoch milliseconds. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('data_uses', (table) => {
    // A person's pseudonym, or `enterprise:<id>`.
    table.string('subject', 64).notNullable()
    table.bigInteger('at').notNullable()
    // Which row of the audit log says so.
    table.string('chain', 36).notNullable()
    table.bigInteger('seq').notNullable()
    table.string('use', 16).notNullable()
    table.string('app', 64)
    table.string('connector', 64)
    table.string('service', 64)
    // Later than `at` where a declaration withholds it for a time.
    table.bigInteger('shown_at').notNullable()
    table.primary(['subject', 'at', 'chain', 'seq'])
    table.index(['at'], 'data_uses_age')
  })
  // How far each chain has been read.
  await knex.schema.createTable('data_use_marks', (table) => {
    table.string('chain', 36).primary()
    table.bigInteger('seq').notNullable()
  })
  await knex.schema.createTable('ledger_questions', (table) => {
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    // `<user> <entry>` while it is not settled, so that there is one; null afterwards.
    table.string('open_key', 110).unique({ indexName: 'ledger_questions_open' })
    table.string('chain', 36).notNullable()
    table.bigInteger('seq').notNullable()
    table.bigInteger('entry_at').notNullable()
    table.string('kind', 16).notNullable()
    // Null once its user has left.
    table.text('text_sealed')
    table.string('state', 16).notNullable()
    table.bigInteger('due_at').notNullable()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.index(['user_id', 'created_at'], 'ledger_questions_own')
    table.index(['state', 'due_at'], 'ledger_questions_due')
  })
  await knex.schema.createTable('ledger_question_events', (table) => {
    table.bigIncrements('id')
    table.string('question_id', 36).notNullable().references('ledger_questions.id')
    table.bigInteger('at').notNullable()
    table.string('state', 16).notNullable()
    // Null for the citizen's own act.
    table.string('acted_by', 36)
    table.string('words', 1000)
    table.index(['question_id', 'id'], 'ledger_question_events_of')
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['ledger_question_events', 'ledger_questions', 'data_use_marks', 'data_uses'])
    await knex.schema.dropTableIfExists(table)
}
