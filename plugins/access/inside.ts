import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'
import type { Claims } from '../users/tokens.ts'

/** As whom a page of the hub asks: the user it was opened for, and the enterprise he acts for. */
export interface InsideCaller {
  userId: string
  /** Hub id of the enterprise, which counts only together with a mandate in force. */
  enterprise: string | null
}

/**
 * How the hub's own pages call the hub's own routes: with a ticket that this process has just made, for one call. Whoever guesses one
 * guesses 256 bits within the few milliseconds that it lives.
 */
export interface InsideCallers {
  /** → the value of an `Authorization` header. */
  admit(caller: InsideCaller): string
  /** → whom the header admits, once; null for any other header. */
  take(authorization: string | undefined): InsideCaller | null
}

const SCHEME = 'Inside '
const LIVES_MS = 5000
/** Under way at once in one process, at most. */
const MOST = 10_000

export function createInsideCallers(): InsideCallers {
  const tickets = new LRUCache<string, InsideCaller>({ ...atMost(MOST), ttl: LIVES_MS })
  return {
    admit(caller) {
      const ticket = randomBytes(32).toString('base64url')
      tickets.set(ticket, caller)
      return `${SCHEME}${ticket}`
    },
    take(authorization) {
      if (!authorization?.startsWith(SCHEME)) return null
      const ticket = authorization.slice(SCHEME.length)
      const caller = tickets.get(ticket) ?? null
      tickets.delete(ticket)
      return caller
    },
  }
}

/** What stands in the place of a token's claims: a page is one of the app, and no third party. */
export function insideClaims({ userId, enterprise }: InsideCaller): Claims {
  return {
    issuer: 'hub',
    forAdmin: false,
    forHub: true,
    subject: userId,
    app: 'hub-pages',
    purpose: null,
    faceVerifiedAt: null,
    faceVerificationId: null,
    enterprise,
    authenticatedAt: null,
    loginProven: false,
    connector: null,
    scope: [],
    tokenId: null,
    expiresAt: Date.now() + LIVES_MS,
  }
}
