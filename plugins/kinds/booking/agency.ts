import type { Row } from '../../../core/answer/reading.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Outgoing } from '../../../core/upstream/dialect.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import type { Agencies } from '../choices.ts'
import { told } from './listed.ts'
import type { BookingCall, BookingPolicy } from './policy.ts'
import type { BookingRow } from './row.ts'

/** How a booking stands at the agency. `none`: it doesn't know the number. */
export interface Standing {
  state: 'held' | 'confirmed' | 'used' | 'ended' | 'none'
  reference: string | null
  /** Which slot or day it is for. */
  place: string
  people: number | null
}

type Input = Readonly<Record<string, unknown>>

/** A service that takes bookings, with what it says of them. */
export interface Taker {
  service: CompiledService
  policy: BookingPolicy
}

/** What a service says of bookings that it takes itself; null for one that does something with them. */
export function policyOf({ contract }: Pick<CompiledService, 'contract'>): BookingPolicy | null {
  return contract.booking && !('does' in contract.booking) ? contract.booking : null
}

/** Takes places: the service's own call, with the hub's number. → how the agency says it stands. */
export function hold(agencies: Agencies, { service, policy }: Taker, row: BookingRow, input: Input, asker: Asker): Promise<Standing> {
  const own = service.outgoing(input, asker)
  return tell(agencies, { service, policy }, service, { ...own, params: { ...own.params, [policy.serial]: row.number } }, asker)
}

/** Says something else about a booking, as the declaration names it. */
export function say(agencies: Agencies, taker: Taker, row: BookingRow, call: BookingCall, asker: Asker): Promise<Standing> {
  return tell(agencies, taker, taker.service, { ...call, method: 'POST', params: numbers(taker, row, asker), userId: row.user_id }, asker)
}

/** Does what another service of the connector is for: reschedule, cancel, refund, remove. */
export function perform(
  agencies: Agencies,
  taker: Taker,
  deed: CompiledService,
  row: BookingRow,
  input: Input,
  asker: Asker,
): Promise<Standing> {
  const own = deed.outgoing(input, asker)
  return tell(agencies, taker, deed, { ...own, params: { ...own.params, ...numbers(taker, row, asker) } }, asker)
}

/** Asks how a booking stands. */
export async function ask(agencies: Agencies, taker: Taker, row: BookingRow, asker: Asker): Promise<Standing> {
  const { status } = taker.policy
  const outgoing = { ...status, method: 'GET' as const, params: numbers(taker, row, asker), userId: row.user_id }
  return tell(agencies, taker, taker.service, outgoing, asker, true)
}

/** The hub's number, the agency's where it has given one, and whoever is named in each call to its system. */
function numbers({ service, policy }: Taker, row: BookingRow, asker: Asker): Record<string, unknown> {
  const reference = service.contract.fields[policy.reference]?.notes.codes[0] ?? policy.reference
  return { ...service.params({}, asker), [policy.serial]: row.number, ...(row.reference === null ? {} : { [reference]: row.reference }) }
}

async function tell(
  { upstreams }: Agencies,
  { service, policy }: Taker,
  by: CompiledService,
  outgoing: Outgoing,
  asker: Asker,
  asks = false,
): Promise<Standing> {
  const upstream = upstreams.get(by.system)
  if (!upstream) throw new Error(`no upstream for ${by.system}`)
  const options = { deadline: performance.now() + by.contract.timeoutMs, retries: asks ? 1 : 0, cacheSeconds: 0, asks }
  const answer = await upstream.call(
    outgoing,
    (reply) => {
      const opened = service.open(reply)
      const [source, ...others] = opened.rows
      if (others.length > 0) throw unreadable(policy.reference)
      return { ...opened, standing: standingOf(policy, source ? service.map(source, asker) : null) }
    },
    options,
  )
  // Whoever does something says how it stands then: an empty answer proves nothing.
  if (answer.standing.state === 'none' && !asks) throw unreadable(policy.reference)
  return answer.standing
}

function standingOf(policy: BookingPolicy, row: Row | null): Standing {
  if (!row) return { state: 'none', reference: null, place: '', people: null }
  const code = told(row, policy.state)
  const [state] = Object.entries(policy.states).find(([, codes]) => codes.includes(code)) ?? []
  if (state === undefined) throw unreadable(policy.state)
  const people = policy.people === undefined ? null : (row[policy.people] ?? null)
  return {
    state: state as Standing['state'],
    reference: told(row, policy.reference) || null,
    place: told(row, policy.at),
    people: people === null ? null : Number(people),
  }
}

function unreadable(field: string): UpstreamError {
  return new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: 200 }, { field })
}

export function codeOf(error: unknown): string {
  return error instanceof HubError ? error.code : 'HUB_INTERNAL'
}
