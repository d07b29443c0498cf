import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { recognise } from '../../access/authorise.ts'
import { requireFace } from '../../face/require.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { inputProperties, requiredInputs } from '../../openapi/query-schema.ts'
import { callerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { idempotencyHeaders, serviceOptions } from '../../route-kit/service-route.ts'
import { qrImage } from '../../workshop/qr-image.ts'
import { admitted } from '../admitted.ts'
import { assertGiven } from '../given.ts'
import { ask, perform, policyOf, type Taker } from './agency.ts'
import { told } from './context.ts'
import { type BookingDeed, takersOf } from './policy.ts'
import type { BookingRow, Pending } from './row.ts'
import { assertBookable, assertInTime, entryTimes } from './rules.ts'
import { note, show } from './shown.ts'
import { isFinal } from './states.ts'
import { answerSchema, codeSchema } from './views.ts'
import { namesWhen, offerOf } from './when.ts'

const TO = { reschedule: 'rescheduling', cancel: 'cancelling', refund: 'refunding' } as const
const DONE = { cancel: 'cancelled', refund: 'refunded', reschedule: null } as const

type Input = Readonly<Record<string, unknown>>
type Body = Input & { readonly booking: string; readonly visitor?: string }

/** `POST /v1/<connector>/<service>` `{ booking, … }`: something is done with a booking of one's own. */
export function deedRoutes(app: FastifyInstance, service: CompiledService): void {
  const deed = service.contract.booking as BookingDeed
  const takers = takersOf(deed).map((id) => {
    const main = app.services.get(`${service.connector.id}.${id}`)
    const policy = main && policyOf(main)
    // The check of declarations has made sure of it.
    if (!main || !policy) throw new Error(`${service.key} belongs to no service that takes bookings`)
    return { service: main, policy }
  })
  if (deed.does === 'code') codeRoute(app, service, takers, deed)
  else if (deed.does === 'remove') removeRoute(app, service, takers)
  else changeRoute(app, service, takers, deed.does)
}

function changeRoute(app: FastifyInstance, service: CompiledService, takers: readonly Taker[], does: keyof typeof TO): void {
  const { rows, deeds } = app.bookings
  const { schema: described, ...options } = serviceOptions(app, service)
  const answer = answerOfAll(takers)
  const schema = {
    ...described,
    headers: idempotencyHeaders,
    body: bodyOf(service),
    response: { 201: answer, 202: answer, default: problemSchema },
  }
  typed(app).post(pathOf(service), { ...options, schema }, async (request, reply) => {
    const { booking: _, ...input } = request.body
    const { taker, row, asker } = await own(app, request, service, takers)
    const idempotencyKey = String(request.headers['idempotency-key'] ?? '')
    const asked = { row, service: service.contract.id, idempotencyKey, input }
    if (await deeds.repeated(asked)) return show(app, taker, request, reply, row)
    // Whoever wants what is so already has it.
    if (row.state === DONE[does]) return show(app, taker, request, reply, row)
    if (row.state !== 'confirmed') throw new HubError('HUB_BOOKING_STATE')
    app.calendar.assertOpen(service, true)
    assertInTime(taker.policy.rules, does, row, rows.now())
    await assertGiven(service, input, asker, app)
    assertChosenThere(taker.service, input)
    const pending = await pendingOf(taker, row, input, asker)
    const seats = rows.details(row).visitors
    await deeds.begin({ ...asked, traceId: request.id, to: TO[does], pending, seats })
    const moved = await deeds.drive(row.id)
    // What the agency refused is told as such; the booking is what it was.
    await deeds.repeated(asked)
    return show(app, taker, request, reply, moved)
  })

  /** What it is to be: what nobody asks to change stays. Throws what keeps it from being booked so. */
  async function pendingOf(taker: Taker, row: BookingRow, input: Input, asker: Asker): Promise<Pending> {
    const { policy } = taker
    const people = policy.people !== undefined && input[policy.people] !== undefined ? Number(input[policy.people]) : row.people
    const pending = { service: service.contract.id, input, people }
    const now = { place: row.place, startsAt: row.starts_at, endsAt: row.ends_at }
    if (does !== 'reschedule' || (people === row.people && !namesWhen(policy, input))) return { ...pending, ...now }
    const booked = rows.details(row).input
    const wanted = { ...booked, ...input }
    const { left, ...when } = await offerOf(taker.service, policy, wanted, asker, app)
    const isSame = when.place === row.place
    if (isSame && people === row.people) {
      // A form that says everything anew may still change who comes for what.
      if (Object.entries(input).some(([name, value]) => name in booked && booked[name] !== value)) return { ...pending, ...now }
      throw new HubError('HUB_BOOKING_STATE', { detail: '预约已经是这个时段，不需要改签。' })
    }
    // Of the slot that it has, it needs only what it does not have yet.
    assertBookable(policy.rules, { ...when, left: left !== null && isSame ? left + row.people : left }, people, rows.now())
    return { ...pending, ...when }
  }
}

function removeRoute(app: FastifyInstance, service: CompiledService, takers: readonly Taker[]): void {
  const { rows, context } = app.bookings
  const { schema: described, ...options } = serviceOptions(app, service)
  const answer = answerOfAll(takers)
  const schema = { ...described, headers: idempotencyHeaders, body: bodyOf(service), response: { 201: answer, default: problemSchema } }
  typed(app).post(pathOf(service), { ...options, schema }, async (request, reply) => {
    const { taker, row, asker } = await own(app, request, service, takers)
    if (!isFinal(row.state)) throw new HubError('HUB_BOOKING_STATE', { detail: '还没有结束的预约不能删除，请先取消或者退票。' })
    app.calendar.assertOpen(service, true)
    // Of what never came about the agency has no record.
    if (row.reference !== null && row.state !== 'failed')
      await told(context, row, 'release', () => perform(app, taker, service, row, {}, asker))
    if (!(await rows.remove(row))) throw new HubError('HUB_BOOKING_STATE')
    return show(app, taker, request, reply, row.state === 'failed' ? { ...row, state: 'cancelled' } : row)
  })
}

function codeRoute(app: FastifyInstance, service: CompiledService, takers: readonly Taker[], { image = 'image' }: BookingDeed): void {
  const { rows, seats, context } = app.bookings
  const { schema: described, ...options } = serviceOptions(app, service)
  const title = service.contract.fields[image]?.notes.title ?? '入场码'
  const schema = { ...described, body: bodyOf(service, true), response: { 200: codeSchema(image, title), default: problemSchema } }
  typed(app).post(pathOf(service), { ...options, schema }, async (request) => {
    const { taker, row: found, asker } = await own(app, request, service, takers)
    const { rules } = taker.policy
    const row = await stillThere(taker, found, asker)
    const all = ((await seats.of([row])).get(row.id) ?? []).filter(({ usedAt }) => usedAt === null)
    const { visitor } = request.body
    const seat = visitor === undefined && all.length === 1 ? all[0] : all.find(({ id }) => id === visitor)
    if (!seat)
      throw visitor === undefined && all.length > 1
        ? several(all)
        : new HubError('HUB_BOOKING_STATE', { detail: '没有可以出示的入场码，可能已经入场。' })
    note(request, service, 1)
    const { code, expiresAt } = seats.code(rules, row, seat)
    const { from, until } = entryTimes(rules, row)
    const data = {
      [image]: `data:image/png;base64,${qrImage(code).toString('base64')}`,
      code,
      visitor: seat.visitor.name,
      expiresAt: beijing(expiresAt),
      validFrom: beijing(from),
      validUntil: beijing(until),
    }
    return { data, meta: { asOf: beijing(rows.now()), traceId: request.id } }
  })

  /** What was given back at the agency itself opens nothing. An agency that cannot be asked keeps nobody out. */
  async function stillThere(taker: Taker, row: BookingRow, asker: Asker): Promise<BookingRow> {
    if ((row.state !== 'confirmed' && row.state !== 'used') || rows.now() >= row.ends_at)
      throw new HubError('HUB_BOOKING_STATE', { detail: '只有预约成功、还没有过期的预约才有入场码。' })
    const standing = await told(context, row, 'status', () => ask(app, taker, row, asker)).catch(() => null)
    if (row.state !== 'confirmed' || standing === null || (standing.state !== 'ended' && standing.state !== 'none')) return row
    await rows.move(row, 'cancelled', 'agency', { due_at: null })
    throw new HubError('HUB_BOOKING_STATE', { detail: '这次预约已经在对方系统取消。' })
  }
}

function several(all: readonly { id: string; visitor: { name: string } }[]): HubError {
  const options = all.map(({ id, visitor }) => ({ value: id, label: visitor.name }))
  return new HubError('HUB_SEVERAL_RECORDS', {
    detail: '请指定出示哪一位的入场码。',
    choices: { parameter: 'visitor', values: options.map(({ value }) => value), options },
  })
}

/** The booking that is named, where it is the caller's; anybody else's is not there. */
async function own(app: FastifyInstance, request: FastifyRequest<{ Body: Body }>, service: CompiledService, takers: readonly Taker[]) {
  const asker = await recognise(service, callerOf(request), app.users)
  const by = await admitted(app, request, service, asker)
  for (const taker of takers) {
    const row = await app.bookings.rows.read(by, taker.service, request.body.booking)
    if (!row) continue
    request.audit.submission = row.id
    await requireFace(service.contract.face, service.key, callerOf(request))
    return { taker, row, asker }
  }
  throw new HubError('HUB_NO_RECORD', { detail: '没有找到这次预约。' })
}

/** What the service that took a booking doesn't offer, it cannot be changed to. Throws HUB_VALIDATION. */
function assertChosenThere({ contract }: CompiledService, input: Input): void {
  const errors = Object.entries(input).flatMap(([name, value]) => {
    const list = contract.inputs[name]?.notes.list
    if (!list || String(value) in list.values) return []
    return [{ pointer: `/body/${name}`, detail: `这次预约不能改成这一项：${contract.name}只有${Object.values(list.values).join('、')}` }]
  })
  if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
}

/** They are shown alike. */
function answerOfAll([taker]: readonly Taker[]) {
  if (!taker) throw new Error('a deed belongs to no service')
  return answerSchema(taker.service)
}

function bodyOf({ contract }: CompiledService, code = false) {
  return Type.Unsafe<Body>({
    type: 'object',
    properties: {
      booking: part.text('预约编号（中枢的，或者对方系统的）', { minLength: 1, maxLength: 64 }),
      ...(code ? { visitor: part.id('座次编号；只有一位时可以不填') } : {}),
      ...inputProperties(contract),
    },
    required: ['booking', ...requiredInputs(contract)],
    additionalProperties: false,
  })
}

function pathOf({ connector, contract }: CompiledService): string {
  return `/v1/${connector.id}/${contract.id}`
}
