import { mock } from 'node:test'
import type { Test } from 'tap'

/** The date stands still until the test moves it: what a busy machine takes longer for ends nothing before its time. Timers go on. */
export function clock(t: Test): { advance(ms: number): void } {
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  t.teardown(() => mock.timers.reset())
  return { advance: (ms) => mock.timers.setTime(Date.now() + ms) }
}
