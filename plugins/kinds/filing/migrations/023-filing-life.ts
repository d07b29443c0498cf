import type { Knex } from 'knex'

const STATES = [
  ['submissions', 'state'],
  ['submission_events', 'from_state'],
  ['submission_events', 'to_state'],
] as const

/**
 * The hub's first state is `filed`, 已提交: `accepted` is what an agency does (受理). A filing has a receipt, a short code
 * by which its state is asked without logging in; those of before have none. Why an agency refused stands in its words.
 */
export async function up(knex: Knex): Promise<void> {
  await rename(knex, 'accepted', 'filed')
  await knex.schema.alterTable('submissions', (table) => {
    table.string('receipt', 16).collate('utf8mb4_bin')
    table.text('reason_sealed')
    table.unique(['receipt'], { indexName: 'submissions_receipt' })
  })
  // Which of the agency's notices a supplement answers: each is answered once.
  await knex.schema.alterTable('submission_acts', (table) => void table.string('notice', 64).collate('utf8mb4_bin'))
  // `supplement` is longer than `cancel` and `change`; SQLite takes no notice of lengths.
  if (isMysql(knex)) await knex.raw('alter table submission_acts modify kind varchar(16) collate utf8mb4_bin not null')
}

export async function down(knex: Knex): Promise<void> {
  await rename(knex, 'filed', 'accepted')
  await knex.schema.alterTable('submissions', (table) => table.dropUnique(['receipt'], 'submissions_receipt'))
  await knex.raw('alter table submission_acts drop column notice')
  for (const column of ['receipt', 'reason_sealed']) await knex.raw('alter table submissions drop column ??', [column])
}

async function rename(knex: Knex, from: string, to: string): Promise<void> {
  for (const [table, column] of STATES)
    await knex(table)
      .where({ [column]: from })
      .update({ [column]: to })
}

function isMysql(knex: Knex): boolean {
  return (knex.client as Knex.Client).driverName === 'mysql2'
}
