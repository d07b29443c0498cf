import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Taker } from './agency.ts'
import { errorOf } from './deeds.ts'
import type { BookingRow } from './rows.ts'
import { UNDER_WAY } from './states.ts'
import { viewOf } from './views.ts'

/** Seconds after which looking again makes sense, where the agency has not said how it ended. */
const LOOK_AGAIN_S = 3

/** In answer to what was asked for: what came about, 202 where nobody knows yet, or why it did not. */
export async function show(app: FastifyInstance, taker: Taker, request: FastifyRequest, reply: FastifyReply, row: BookingRow) {
  request.audit.submission = row.id
  request.audit.enterprise = row.enterprise_id
  if (row.state === 'failed') throw errorOf(row.last_error)
  note(request, taker.service, 1)
  const data = await view(app, taker, row, true)
  const isOpen = UNDER_WAY.includes(row.state)
  reply.code(isOpen ? 202 : 201).header('location', String(data['statusUrl']))
  if (isOpen) reply.header('retry-after', LOOK_AGAIN_S)
  return { data, meta: { asOf: beijing(row.updated_at), traceId: request.id } }
}

/** A booking as its user reads it, in full or as one of many. */
export async function view(app: FastifyInstance, taker: Taker, row: BookingRow, whole = false): Promise<Record<string, unknown>> {
  const { rows, seats } = app.bookings
  const { service } = taker
  const codes = service.connector.services.find(
    ({ contract: { booking } }) => booking && 'does' in booking && booking.does === 'code' && booking.of === service.contract.id,
  )
  return viewOf({
    ...taker,
    row,
    details: rows.details(row),
    seats: await seats.of(row),
    events: whole ? await rows.events(row.id) : [],
    codes: codes ? `/v1/${service.connector.id}/${codes.contract.id}` : null,
  })
}

export function note(request: FastifyRequest, { fieldNames }: CompiledService, count: number): void {
  request.audit.fields = count === 0 ? [] : fieldNames
  request.audit.rows = count
}
