import { randomBytes } from 'node:crypto'
import type { Active } from '../faults.ts'

/** Short-lived values that an agency has handed out; those of one kind end together when it rotates them. */
export interface Issued {
  /** `endsAt` in epoch milliseconds. */
  issue(lifeMs: number): { value: string; endsAt: number }
  /** The state of the first value that fits; faults end or withdraw all of them. */
  find(fits: (value: string) => boolean, faults: Active): 'valid' | 'expired' | 'unknown'
}

const REMEMBERED = 16

export function createIssued(): Issued {
  let held: { value: string; endsAt: number }[] = []
  return {
    issue(lifeMs) {
      const fresh = { value: randomBytes(16).toString('hex'), endsAt: Date.now() + lifeMs }
      held = [fresh, ...held].slice(0, REMEMBERED)
      return fresh
    },
    find(fits, faults) {
      if (faults.has('secret-expired') || faults.has('secret-rotated')) held = []
      if (faults.has('secret-expired')) return 'expired'
      const found = held.find(({ value }) => fits(value))
      if (!found) return 'unknown'
      return found.endsAt <= Date.now() ? 'expired' : 'valid'
    },
  }
}
