/** A call that wants a place at the agency. */
export interface Turn {
  /** Calls of one caller wait behind each other, not before those of others. */
  caller: string
  /** `performance.now()` at which the call must be over. */
  deadline: number
  /** Whether nobody waits for the answer any more. */
  isGone?: (() => boolean) | undefined
}

/**
 * Places for calls under way at once, given by time: a call waits as long as its deadline can still be met, and is
 * refused at once when it cannot. Callers take turns, so that one with many calls doesn't push out another's one.
 */
export interface Admission {
  /** null: go at once; a promise: wait for it (false: the deadline can't be met after all); a number: refused, milliseconds until a place may be free. */
  enter(turn: Turn): null | Promise<boolean> | number
  /** Gives the place back after `heldMs`; null where it was not used. */
  leave(heldMs: number | null): void
  /** Milliseconds that a caller, or one with nothing waiting, would have to wait, answer included; 0 while there are places. */
  expected(caller?: string): number
  load(): { underWay: number; waiting: number }
}

interface Waiting {
  turn: Turn
  settle(admitted: boolean): void
}

/** However quick the agency is: what waits takes memory. */
const MAX_WAITING = 10_000
const SWEEP_MS = 50
/** Weight of the newest observation of the time that a place is held. */
const NEWEST = 0.05

export function createAdmission(places: number, now: () => number = () => performance.now(), maxWaiting = MAX_WAITING): Admission {
  /** Callers in the order of their turns. */
  const ring = new Map<string, Waiting[]>()
  /** How many callers have at least so many calls waiting. */
  const atLeast: number[] = [0]
  let underWay = 0
  let waiting = 0
  // The mean time that a place is held, and how far from it, on average, a call is.
  let held = 0
  let off = 0
  let sweeper: NodeJS.Timeout | null = null

  /** Until the turn of a call that has `own` of its caller's before it. */
  function wait(own: number): number {
    const ahead = atLeast.slice(1, own + 2).reduce((sum, callers) => sum + callers, 0)
    return ((ahead + 1) * held) / places
  }

  const need = () => held + 2 * off

  function push(turn: Turn): Promise<boolean> {
    return new Promise((settle) => {
      const line = ring.get(turn.caller) ?? []
      line.push({ turn, settle })
      if (line.length === 1) ring.set(turn.caller, line)
      atLeast[line.length] = (atLeast[line.length] ?? 0) + 1
      waiting++
      sweeper ??= setInterval(sweep, SWEEP_MS)
    })
  }

  function forget(line: readonly Waiting[]) {
    atLeast[line.length + 1] = (atLeast[line.length + 1] ?? 1) - 1
    waiting--
    if (waiting > 0 || !sweeper) return
    clearInterval(sweeper)
    sweeper = null
  }

  /** The next caller's first call; the caller goes to the end. */
  function shift(): Waiting | null {
    const [next] = ring
    if (!next) return null
    const [caller, line] = next
    const first = line.shift() ?? null
    ring.delete(caller)
    if (line.length > 0) ring.set(caller, line)
    forget(line)
    return first
  }

  /** What nobody waits for, or what would come too late, makes room without a place of its own. */
  function sweep() {
    const latest = now()
    for (const [caller, line] of ring) {
      for (const item of line.filter(({ turn }) => turn.deadline <= latest || turn.isGone?.())) {
        line.splice(line.indexOf(item), 1)
        forget(line)
        item.settle(false)
      }
      if (line.length === 0) ring.delete(caller)
    }
  }

  return {
    enter(turn) {
      if (underWay < places && waiting === 0) {
        underWay++
        return null
      }
      const ownWait = wait(ring.get(turn.caller)?.length ?? 0)
      if (waiting >= maxWaiting || now() + ownWait + need() > turn.deadline) return ownWait
      return push(turn)
    },
    leave(heldMs) {
      if (heldMs !== null) {
        off += held === 0 ? 0 : (Math.abs(heldMs - held) - off) * NEWEST
        held += held === 0 ? heldMs : (heldMs - held) * NEWEST
      }
      underWay--
      while (underWay < places) {
        const next = shift()
        if (!next) return
        const inTime = now() + need() <= next.turn.deadline && !next.turn.isGone?.()
        if (inTime) underWay++
        next.settle(inTime)
      }
    },
    expected: (caller = '') => (underWay < places && waiting === 0 ? 0 : wait(ring.get(caller)?.length ?? 0) + need()),
    load: () => ({ underWay, waiting }),
  }
}
