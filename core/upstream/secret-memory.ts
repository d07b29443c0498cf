import { LRUCache } from 'lru-cache'
import { atMost } from '../base/bounded.ts'

/** Times a refused secret is given up in a row, and how fast that allowance grows back. */
const RENEWALS = 5
const RENEWAL_EVERY_MS = 5_000
/** What falls out is read from the database again. */
const HELD = atMost(10_000)

export interface Secret {
  readonly value: string
  /** Tells this secret from every other one without showing it. */
  readonly version: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
  /** From then on a new one should be obtained, while this one still serves. */
  readonly dueAt: number
}

/** The secrets that one process holds. */
export interface SecretMemory {
  /** The secret, while it is valid. Synchronous and cheap. */
  current(id: string, now?: number): Secret | null
  keep(id: string, secret: Secret): Secret
  /** Keeps a secret whose renewal has to wait from being asked for on every call. */
  defer(id: string, secret: Secret, until: number): Secret
  /** Whether the agency refused this version: the database may go on offering it until another is fetched. */
  wasRefused(id: string, version: string): boolean
  /** Gives up a secret that the agency refused. Another version in use by now stays. */
  forget(id: string, version: string): void
  /** Lets go of everything about this id: it is no longer the hub's to use. */
  drop(id: string): void
}

/** `renewalEveryMs`: how fast the allowance of an agency that refuses what it handed out grows back. */
export function createSecretMemory(now: () => number, renewalEveryMs = RENEWAL_EVERY_MS): SecretMemory {
  const secrets = new LRUCache<string, Secret>(HELD)
  const refused = new LRUCache<string, string>(HELD)
  const allowances = new LRUCache<string, { left: number; at: number }>(HELD)

  function keep(id: string, secret: Secret): Secret {
    secrets.set(id, secret)
    return secret
  }

  /** An agency that refuses every secret must not turn each call into a renewal. */
  function spendRenewal(id: string): boolean {
    const at = now()
    const last = allowances.get(id) ?? { left: RENEWALS, at }
    const left = Math.min(RENEWALS, last.left + (at - last.at) / renewalEveryMs)
    allowances.set(id, { left: left < 1 ? left : left - 1, at })
    return left >= 1
  }

  return {
    current(id, at = now()) {
      const secret = secrets.get(id)
      return secret !== undefined && at < secret.expiresAt ? secret : null
    },
    keep,
    defer: (id, secret, until) => keep(id, { ...secret, dueAt: Math.max(secret.dueAt, until) }),
    wasRefused: (id, version) => refused.get(id) === version,
    forget(id, version) {
      if (secrets.get(id)?.version !== version) return
      // Without allowance only what another process has obtained meanwhile is taken up.
      secrets.delete(id)
      if (spendRenewal(id)) refused.set(id, version)
    },
    drop(id) {
      for (const held of [secrets, refused, allowances]) held.delete(id)
    },
  }
}
