/** Outcomes of the last `windowMs`, forgotten slice by slice: never all at once. */
export interface SlidingWindow {
  add(succeeded: boolean, caller: string): void
  /** `callers`: distinct ones whose calls failed, up to {@link MAX_CALLERS} a slice. */
  sum(): { calls: number; failures: number; callers: ReadonlySet<string> }
}

const SLICES = 20
const MAX_CALLERS = 100

export function createSlidingWindow(windowMs: number, now: () => number): SlidingWindow {
  const slices: { number: number; calls: number; failures: number; callers: Set<string> }[] = []
  const current = () => Math.floor((now() * SLICES) / windowMs)

  function recent() {
    const oldest = current() - SLICES
    while (slices[0] && slices[0].number <= oldest) slices.shift()
    return slices
  }

  return {
    add(succeeded, caller) {
      let slice = slices.at(-1)
      if (slice?.number !== current()) {
        slice = { number: current(), calls: 0, failures: 0, callers: new Set() }
        recent().push(slice)
      }
      slice.calls++
      if (succeeded) return
      slice.failures++
      if (slice.callers.size < MAX_CALLERS) slice.callers.add(caller)
    },
    sum() {
      const sum = { calls: 0, failures: 0, callers: new Set<string>() }
      for (const { calls, failures, callers } of recent()) {
        sum.calls += calls
        sum.failures += failures
        for (const caller of callers) sum.callers.add(caller)
      }
      return sum
    },
  }
}
