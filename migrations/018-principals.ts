import type { Knex } from 'knex'

const KEYED = ['submissions', 'acts'] as const
const OLD = ['user_id', 'connector', 'service', 'idempotency_key']
const NEW = ['user_id', 'principal', 'connector', 'service', 'idempotency_key']

/**
 * Whose a filing, an act or a printed document is: `self`, `enterprise:<id>`, `dependant:<id>`. It is part of the
 * idempotency key; a null enterprise could not be. Acts on filings also keep who asked for them.
 */
export async function up(knex: Knex): Promise<void> {
  for (const name of [...KEYED, 'issued_documents']) {
    await knex.schema.alterTable(name, (table) => void table.string('principal', 64).notNullable().defaultTo('self').collate('utf8mb4_bin'))
    const enterprises: string[] = await knex(name).whereNotNull('enterprise_id').distinct().pluck('enterprise_id')
    for (const id of enterprises)
      await knex(name)
        .where({ enterprise_id: id })
        .update({ principal: `enterprise:${id}` })
  }
  for (const name of KEYED) {
    // The new one first: on MySQL the reference to users leans on it.
    await knex.schema.alterTable(name, (table) => {
      table.unique(NEW, { indexName: `${name}_principal_idempotency` })
      table.index(['principal', 'created_at'])
    })
    await knex.schema.alterTable(name, (table) => table.dropUnique(OLD, `${name}_idempotency`))
  }
  await knex.schema.alterTable('issued_documents', (table) => table.index(['principal', 'issued_at']))
  await knex.schema.alterTable('submission_acts', (table) => void table.string('user_id', 36).collate('utf8mb4_bin'))
  await knex('submission_acts').update({
    user_id: knex('submissions').where('submissions.id', knex.ref('submission_acts.submission_id')).select('submissions.user_id'),
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table submission_acts drop column user_id')
  for (const name of KEYED) {
    await knex.schema.alterTable(name, (table) => table.unique(OLD, { indexName: `${name}_idempotency` }))
    await knex.schema.alterTable(name, (table) => {
      table.dropUnique(NEW, `${name}_principal_idempotency`)
      table.dropIndex(['principal', 'created_at'])
    })
  }
  await knex.schema.alterTable('issued_documents', (table) => table.dropIndex(['principal', 'issued_at']))
  for (const name of [...KEYED, 'issued_documents']) await knex.raw('alter table ?? drop column principal', [name])
}
