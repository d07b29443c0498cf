import type { Knex } from 'knex'

/** What a candidate version's answers were like beside the running one's, by span of time: numbers and names of fields, no value. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('candidate_counts', (table) => {
    // Start of the span: an hour of comparison, five minutes of answers.
    table.bigInteger('at').notNullable()
    table.string('connector', 64).notNullable()
    table.string('version', 40).notNullable()
    table.string('service', 64).notNullable()
    table.string('kind', 20).notNullable()
    // A field, a pair of error codes, a bucket of time.
    table.string('name', 140).notNullable()
    table.bigInteger('n').notNullable()
    table.primary(['at', 'connector', 'version', 'service', 'kind', 'name'])
  })
  await knex.schema.createTable('candidate_callers', (table) => {
    table.bigInteger('at').notNullable()
    table.string('connector', 64).notNullable()
    table.string('version', 40).notNullable()
    table.string('kind', 20).notNullable()
    // How many different ones there were, and of none who (HyperLogLog).
    table.text('sketch').notNullable()
    table.primary(['at', 'connector', 'version', 'kind'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('candidate_callers')
  await knex.schema.dropTableIfExists('candidate_counts')
}
