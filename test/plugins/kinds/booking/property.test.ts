import fc from 'fast-check'
import t from 'tap'
import { HubError } from '../../../../core/base/errors.ts'
import { compileService } from '../../../../core/call/service.ts'
import { UpstreamError } from '../../../../core/upstream/error.ts'
import type { Upstream } from '../../../../core/upstream/upstream.ts'
import { policyOf, type Taker } from '../../../../plugins/kinds/booking/agency.ts'
import type { BookingContext } from '../../../../plugins/kinds/booking/context.ts'
import { createDeeds } from '../../../../plugins/kinds/booking/deeds.ts'
import type { BookingRow } from '../../../../plugins/kinds/booking/row.ts'
import { createBookingRows } from '../../../../plugins/kinds/booking/rows.ts'
import { allBookingStates, bookingStates, sourcesOf, UNDER_WAY } from '../../../../plugins/kinds/booking/states.ts'
import { proceed } from '../../../../plugins/kinds/booking/step.ts'
import { bookingConnector } from '../../../helper/booking-connector.ts'
import { asker, openStore, type Store, self, USER } from '../../../helper/filing.ts'
import { targets } from '../../../helper/targets.ts'

/** What the agency does with the next commands, and with the next questions. */
const commands = ['ok', 'refused', 'not-processed', 'lost-done', 'lost-undone', 'death-before', 'death-after'] as const
const questions = ['ok', 'not-processed', 'unknown'] as const
type Command = (typeof commands)[number]
type Question = (typeof questions)[number]

const connector = bookingConnector()
const services = new Map(
  connector.services.map((declared) => {
    const service = compileService(connector, declared)
    return [service.key, service] as const
  }),
)
const room = services.get('rooms.room') as Taker['service']
const policy = policyOf(room) as Taker['policy']

const PLACES = 2
const SLOTS = ['S1', 'S2'] as const
const START = Date.parse('2026-12-10T09:00:00+08:00')
const HOUR = 3_600_000

class Death extends Error {}

interface Booked {
  place: string
  people: number
  state: 'held' | 'confirmed' | 'ended'
}

/** An agency with two places a slot, and a hub that may die at any moment. */
function createWorld(store: Store) {
  let now = START - 72 * HOUR
  const booked = new Map<string, Booked>()
  const holds = new Map<string, number>()
  let [mood, temper, dying]: [Command, Question, boolean] = ['ok', 'ok', false]

  const taken = (place: string, but = '') =>
    [...booked].reduce((sum, [number, one]) => sum + (number !== but && one.place === place && one.state !== 'ended' ? one.people : 0), 0)
  const trouble = (delivery: 'not-processed' | 'refused' | 'unknown') =>
    new UpstreamError(delivery === 'refused' ? 'HUB_UPSTREAM_REFUSED' : 'HUB_UPSTREAM_TIMEOUT', { delivery, status: 200 })
  const codes = { held: '0', confirmed: '1', ended: '3' } as const
  const rowsOf = (number: string) => {
    const one = booked.get(number)
    return one ? [{ bh: `B${number.slice(-4)}`, zt: codes[one.state], cc: one.place, rs: String(one.people) }] : []
  }

  /** → whether it was done. */
  function act(sid: string, { lsh, cc, rs }: Record<string, unknown>): boolean {
    const number = String(lsh)
    const one = booked.get(number)
    if (sid === 'hall.hold') {
      holds.set(number, (holds.get(number) ?? 0) + 1)
      if (one || taken(String(cc)) + Number(rs) > PLACES) return false
      booked.set(number, { place: String(cc), people: Number(rs), state: 'held' })
      return true
    }
    if (!one || one.state === 'ended') return false
    if (sid === 'hall.confirm') {
      if (one.state !== 'held') return false
      one.state = 'confirmed'
    } else if (sid === 'hall.move') {
      const place = String(cc ?? one.place)
      if (one.state !== 'confirmed' || taken(place, number) + one.people > PLACES) return false
      one.place = place
    } else one.state = 'ended'
    return true
  }

  const call: Upstream['call'] = async ({ sid, method, params }, read) => {
    const answer = (data: unknown) => {
      const body = Buffer.from(JSON.stringify({ code: '0', data }))
      return Object.assign(read({ status: 200, contentType: 'application/json', body }), { status: 200, at: now })
    }
    if (sid === 'hall.sessions') {
      const day = { rq: '2026-12-10', ks: '09:00', js: '11:00' }
      return answer(SLOTS.map((cc) => ({ cc, ...day, sy: String(PLACES - taken(cc)) })))
    }
    if (method === 'GET') {
      if (temper !== 'ok') throw trouble(temper)
      return answer(rowsOf(String(params['lsh'])))
    }
    if (mood === 'death-before') {
      dying = true
      throw new Death()
    }
    if (mood === 'refused' || mood === 'not-processed') throw trouble(mood)
    if (mood === 'lost-undone') throw trouble('unknown')
    const isDone = act(sid, params)
    if (mood === 'death-after') {
      dying = true
      throw new Death()
    }
    if (mood === 'lost-done') throw trouble('unknown')
    if (!isDone) throw trouble('refused')
    return answer(rowsOf(String(params['lsh'])))
  }

  const rows = createBookingRows(store.database, store.vault, () => now)
  // A hub that is dead writes nothing.
  const unlessDead =
    <A extends unknown[], R>(work: (...parameters: A) => Promise<R>) =>
    (...parameters: A): Promise<R> =>
      dying ? Promise.reject(new Death()) : work(...parameters)
  const upstream = { call } as Upstream
  const context: BookingContext = {
    rows: { ...rows, move: unlessDead(rows.move), note: unlessDead(rows.note) },
    vault: store.vault,
    agencies: { services, upstreams: new Map([[room.system, upstream]]), vault: store.vault },
    asker: (userId) => asker(userId),
    audit: async () => undefined,
    log: { error: () => undefined, warn: () => undefined },
    pace: { baseMs: 2000, maxMs: 60_000, settleMs: 30_000, leaseMs: 30_000 },
  }
  const deeds = createDeeds(context, store.database, () => undefined)

  async function survive(work: () => Promise<unknown>): Promise<void> {
    await work().catch((error: unknown) => {
      if (!(error instanceof HubError) && !(error instanceof Death)) throw error
    })
    dying = false
  }

  return {
    booked,
    holds,
    taken,
    pass: (ms: number) => {
      now += ms
    },
    behave: (command: Command, question: Question) => {
      ;[mood, temper] = [command, question]
    },
    book: (key: string, place: string) =>
      survive(async () => {
        const when = { place, startsAt: START, endsAt: START + 2 * HOUR }
        const input = { session: place, guests: 1 }
        const keyed = { service: room, by: self(USER), idempotencyKey: `key-${key}-xx`, input }
        const row =
          (await rows.find(keyed)) ?? (await rows.begin({ ...keyed, policy, when, people: 1, visitors: [], traceId: 'a'.repeat(32) }))
        if (row) await deeds.drive(row.id)
      }),
    change: (row: BookingRow, does: 'reschedule' | 'cancel', key: string, place: string) =>
      survive(async () => {
        const to = does === 'reschedule' ? 'rescheduling' : 'cancelling'
        const service = does === 'reschedule' ? 'room-move' : 'room-cancel'
        const input = does === 'reschedule' ? { session: place } : {}
        const pending = {
          service,
          input,
          people: row.people,
          place: does === 'reschedule' ? place : row.place,
          startsAt: START,
          endsAt: row.ends_at,
        }
        if (row.state !== 'confirmed' || (does === 'reschedule' && place === row.place)) return
        await deeds.begin({ row, service, idempotencyKey: key, input, traceId: 'a'.repeat(32), to, pending })
        await deeds.drive(row.id)
      }),
    async sweep(): Promise<void> {
      for (const id of await rows.due(100)) await survive(() => proceed(context, id, false))
    },
  }
}

