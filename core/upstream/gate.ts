import { type Admission, createAdmission, type Turn } from './admission.ts'
import { refusal } from './error.ts'
import type { Guard, Pass, Verdict } from './guard.ts'

/**
 * What every call passes on its way out: the breakers, and a place among the agency's calls under way; before that among those
 * of its service, where that has a limit of its own, and of callers without a name.
 */
export interface Gate {
  /** Throws or rejects with HUB_UPSTREAM_UNAVAILABLE or HUB_UPSTREAM_BUSY. Without `userId` the call is nobody's. */
  enter(call: { sid: string; userId?: string | undefined }, until: Omit<Turn, 'caller'>): Pass | Promise<Pass>
  /** Every pass comes back exactly once. */
  leave(pass: Pass, verdict: Verdict, heldMs: number): void
  /** Milliseconds after which a call that came now, of this caller or a new one, would be answered; 0 while there are places. */
  expectedWait(caller?: string): number
  readonly load: Admission['load']
  /** The places of all calls, for another way out to the same agency that is to take none beside them. */
  readonly places: Admission
}

export interface Places {
  maxConcurrent: number
  /** Of these, for callers without a name. Default: a quarter. */
  anonymous?: number | undefined
  /** Of these, for services with a limit of their own, by service id. */
  limits?: ReadonlyMap<string, number> | undefined
  /** Those of another way out to the same agency, instead of as many again. */
  shared?: Admission | undefined
}

/** All callers without a name are one: otherwise whoever changes addresses would be as many as he likes. */
const NOBODY = ''

export function createGate(agency: string, guard: Guard, { maxConcurrent, anonymous, limits = new Map(), shared }: Places): Gate {
  const all = shared ?? createAdmission(maxConcurrent)
  const unnamed = createAdmission(anonymous ?? Math.ceil(maxConcurrent / 4))
  const limited = new Map([...limits].map(([sid, limit]) => [sid, createAdmission(limit)] as const))
  let drawn = 0

  /** The narrowest first. */
  function doorsOf(sid: string, caller: string): readonly Admission[] {
    const doors = caller === NOBODY ? [unnamed, all] : [all]
    const own = limited.get(sid)
    return own ? [own, ...doors] : doors
  }

  function pass(sid: string, caller: string): Pass {
    const passed = guard.admit(sid, caller)
    if (typeof passed === 'number') throw refusal('HUB_UPSTREAM_UNAVAILABLE', agency, passed)
    return passed
  }

  const busy = (waitMs: number) => refusal('HUB_UPSTREAM_BUSY', agency, waitMs)

  /** Finds a place, then passes the breakers a second time: the agency may have gone in the meantime. */
  async function find(sid: string, turn: Turn, first: Promise<boolean> | null): Promise<Pass> {
    const doors = doorsOf(sid, turn.caller)
    const entered: Admission[] = []
    try {
      for (const door of doors) {
        // Among all the agency's, those without a name are one by one again, or their share would be that of one caller.
        const caller = door === all && turn.caller === NOBODY ? `${NOBODY}${++drawn}` : turn.caller
        const entering = first ?? door.enter({ ...turn, caller })
        if (typeof entering === 'number') throw busy(entering)
        if (entering !== null && !(await entering)) throw busy(door.expected())
        entered.push(door)
      }
      return pass(sid, turn.caller)
    } catch (error) {
      for (const door of entered) door.leave(null)
      throw error
    }
  }

  return {
    enter({ sid, userId: caller = NOBODY }, until) {
      const passed = pass(sid, caller)
      const turn = { caller, ...until }
      const isPlain = caller !== NOBODY && !limited.has(sid)
      const entering = isPlain ? all.enter(turn) : null
      if (isPlain && entering === null) return passed
      guard.settle(passed, 'none')
      if (typeof entering === 'number') throw busy(entering)
      return find(sid, turn, entering)
    },
    leave(pass, verdict, heldMs) {
      guard.settle(pass, verdict)
      for (const door of doorsOf(pass.sid, pass.caller)) door.leave(heldMs)
    },
    expectedWait: all.expected,
    load: all.load,
    places: all,
  }
}
