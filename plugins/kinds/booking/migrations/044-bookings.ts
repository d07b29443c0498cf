import type { Knex } from 'knex'

/** Places taken at agencies, who has them, and what was done with them (docs/bookings.md). */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('bookings', (table) => {
    table.string('id', 36).primary()
    // The hub's own number, by which the agency knows the booking.
    table.string('number', 32).notNullable().unique({ indexName: 'bookings_number' })
    table.string('connector', 64).notNullable()
    table.string('service', 64).notNullable()
    table.string('user_id', 36).notNullable().references('users.id')
    table.string('enterprise_id', 36)
    table.string('principal', 64).notNullable()
    table.string('idempotency_key', 128).notNullable()
    table.string('request_hash', 64).notNullable()
    table.string('state', 16).notNullable()
    // The agency's name of the slot, or the day.
    table.string('place', 64).notNullable()
    table.bigInteger('starts_at').notNullable()
    table.bigInteger('ends_at').notNullable()
    table.integer('people').notNullable()
    // How often it has been rescheduled.
    table.integer('changes').notNullable().defaultTo(0)
    // The agency's number.
    table.string('reference', 64)
    // What was asked for and who comes; and what it is being changed to.
    table.text('details_sealed').notNullable()
    table.text('pending_sealed')
    table.string('trace_id', 32).notNullable()
    table.integer('failures').notNullable().defaultTo(0)
    // When the agency was told what the state says; null before.
    table.bigInteger('sent_at')
    table.string('last_error', 64)
    table.bigInteger('due_at')
    table.string('lease_owner', 36)
    table.bigInteger('lease_until').notNullable().defaultTo(0)
    // Its user looks at it no more.
    table.bigInteger('removed_at')
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
    table.unique(['user_id', 'principal', 'connector', 'service', 'idempotency_key'], { indexName: 'bookings_idempotency' })
    table.index(['due_at', 'lease_until'], 'bookings_due')
    table.index(['user_id', 'connector', 'service', 'starts_at'], 'bookings_listed')
    table.index(['connector', 'reference'], 'bookings_reference')
    table.index(['ends_at'], 'bookings_age')
  })
  await knex.schema.createTable('booking_seats', (table) => {
    table.string('id', 36).primary()
    table.string('booking_id', 36).notNullable().references('bookings.id').index('booking_seats_booking')
    // Who sits where: nobody twice in one slot, whoever booked.
    table.string('place_hash', 64).notNullable()
    table.string('visitor_hash', 64).notNullable()
    table.text('visitor_sealed').notNullable()
    // Of a slot that the booking is being moved to.
    table.boolean('pending').notNullable()
    table.bigInteger('used_at')
    table.unique(['place_hash', 'visitor_hash'], { indexName: 'booking_seats_once' })
  })
  await knex.schema.createTable('booking_acts', (table) => {
    table.increments('id')
    table.string('booking_id', 36).notNullable().references('bookings.id')
    table.string('service', 64).notNullable()
    table.string('idempotency_key', 128).notNullable()
    table.string('request_hash', 64).notNullable()
    // `done`, or the code of the error; null while it is under way.
    table.string('outcome', 64)
    table.bigInteger('at').notNullable()
    table.unique(['booking_id', 'service', 'idempotency_key'], { indexName: 'booking_acts_once' })
  })
  await knex.schema.createTable('booking_events', (table) => {
    table.increments('id')
    table.string('booking_id', 36).notNullable().references('bookings.id').index('booking_events_booking')
    table.string('from_state', 16)
    table.string('to_state', 16).notNullable()
    table.string('cause', 64).notNullable()
    table.bigInteger('at').notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  for (const table of ['booking_events', 'booking_acts', 'booking_seats', 'bookings']) await knex.schema.dropTableIfExists(table)
}