const step = fc.record({
  what: fc.constantFrom('book' as const, 'reschedule' as const, 'cancel' as const, 'sweep' as const),
  which: fc.nat(2),
  place: fc.constantFrom(...SLOTS),
  how: fc.constantFrom(...commands),
  asked: fc.constantFrom(...questions),
  wait: fc.constantFrom(0, 1000, 31_000, 90_000),
})

for (const target of targets)
  t.test(`${target.name}: whatever happens in whatever order, hub and agency agree in the end`, async (t) => {
    const store = await openStore(target)
    t.teardown(() => store.close())
    const runs = target.name === 'embedded' ? 60 : 8
    let turn = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        for (const table of ['booking_events', 'booking_acts', 'booking_seats', 'bookings']) await store.database(table).delete()
        const world = createWorld(store)
        const all = () => store.database('bookings').orderBy('created_at') as unknown as Promise<BookingRow[]>
        for (const { what, which, place, how, asked, wait } of steps) {
          world.behave(how, asked)
          const row = (await all())[which]
          if (what === 'book') await world.book(String(which), place)
          else if (what === 'sweep') await world.sweep()
          else if (row) await world.change({ ...row, ends_at: Number(row.ends_at) }, what, `change-${++turn}-x`, place)
          world.pass(wait)
          for (const slot of SLOTS) if (world.taken(slot) > PLACES) return false
          for (const times of world.holds.values()) if (times > 1) return false
          for (const { number, state, place: at } of await all()) {
            const there = world.booked.get(number)
            // What is told is so.
            if (state === 'confirmed' && !(there?.state === 'confirmed' && there.place === at)) return false
            if ((state === 'failed' || state === 'cancelled') && there && there.state !== 'ended') return false
          }
        }
        world.behave('ok', 'ok')
        for (let left = 12; left > 0; left--) {
          world.pass(91_000)
          await world.sweep()
        }
        const rows = await all()
        if (rows.some(({ state }) => UNDER_WAY.includes(state))) return false
        const seats = (await store.database('booking_seats').count({ n: '*' }).first())?.['n']
        const living = [...world.booked.values()].filter(({ state }) => state !== 'ended').length
        const confirmed = rows.filter(({ state }) => state === 'confirmed').length
        return living === confirmed && Number(seats) === confirmed
      }),
      { numRuns: runs },
    )
  })

t.test('the table of states says what leads where', async (t) => {
  for (const state of allBookingStates) for (const to of bookingStates[state].to) t.ok(sourcesOf(to).includes(state))
  t.same(
    allBookingStates.filter((state) => bookingStates[state].to.length === 0),
    ['failed', 'cancelled', 'refunded', 'used', 'expired'],
  )
  t.ok(policy.confirm)
})
