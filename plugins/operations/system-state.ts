import type { CallSummary } from '../../core/upstream/statistics.ts'

/** How an agency's system is, in one word: the gravest that applies. */
export const systemStates = {
  up: '正常',
  degraded: '部分异常',
  timeout: '响应超时',
  congested: '拥堵',
  unauthorised: '认证失败',
  'credential-expiring': '凭据或证书即将到期',
  'data-unreadable': '数据无法识别',
  'planned-maintenance': '计划内停机',
  down: '不可用',
} as const
export type SystemState = keyof typeof systemStates

/** What the state follows from. */
export interface Signs {
  planned: boolean
  /** Of a probe that looked twice; null where nobody asks. */
  probe: { ok: boolean; code: string | null } | null
  /** The service that was asked is sick alone: others answer. */
  isOnlyOne: boolean
  /** Nothing comes through: the agency's breaker is open, or those of all its services that were called. */
  isOpen: boolean
  /** All is well by the calls and the breakers. */
  isWell: boolean
  summary: Pick<CallSummary, 'calls' | 'unreadable' | 'unauthorised' | 'timedOut'>
  /** Milliseconds that a call which came now would wait for its turn. */
  waitMs: number
  /** Epoch milliseconds at which certificate or credentials end; null where nobody knows. */
  endsAt: number | null
  now: number
}

/** Of so many calls in the window so many are more than chance. */
const MIN_CALLS = 5
const SHARE = 0.1
const LONG_WAIT_MS = 1000
const DAY_MS = 86_400_000
/** Time for an agency to hand out new ones. */
const EXPIRING_DAYS = 30

const BY_CODE: Readonly<Record<string, SystemState>> = {
  HUB_UPSTREAM_CREDENTIAL: 'unauthorised',
  HUB_UPSTREAM_TIMEOUT: 'timeout',
  HUB_UPSTREAM_INVALID: 'data-unreadable',
}

export function stateFrom(signs: Signs): SystemState {
  const { planned, probe, isOnlyOne, isOpen, isWell, waitMs } = signs
  if (planned) return 'planned-maintenance'
  const kind = kindOf(signs)
  if (probe && !probe.ok && !isOnlyOne) return BY_CODE[probe.code ?? ''] ?? 'down'
  if (isOpen) return kind === 'unauthorised' || kind === 'timeout' ? kind : 'down'
  if (kind) return kind
  if (waitMs >= LONG_WAIT_MS) return 'congested'
  if (!isWell || isOnlyOne) return 'degraded'
  return isEnding(signs) ? 'credential-expiring' : 'up'
}

/** What is wrong with many of the calls; null for nothing in particular. */
function kindOf({ summary: { calls, unauthorised, timedOut, unreadable } }: Signs): SystemState | null {
  const isMuch = (count: number) => calls >= MIN_CALLS && count / calls >= SHARE
  if (isMuch(unauthorised)) return 'unauthorised'
  if (isMuch(timedOut)) return 'timeout'
  return isMuch(unreadable) ? 'data-unreadable' : null
}

function isEnding({ endsAt, now }: Signs): boolean {
  return endsAt !== null && endsAt - now < EXPIRING_DAYS * DAY_MS
}

export interface Standing {
  state: SystemState
  /** Epoch milliseconds. */
  since: number
}

/** Between two looks that count as two. */
const LOOK_MS = 1000

/**
 * Since when a state stands. One that real calls suggest is believed when a second look finds it too; what a probe found has
 * been looked at twice already, and what was planned needs no proof (`isSure`).
 */
export function createStandings(now: () => number = Date.now): { see(system: string, state: SystemState, isSure: boolean): Standing } {
  const known = new Map<string, Standing>()
  const doubts = new Map<string, Standing>()
  return {
    see(system, state, isSure) {
      const before = known.get(system)
      if (before?.state === state) {
        doubts.delete(system)
        return before
      }
      const doubt = doubts.get(system)
      const first = doubt?.state === state ? doubt : { state, since: now() }
      // What was planned is over when it is over.
      if (before && !isSure && before.state !== 'planned-maintenance' && now() - first.since < LOOK_MS) {
        doubts.set(system, first)
        return before
      }
      doubts.delete(system)
      known.set(system, first)
      return first
    },
  }
}
