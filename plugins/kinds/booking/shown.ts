import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Taker } from './agency.ts'
import { errorOf } from './deeds.ts'
import { takersOf } from './policy.ts'
import type { BookingEvent, BookingRow } from './row.ts'
import { UNDER_WAY } from './states.ts'
import { viewOf } from './views.ts'

/** Seconds after which looking again makes sense, where the agency has not said how it ended. */
const LOOK_AGAIN_S = 3

/** In answer to what was asked for: what came about, 202 where nobody knows yet, or why it did not. */
export async function show(app: FastifyInstance, taker: Taker, request: FastifyRequest, reply: FastifyReply, row: BookingRow) {
  request.audit.enterprise = row.enterprise_id
  if (row.state === 'failed') {
    request.audit.submission = row.id
    throw errorOf(row.last_error)
  }
  const answer = await detailOf(app, taker, request, row)
  const isOpen = UNDER_WAY.includes(row.state)
  reply.code(isOpen ? 202 : 201).header('location', String(answer.data['statusUrl']))
  if (isOpen) reply.header('retry-after', LOOK_AGAIN_S)
  return answer
}

/** A booking as its user reads it, with what became of it. */
async function view(app: FastifyInstance, taker: Taker, row: BookingRow): Promise<Record<string, unknown>> {
  const [shown = {}] = await views(app, taker, [row], await app.bookings.rows.events(row.id))
  return shown
}

/** Bookings as their user reads them. */
export async function views(
  app: FastifyInstance,
  taker: Taker,
  found: readonly BookingRow[],
  events: readonly BookingEvent[] = [],
): Promise<Record<string, unknown>[]> {
  const { rows, seats } = app.bookings
  const { service } = taker
  const codes = service.connector.services.find(
    ({ contract: { booking } }) =>
      booking && 'does' in booking && booking.does === 'code' && takersOf(booking).includes(service.contract.id),
  )
  const path = codes ? `/v1/${service.connector.id}/${codes.contract.id}` : null
  const sitting = await seats.of(found)
  return found.map((row) => viewOf({ ...taker, row, details: rows.details(row), seats: sitting.get(row.id) ?? [], events, codes: path }))
}

/** What is answered about one booking. */
export async function detailOf(app: FastifyInstance, taker: Taker, request: FastifyRequest, row: BookingRow) {
  request.audit.submission = row.id
  note(request, taker.service, 1)
  return { data: await view(app, taker, row), meta: { asOf: beijing(row.updated_at), traceId: request.id } }
}

export function note(request: FastifyRequest, { fieldNames }: CompiledService, count: number): void {
  request.audit.fields = count === 0 ? [] : fieldNames
  request.audit.rows = count
}
