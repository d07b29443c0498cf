import { join } from 'node:path'
import type { ServiceContract } from '../../../core/contract/types.ts'
import { createJournal } from '../journal.ts'
import { type CreateSimulator, keyOf, type Params, type Reply, type SandboxService } from '../simulation.ts'
import { type BookingDeed, type BookingPolicy, takersOf } from './policy.ts'

type State = 'held' | 'confirmed' | 'ended'

/** A line of the agency's journal. Whether there was a place for it follows from the lines before, in every process alike. */
interface Line {
  readonly what: 'hold' | 'confirm' | 'release' | BookingDeed['does']
  readonly sid: string
  readonly number: string
  readonly at: number
  readonly by: string | null
  /** Where somebody wants a place: which, for whom, and how many there are in all; null for as many as come. */
  readonly place?: string
  readonly people?: number
  readonly who?: readonly string[]
  readonly capacity?: number | null
  /** A booking at once: nothing is left to confirm. */
  readonly firm?: boolean
  readonly params?: Params
}

interface Booked {
  sid: string
  number: string
  reference: string
  by: string | null
  place: string
  people: number
  who: readonly string[]
  state: State
  at: number
  removed: boolean
  params: Params
}

const NOTHING: Reply = { rows: [], total: null }

/** An agency that gives out places: never more than there are, however many ask at once and in however many processes. */
export const simulateBookings: CreateSimulator = (simulation) => {
  const { dataDir, findSubject, rowsOf } = simulation
  const bookings = new Map<string, Booked>()
  const taken = new Map<string, Map<string, Booked>>()
  const counts = new Map<string, number>()
  /** Why the last thing that was wanted of a number was refused; absent where it was done. */
  const refusals = new Map<string, string>()
  const journal = createJournal<Line>(join(dataDir, 'sandbox-bookings.jsonl'), apply)

  const at = (sid: string, place: string) => `${sid}\0${place}`
  const othersAt = (sid: string, place: string, number: string) =>
    [...(taken.get(at(sid, place))?.values() ?? [])].filter((one) => one.number !== number)

  function obstacle({ sid, number, place = '', people = 1, who = [], capacity = null }: Line): string | null {
    const others = othersAt(sid, place, number)
    if (capacity !== null && others.reduce((sum, one) => sum + one.people, 0) + people > capacity) return '该场次名额已满'
    return who.some((one) => others.some((other) => other.who.includes(one))) ? '该观众在本场次已有预约' : null
  }

  function take(booked: Booked): void {
    const key = at(booked.sid, booked.place)
    const there = taken.get(key) ?? new Map<string, Booked>()
    taken.set(key, there.set(booked.number, booked))
  }

  function apply(line: Line): void {
    const { what, sid, number, place = '', people = 1, who = [], params = {} } = line
    refusals.delete(number)
    const known = bookings.get(number)
    if (what === 'hold') {
      counts.set(number, (counts.get(number) ?? 0) + 1)
      if (known) return
      const problem = obstacle(line)
      if (problem !== null) {
        refusals.set(number, problem)
        return
      }
      const reference = `KG${new Date(line.at + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '')}${String(bookings.size + 1).padStart(6, '0')}`
      const booked: Booked = {
        sid,
        number,
        reference,
        by: line.by,
        place,
        people,
        who,
        state: line.firm ? 'confirmed' : 'held',
        at: line.at,
        removed: false,
        params,
      }
      bookings.set(number, booked)
      take(booked)
      return
    }
    if (!known || known.sid !== sid) return
    if (what === 'confirm') known.state = known.state === 'held' ? 'confirmed' : known.state
    else if (what === 'remove') known.removed = known.state === 'ended' || known.removed
    else if (what === 'reschedule') {
      const problem = known.state === 'confirmed' ? obstacle({ ...line, who: known.who }) : '预约已经取消'
      if (problem !== null) {
        refusals.set(number, problem)
        return
      }
      taken.get(at(sid, known.place))?.delete(number)
      Object.assign(known, { place, people, params: { ...known.params, ...params } })
      take(known)
    } else {
      known.state = 'ended'
      taken.get(at(sid, known.place))?.delete(number)
    }
  }

  /** The service that takes bookings, or took the one of this number, and what it says of them. */
  function takerOf(service: SandboxService, asked: Params): { service: SandboxService; policy: BookingPolicy } | null {
    const { booking } = service.contract
    if (!booking) return null
    if (!('does' in booking)) return { service, policy: booking }
    const takers = service.connector.services.flatMap(({ contract }) => {
      const { booking: policy } = contract
      if (!policy || 'does' in policy || !takersOf(booking).includes(contract.id)) return []
      return { service: { ...service, contract, sid: contract.upstream?.sid ?? `${service.connector.id}.${contract.id}` }, policy }
    })
    return takers.find(({ service: { sid }, policy }) => bookings.get(String(asked[policy.serial]))?.sid === sid) ?? takers[0] ?? null
  }

  /** How many places there are in a slot, as the agency's own list says; null where it lists none. */
  function capacityOf(
    { service, policy: { slots } }: NonNullable<ReturnType<typeof takerOf>>,
    place: string,
    params: Params,
  ): number | null {
    const list = slots && service.connector.services.find(({ contract }) => contract.id === slots.service)
    if (!slots || !list) return null
    const { contract } = list
    const source: SandboxService = {
      ...service,
      contract,
      sid: contract.upstream?.sid ?? `${service.connector.id}.${contract.id}`,
      one: false,
    }
    const subject = findSubject(source, params) ?? { index: 0, name: '', number: '' }
    const heldAt = (row: Readonly<Record<string, unknown>>, name: string) => row[codeOf(contract, name)]
    const row = rowsOf(source, subject).find((one) => String(heldAt(one, slots.id)) === place)
    if (!row) return 0
    return Number(heldAt(row, slots.left)) + othersAt(service.sid, place, '').reduce((sum, one) => sum + one.people, 0)
  }

  return {
    answer({ service: asked, sid, method, params, faults }) {
      journal.catchUp()
      const taker = takerOf(asked, params)
      if (!taker) return NOTHING
      const { service, policy } = taker
      const { contract } = service
      const number = String(params[policy.serial] ?? '')
      const by = findSubject(asked, params)?.number ?? null
      const report = (booked: Booked | undefined): Reply => {
        if (!booked || booked.by !== by) return NOTHING
        const row = {
          [policy.serial]: number,
          [codeOf(contract, policy.reference)]: booked.reference,
          [codeOf(contract, policy.state)]: policy.states[booked.state][0],
          [codeOf(contract, policy.at)]: booked.place,
          ...(policy.people === undefined ? {} : { [codeOf(contract, policy.people)]: String(booked.people) }),
        }
        return { rows: [row], total: null }
      }
      if (method === 'GET') return report(bookings.get(number))
      if (faults.has('refuse-submission')) return { refusal: '不符合预约规定，不予受理' }
      if (number === '') return { refusal: '缺少流水号' }
      const { booking } = asked.contract
      const what =
        sid === policy.confirm?.sid
          ? 'confirm'
          : sid === policy.release.sid
            ? 'release'
            : booking && 'does' in booking
              ? booking.does
              : 'hold'
      const known = bookings.get(number)
      if (what !== 'hold' && (!known || known.by !== by)) return { refusal: '没有这个预约' }
      const inputs = asked.contract.inputs
      const given = (name: string | undefined) => (name === undefined ? undefined : params[inputs[name]?.notes.codes[0] ?? name])
      const day = String(given(policy.days?.input) ?? '').replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')
      const place = policy.slots ? String(given(policy.slots.input) ?? known?.place ?? '') : day || (known?.place ?? '')
      const who = policy.visitors ? listOf(given(policy.visitors.input), inputs[policy.visitors.input]?.notes.join) : []
      const people = policy.visitors ? who.length || (known?.people ?? 1) : Number(given(policy.people) ?? known?.people ?? 1)
      const wants = what === 'hold' || what === 'reschedule'
      const wanted = wants
        ? { place, people, who, capacity: capacityOf(taker, place, params), firm: policy.confirm === undefined, params }
        : {}
      journal.append({ what, sid: service.sid, number, at: Date.now(), by, ...wanted })
      const refused = refusals.get(number)
      return refused === undefined ? report(bookings.get(number)) : { refusal: refused }
    },
    /** The agency's whole books: `params.by` says whose each is. */
    filed(service, _subject, before) {
      journal.catchUp()
      if (!service.contract.booking || 'does' in service.contract.booking) return []
      const own = [...bookings.values()].filter(({ sid, at, removed }) => sid === service.sid && at < before && !removed)
      return own.map(({ reference, at: time, params, by, place, people, who, state }) => ({
        service: service.contract.id,
        state: state === 'ended' ? 'cancelled' : 'approved',
        final: state !== 'held',
        reference,
        at: time,
        params: { ...params, by, place, people, who, state },
      }))
    },
    counts() {
      journal.catchUp()
      return new Map(counts)
    },
    close: journal.close,
  }
}

function codeOf({ fields }: ServiceContract, name: string): string {
  const notes = fields[name]?.notes
  return notes ? keyOf(name, notes) : name
}

function listOf(value: unknown, join = ','): string[] {
  if (Array.isArray(value)) return value.map(String)
  return value === undefined || value === '' ? [] : String(value).split(join)
}
