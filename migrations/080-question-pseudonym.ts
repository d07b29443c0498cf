import type { Knex } from 'knex'

/** Whose act a citizen's question is about, for when its evidence is archived: a pseudonym, as the evidence has it. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('ledger_questions', (table) => {
    table.string('entry_pseudonym', 32)
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table ledger_questions drop column entry_pseudonym')
}
