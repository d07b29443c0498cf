import type { Knex } from 'knex'

/** Documents that the hub issued: enough to confirm one by its code, and no more. The documents themselves are not kept. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('issued_documents', (table) => {
    table.string('id', 36).primary()
    // Keyed hash of the verification code, which stands on the document alone.
    table.string('code_hash', 64).notNullable().unique()
    table.string('connector', 64).notNullable()
    table.string('service', 64).notNullable()
    // Null for a document that anybody may have.
    table.string('user_id', 36).references('users.id')
    table.string('enterprise_id', 36)
    // SHA-256 of the file.
    table.string('content_hash', 64).notNullable()
    // Keyed hash of the values it shows: rows have too few possible values for a bare one.
    table.string('rows_hash', 64).notNullable()
    // What a verification shows of it.
    table.text('summary_sealed').notNullable()
    table.bigInteger('issued_at').notNullable()
    table.bigInteger('expires_at').notNullable().index()
    table.bigInteger('revoked_at')
    table.index(['user_id', 'issued_at'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('issued_documents')
}
