import type { Knex } from 'knex'

const BYTES = 'utf8mb4_bin'

/** 能力开放平台: partners, who acts for them, their applications, what was reviewed, and how much each application may ask. */
export async function up(knex: Knex): Promise<void> {
  const text = (table: Knex.CreateTableBuilder, column: string, length: number) => table.string(column, length).collate(BYTES)
  const id = (table: Knex.CreateTableBuilder) => text(table, 'id', 36).primary()

  await knex.schema.createTable('partners', (table) => {
    id(table)
    table.string('name', 100).notNullable()
    text(table, 'uscc', 18).notNullable().index('partners_uscc')
    // The same once it is approved: no two partners are one organisation.
    text(table, 'approved_uscc', 18).unique({ indexName: 'partners_approved_uscc' })
    table.string('domain', 32).notNullable()
    // JSON: name, phone, e-mail.
    table.text('contact_sealed').notNullable()
    // Keyed hash of the e-mail: how many letters go there is counted by it.
    text(table, 'email_hash', 64).notNullable()
    table.string('state', 16).notNullable()
    // Keyed hash of what the applicant was given; whoever holds it sees how it stands, and takes the partner over once.
    text(table, 'receipt_hash', 64).unique({ indexName: 'partners_receipt' })
    text(table, 'code_hash', 64)
    table.bigInteger('code_until')
    table.integer('code_tries').notNullable().defaultTo(0)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.index(['email_hash', 'created_at'], 'partners_letters')
  })
  await knex.schema.createTable('partner_members', (table) => {
    id(table)
    text(table, 'partner_id', 36).notNullable().references('partners.id')
    text(table, 'user_id', 36).notNullable().references('users.id')
    table.string('role', 16).notNullable()
    table.bigInteger('added_at').notNullable()
    table.unique(['partner_id', 'user_id'], { indexName: 'partner_members_once' })
    table.index(['user_id'], 'partner_members_user')
  })
  await knex.schema.createTable('partner_invitations', (table) => {
    text(table, 'code_hash', 64).primary()
    text(table, 'partner_id', 36).notNullable().references('partners.id')
    table.string('role', 16).notNullable()
    text(table, 'invited_by', 36)
    table.bigInteger('expires_at').notNullable().index('partner_invitations_expiry')
  })
  await knex.schema.createTable('partner_applications', (table) => {
    id(table)
    text(table, 'partner_id', 36).notNullable().references('partners.id')
    // The OAuth client that it became.
    text(table, 'client_id', 64).unique({ indexName: 'partner_applications_client' })
    table.string('name', 100).notNullable()
    table.string('home', 500).notNullable()
    table.string('state', 16).notNullable()
    // What a suspended one goes on as.
    table.string('resumes_to', 16)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.index(['partner_id', 'created_at'], 'partner_applications_listed')
  })
  await knex.schema.createTable('partner_reviews', (table) => {
    id(table)
    table.string('kind', 16).notNullable()
    table.string('state', 16).notNullable()
    text(table, 'partner_id', 36).notNullable().references('partners.id')
    text(table, 'application_id', 36).references('partner_applications.id')
    // Set while it is open: of one application one thing at a time is reviewed.
    text(table, 'open_key', 64).unique({ indexName: 'partner_reviews_open' })
    // JSON: what is wanted, and what the automatic checks found.
    table.text('content', 'mediumtext').notNullable()
    table.text('checks', 'mediumtext').notNullable()
    text(table, 'requested_by', 36)
    text(table, 'reviewed_by', 36)
    table.string('review_opinion', 500)
    text(table, 'decided_by', 36)
    table.string('decision_reason', 500)
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.index(['state', 'created_at'], 'partner_reviews_listed')
    table.index(['partner_id', 'created_at'], 'partner_reviews_partner')
  })
  await knex.schema.createTable('partner_events', (table) => {
    table.increments('id')
    text(table, 'partner_id', 36).notNullable().references('partners.id')
    text(table, 'application_id', 36)
    text(table, 'review_id', 36)
    table.string('event', 32).notNullable()
    table.string('from_state', 16)
    table.string('to_state', 16)
    text(table, 'acted_by', 36)
    table.string('note', 500)
    table.bigInteger('at').notNullable()
    table.index(['partner_id', 'at'], 'partner_events_listed')
  })
  await knex.schema.createTable('application_limits', (table) => {
    text(table, 'client_id', 64).notNullable()
    // `<connector>.<service>`; `*` for all together.
    text(table, 'service', 130).notNullable()
    table.integer('per_minute')
    table.integer('per_day')
    table.integer('per_month')
    table.primary(['client_id', 'service'])
  })
  await knex.schema.createTable('application_usage', (table) => {
    text(table, 'client_id', 64).notNullable()
    text(table, 'service', 130).notNullable()
    // `YYYY-MM-DDTHH:MM`, `YYYY-MM-DD` or `YYYY-MM`, Beijing time.
    text(table, 'period', 16).notNullable().index('application_usage_period')
    table.bigInteger('used').notNullable()
    table.primary(['client_id', 'service', 'period'])
  })
}

export async function down(knex: Knex): Promise<void> {
  const tables = ['application_usage', 'application_limits', 'partner_events', 'partner_reviews', 'partner_applications']
  for (const table of [...tables, 'partner_invitations', 'partner_members', 'partners']) await knex.schema.dropTableIfExists(table)
}
