import type { Knex } from 'knex'

const KEY = ['user_id', 'enterprise_id', 'connector']

/** What was agreed to is one hand-over, of these facts to this agency; another one is asked about by itself. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('jump_consents', (table) => {
    // Hash of the system, the agency and the facts. Empty for what was agreed to before: it fits none, so all of that is asked again.
    table.string('hand_over', 64).notNullable().defaultTo('')
    table.unique([...KEY, 'hand_over'], { indexName: 'jump_consents_each' })
  })
  await knex.schema.alterTable('jump_consents', (table) => table.dropUnique(KEY, 'jump_consents_once'))
}

export async function down(knex: Knex): Promise<void> {
  await knex('jump_consents').whereNot({ hand_over: '' }).delete()
  await knex.schema.alterTable('jump_consents', (table) => table.unique(KEY, { indexName: 'jump_consents_once' }))
  await knex.schema.alterTable('jump_consents', (table) => table.dropUnique([...KEY, 'hand_over'], 'jump_consents_each'))
  await knex.raw('alter table jump_consents drop column hand_over')
}
