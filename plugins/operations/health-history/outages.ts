import type { Database } from '../../../core/base/database.ts'
import type { SystemState } from '../system-state.ts'
import type { HistoryRows } from './rows.ts'

/** States in which nothing comes back. */
const UNREACHABLE: readonly SystemState[] = ['down', 'timeout']

/** Ends of calls to which the agency gave no answer. */
const UNANSWERED = ['HUB_UPSTREAM_UNREACHABLE', 'HUB_UPSTREAM_UNAVAILABLE', 'HUB_UPSTREAM_TIMEOUT']

/** A time in which a system could not be reached, epoch milliseconds, within the span that was asked for. */
export interface Outage {
  system: string
  from: number
  /** As long as the hub knows: it goes on where `isOver` is false. */
  until: number
  isOver: boolean
  /** Calls that were on record in it, those of them that the agency did not answer, and of which services. */
  calls: number
  failed: number
  services: { service: string; failed: number }[]
}

export interface OutageQuestion {
  connector: string
  /** Systems with their services' ids. */
  systems: ReadonlyMap<string, readonly string[]>
  /** Epoch milliseconds. */
  from: number
  to: number
}

/** More is no list for a person: the question has to be narrowed. */
export const MOST_OUTAGES = 500
/** So much of the evidence is counted in one statement, or more where that would be more than {@link MOST_SLICES} of them. */
const SLICE_MS = 10 * 60_000
const MOST_SLICES = 24

/** When systems of a connector could not be reached, the earliest first, with what the evidence says of these times. → null for too many. */
export async function findOutages(
  { list, database, now }: { list: HistoryRows['list']; database: Database; now: () => number },
  { connector, systems, from, to }: OutageQuestion,
): Promise<Outage[] | null> {
  const paging = { page: 1, pageSize: MOST_OUTAGES }
  const { rows, total } = await list({ systems: [...systems.keys()], states: UNREACHABLE, from, to, ...paging })
  if (total > MOST_OUTAGES) return null
  const last = Math.min(to, now())
  const found: Outage[] = []
  for (const spell of rows.toReversed()) {
    const [begin, end] = [Math.max(from, spell.from), Math.min(last, spell.until ?? last)]
    const isOver = spell.until !== null && spell.until <= to
    // Out of one state and into the next of these it was away all along.
    const before = found.find((each) => each.system === spell.system && each.until === begin)
    if (before) Object.assign(before, { until: end, isOver })
    else found.push({ system: spell.system, from: begin, until: end, isOver, calls: 0, failed: 0, services: [] })
  }
  for (const outage of found) Object.assign(outage, await countedIn(database, connector, systems.get(outage.system) ?? [], outage))
  return found
}

async function countedIn(database: Database, connector: string, services: readonly string[], { from, until }: Outage) {
  const failures = new Map<string, number>()
  let calls = 0
  const slice = Math.max(SLICE_MS, Math.ceil((until - from) / MOST_SLICES))
  for (let at = from; at < until; at += slice) {
    const rows: { service: string; outcome: string; n: number | string }[] = await database('audit_rows')
      .where('at', '>=', at)
      .where('at', '<', Math.min(until, at + slice))
      .where({ connector })
      .whereIn('service', [...services])
      .groupBy('service', 'outcome')
      .select('service', 'outcome')
      .count({ n: '*' })
    for (const { service, outcome, n } of rows) {
      calls += Number(n)
      if (UNANSWERED.includes(outcome)) failures.set(service, (failures.get(service) ?? 0) + Number(n))
    }
  }
  const failing = [...failures].map(([service, failed]) => ({ service, failed })).sort((a, b) => b.failed - a.failed)
  return { calls, failed: failing.reduce((sum, { failed }) => sum + failed, 0), services: failing }
}
