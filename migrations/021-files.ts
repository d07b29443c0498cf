import type { Knex } from 'knex'

/**
 * Files that users bring. The row is also its own job: `retry_at` is when it wants attention next. The content lies in
 * the file store, in pieces that are only ever added; a piece counts once its row is here.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('files', (table) => {
    table.string('id', 36).primary()
    // Who brought it; null once he has left and it stays with his enterprise, or until it is gone.
    table.string('user_id', 36).references('users.id')
    // Whose it is (plugins/access/principal.ts).
    table.string('principal', 64).notNullable()
    table.string('state', 16).notNullable()
    table.text('name_sealed')
    // The key of the content; without it nothing opens the pieces any more.
    table.text('key_sealed')
    // As declared, until its bytes have been read.
    table.string('media_type', 128).notNullable()
    table.string('extension', 16)
    table.bigInteger('size').notNullable()
    table.bigInteger('received').notNullable().defaultTo(0)
    table.integer('pieces').notNullable().defaultTo(0)
    table.string('sha256', 64)
    // `clean`, or `none` where no scanner is set up.
    table.string('scanned', 16)
    // Why it was refused.
    table.string('refusal', 16)
    table.integer('width')
    table.integer('height')
    // What holds it, as `submission:<id>`, and as which of its inputs.
    table.string('attached_to', 64)
    table.string('attached_as', 64)
    table.string('trace_id', 32).notNullable()
    table.integer('failures').notNullable().defaultTo(0)
    table.bigInteger('retry_at')
    table.string('lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    // Set by whoever waits for the lease of an upload.
    table.integer('lease_wanted').notNullable().defaultTo(0)
    table.bigInteger('expires_at')
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.index(['principal', 'created_at'])
    table.index(['user_id', 'state'])
    table.index(['retry_at'])
    table.index(['attached_to'])
  })
  await knex.schema.createTable('file_pieces', (table) => {
    table.string('file_id', 36).notNullable().references('files.id')
    table.integer('position').notNullable()
    // Where the store has it: never made of a name.
    table.string('place', 80).notNullable()
    table.integer('length').notNullable()
    table.primary(['file_id', 'position'])
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['file_pieces', 'files']) await knex.schema.dropTableIfExists(table)
}
