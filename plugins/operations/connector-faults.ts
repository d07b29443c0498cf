import { beijing } from '../../core/base/time.ts'
import type { Refused } from '../admission.ts'
import type { Stray } from '../stray-errors.ts'
import { type SystemHealth, worst } from './health.ts'
import { systemStates } from './system-state.ts'

/** Connectors in which something is wrong with their own code, in the words in which agencies' systems are told of. */

/** For as long a connector whose code failed is under suspicion. */
const STRAY_MS = 3_600_000

const NO_CALLS = {
  ...{ calls: 0, successRate: null, unreadable: 0, unauthorised: 0, timedOut: 0, latency: null, lastSuccess: null, lastFailure: null },
}

/** One that does not run: its system is down, and an operator reads why. */
export function refusedSystem({ id, said, reasons }: Refused, since: number): SystemHealth {
  return {
    ...{ system: id, agency: id, status: 'fail', state: 'down', stateName: systemStates.down, since: beijing(since) },
    ...{
      reason: `连接器没有启用：${said}`,
      cause: reasons.join('; '),
      certificateEnds: null,
      credentialsExpire: null,
      breaker: 'open',
      probe: null,
      planned: null,
    },
    ...{ services: [], affected: [], ...NO_CALLS },
  }
}

/** One whose own code lately threw where nobody caught it: it answers, and is not well. */
export function underSuspicion(system: SystemHealth, stray: Stray | undefined, now: number): SystemHealth {
  if (!stray || now - stray.at > STRAY_MS) return system
  const { message, count } = stray
  const state = system.state === 'up' ? 'degraded' : system.state
  const reason = `连接器的代码近一小时出错 ${count} 次`
  return { ...system, status: worst([system.status, 'warn']), state, stateName: systemStates[state], reason, cause: message }
}
