import type { Knex } from 'knex'

/** When the agency is next asked what became of an act, and how often it was (docs/acts.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('acts', (table) => {
    table.bigInteger('due_at')
    table.integer('looks').notNullable().defaultTo(0)
    table.index(['due_at'], 'acts_due')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('acts', (table) => {
    table.dropIndex(['due_at'], 'acts_due')
    table.dropColumns('due_at', 'looks')
  })
}
