import { randomBytes } from 'node:crypto'
import { type ErrorCode, errorTable } from '../../core/base/errors.ts'
import { NO_CALL } from './chain.ts'
import type { AuditLog } from './log.ts'

/** Evidence of what was refused before anybody knew who asks: cheap to leave, however much of it there is. */
export interface Refusals {
  /** The first of an address and outcome is a row at once; further ones within a minute are one row together. Never waits, never throws. */
  note(address: string | null, outcome: ErrorCode): void
  /** Writes what was counted. */
  close(): Promise<void>
}

const WINDOW_MS = 60_000
/** Addresses with a row of their own in a minute; all others are counted together. */
const MOST_ADDRESSES = 1000

interface Counted {
  address: string | null
  outcome: ErrorCode
  /** Besides those that are written. */
  more: number
}

export function createRefusals(audit: Pick<AuditLog, 'write'>, windowMs = WINDOW_MS): Refusals {
  let counted = new Map<string, Counted>()
  const timer = setInterval(() => void flush(), windowMs).unref()

  // A log that cannot be written says so itself.
  const write = (address: string | null, outcome: ErrorCode, times: number) =>
    audit
      .write({
        ...NO_CALL,
        action: 'call',
        traceId: randomBytes(16).toString('hex'),
        at: Date.now(),
        clientIp: address,
        outcome,
        status: errorTable[outcome][0],
        purpose: `身份认证之前拒绝，${times} 次`,
        rows: times,
      })
      .catch(() => undefined)

  async function flush(): Promise<void> {
    const before = counted
    counted = new Map()
    await Promise.all([...before.values()].map(({ address, outcome, more }) => (more > 0 ? write(address, outcome, more) : undefined)))
  }

  function note(address: string | null, outcome: ErrorCode): void {
    const key = `${outcome} ${address ?? ''}`
    const known = counted.get(key)
    if (known) known.more++
    else if (address !== null && counted.size >= MOST_ADDRESSES) note(null, outcome)
    else {
      counted.set(key, { address, outcome, more: 0 })
      void write(address, outcome, 1)
    }
  }

  return {
    note,
    async close() {
      clearInterval(timer)
      await flush()
    },
  }
}
