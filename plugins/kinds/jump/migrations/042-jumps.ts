import type { Knex } from 'knex'

/** Ways to agencies' own pages (docs/jumps.md): each is gone once; what may be handed over is agreed to once. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('jumps', (table) => {
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id')
    table.string('enterprise_id', 36)
    table.string('connector', 64).notNullable()
    table.string('service', 64).notNullable()
    table.string('state', 16).notNullable()
    // Inputs, the account that was chosen, and where to come back to.
    table.text('request_sealed').notNullable()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('expires_at').notNullable().index()
  })
  await knex.schema.createTable('jump_consents', (table) => {
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id').index()
    // Of a person for himself it is empty, so that the pair below is unique on every store.
    table.string('enterprise_id', 36).notNullable()
    table.string('connector', 64).notNullable()
    // What may be handed over, by name, separated by spaces.
    table.string('facts', 255).notNullable()
    table.bigInteger('given_at').notNullable()
    table.bigInteger('last_used_at')
    table.unique(['user_id', 'enterprise_id', 'connector'], { indexName: 'jump_consents_once' })
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('jump_consents')
  await knex.schema.dropTableIfExists('jumps')
}
