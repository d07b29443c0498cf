import type { Knex } from 'knex'

/** Of each service that a candidate version answers: how many different callers each version answered, and how many with anything. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('candidate_receivers', (table) => {
    // Start of five minutes.
    table.bigInteger('at').notNullable()
    table.string('connector', 64).notNullable()
    table.string('version', 40).notNullable()
    table.string('service', 64).notNullable()
    table.string('kind', 20).notNullable()
    // How many different ones there were, and of none who (HyperLogLog).
    table.text('sketch').notNullable()
    table.primary(['at', 'connector', 'version', 'service', 'kind'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('candidate_receivers')
}
