import type { Knex } from 'knex'

/** An agency's notice names a filing by one of these; what was said, and what became of it, is on record. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('submissions', (table) => {
    table.string('serial', 20).collate('utf8mb4_bin')
    // Keyed hash of the agency's own number, which is sealed.
    table.string('reference_hash', 64).collate('utf8mb4_bin')
    table.index(['serial'], 'submissions_serial')
    table.index(['reference_hash'], 'submissions_reference')
  })
  // What has ended is told of no more.
  for (const id of (await knex('submissions').whereNotNull('due_at').pluck('id')) as string[])
    await knex('submissions')
      .where({ id })
      .update({ serial: serialOf(id) })
  await knex.schema.createTable('filing_notices', (table) => {
    table.increments('id')
    table.string('system', 129).notNullable().collate('utf8mb4_bin')
    // Hash of what tells a notice from all others of the agency; null where it was refused or came before.
    table.string('notice_hash', 64).collate('utf8mb4_bin')
    table.string('submission_id', 36).collate('utf8mb4_bin')
    // taken, repeated, refused
    table.string('verdict', 8).notNullable()
    table.string('body_hash', 64).notNullable().collate('utf8mb4_bin')
    table.string('trace_id', 32).notNullable().collate('utf8mb4_bin')
    table.bigInteger('at').notNullable()
    table.unique(['system', 'notice_hash'], { indexName: 'filing_notices_once' })
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('filing_notices')
  await knex.schema.alterTable('submissions', (table) => {
    table.dropIndex(['serial'], 'submissions_serial')
    table.dropIndex(['reference_hash'], 'submissions_reference')
  })
  for (const column of ['serial', 'reference_hash']) await knex.raw('alter table submissions drop column ??', [column])
}

/** As the hub numbers filings, when this migration was written. */
function serialOf(id: string): string {
  const number = BigInt(`0x${id.replaceAll('-', '')}`) % 36n ** 20n
  return number.toString(36).toUpperCase().padStart(20, '0')
}
