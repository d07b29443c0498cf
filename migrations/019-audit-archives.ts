import type { Knex } from 'knex'

/** Rows that were moved into archive files: the signed manifest of each month (form: plugins/audit/archive.ts), in their order. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('audit_archives', (table) => {
    table.increments('id')
    table.string('month', 7).notNullable().unique()
    table.bigInteger('at').notNullable()
    table.text('manifest', 'mediumtext').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('audit_archives')
}
