import type { ProcessView } from '../process-states.ts'
import type { SystemState } from '../system-state.ts'

/** What a probe found counts for so long: agencies are asked every five minutes, those that are not well every minute. */
const PROBE_MS = 6 * 60_000

/** From well to worst; what was planned is no matter of votes. */
const GRAVITY = [
  'up',
  'credential-expiring',
  'congested',
  'degraded',
  'data-unreadable',
  'unauthorised',
  'timeout',
  'down',
] as const satisfies readonly SystemState[]
export type Vote = (typeof GRAVITY)[number]

/**
 * One state of a system out of what all processes see of it: the gravest that at least half of those which say anything see
 * (or a graver one), by their own calls or by the newest probe. What fewer see makes it ailing: for some it does not work. → null where nobody says anything.
 */
export function joined(votes: readonly Vote[]): Vote | null {
  if (votes.length === 0) return null
  const sorted = votes.map((state) => GRAVITY.indexOf(state)).sort((a, b) => b - a)
  const agreed = GRAVITY[sorted[Math.ceil(votes.length / 2) - 1] ?? 0] ?? 'up'
  const isWell = (state: Vote) => state === 'up' || state === 'credential-expiring'
  return isWell(agreed) && !votes.every(isWell) ? 'degraded' : agreed
}

/** What is said of each system: by every process that called it or finds it ailing, and by the newest probe. */
export function votesOf(live: readonly ProcessView[], now: number): Map<string, Vote[]> {
  const systems = new Set(live.flatMap(({ systems, probes }) => [...Object.keys(systems), ...Object.keys(probes)]))
  return new Map(
    [...systems].map((system) => {
      const [probe] = live
        .flatMap(({ probes }) => probes[system] ?? [])
        .filter(({ at }) => at > now - PROBE_MS)
        .sort((a, b) => b.at - a.at)
      const said = [...live.flatMap(({ systems }) => systems[system]?.state ?? []), ...(probe ? [probe.state] : [])]
      return [system, said.filter((state) => state !== 'planned-maintenance')]
    }),
  )
}
