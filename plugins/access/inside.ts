import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { atMost } from '../../core/base/bounded.ts'
import type { Claims } from '../users/tokens.ts'

/** As whom a page of the hub asks: the user it was opened for, and the enterprise he acts for. */
interface InsideCaller {
  userId: string
  /** Hub id of the enterprise, which counts only together with a mandate in force. */
  enterprise: string | null
  /** Id of the log-in with which he came to the page, where it is known. */
  logIn?: string | null
}

/** As which administrator a page of the console asks. */
interface InsideAdministrator {
  userId: string
  /** Keyed hash of the console's session: /admin looks at every call whether it is in force. */
  session: string
}

/** Whom a ticket admits. `session`: null where it is none for /admin. */
export type Inside = InsideCaller & { session: string | null }

/**
 * How the hub's own pages call the hub's own routes: with a ticket that this process has just made, for one call. Whoever guesses one
 * guesses 256 bits within the few milliseconds that it lives.
 */
export interface InsideCallers {
  /** → the value of an `Authorization` header. */
  admit(caller: InsideCaller): string
  /** The same for /admin, and for nothing else. */
  admitAdministrator(administrator: InsideAdministrator): string
  /** → whom the header admits, once; null for any other header, and for a ticket to elsewhere. `admin`: whether this is /admin. */
  take(authorization: string | undefined, admin: boolean): Inside | null
}

const SCHEME = 'Inside '
const LIVES_MS = 5000
/** Under way at once in one process, at most. */
const MOST = 10_000

export function createInsideCallers(): InsideCallers {
  const tickets = new LRUCache<string, Inside>({ ...atMost(MOST), ttl: LIVES_MS })

  function issue(inside: Inside): string {
    const ticket = randomBytes(32).toString('base64url')
    tickets.set(ticket, inside)
    return `${SCHEME}${ticket}`
  }

  return {
    admit: (caller) => issue({ ...caller, session: null }),
    admitAdministrator: ({ userId, session }) => issue({ userId, enterprise: null, session }),
    take(authorization, admin) {
      if (!authorization?.startsWith(SCHEME)) return null
      const ticket = authorization.slice(SCHEME.length)
      const inside = tickets.get(ticket) ?? null
      tickets.delete(ticket)
      return inside && (inside.session !== null) === admin ? inside : null
    },
  }
}

/** What stands in the place of a token's claims: a page is one of the app, and no third party. */
export function insideClaims({ userId, enterprise, session }: Inside): Claims {
  return {
    issuer: 'hub',
    forAdmin: session !== null,
    forHub: session === null,
    subject: userId,
    app: session === null ? 'hub-pages' : 'hub-console',
    purpose: null,
    faceVerifiedAt: null,
    faceVerificationId: null,
    enterprise,
    authenticatedAt: null,
    loginProven: false,
    methods: [],
    connector: null,
    scope: [],
    tokenId: null,
    logIn: null,
    device: null,
    expiresAt: Date.now() + LIVES_MS,
  }
}
