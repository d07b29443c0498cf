import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isSameText } from '../../core/base/hmac.ts'
import { isId } from '../../core/base/ids.ts'
import { masks } from '../../core/contract/masks.ts'
import type { VisitPurpose } from '../sign-on/visits.ts'
import { readCookie, writeCookie } from '../web/cookies.ts'

/** Who looks at a page of the hall. */
export interface Visitor {
  userId: string
  /** Hub id of the enterprise he acts for; whether he may is asked at every call. */
  enterprise: string | null
  /** Id of the log-in with which he came. */
  logIn: string | null
  /** What the forms of his pages are bound to. */
  key: string
}

/** Visits to the hall; each is about the enterprise that the app's token named. */
export const hallVisits: VisitPurpose = { name: 'hall', path: '/hall' }
const NO_ENTERPRISE = '-'
/** Says that the one who came with the app's code has seen in whose name, and went on. */
const SEEN_COOKIE = 'hub_hall'
const SEEN_SECONDS = 30 * 60

export const aboutOf = (enterprise: string | null) => enterprise ?? NO_ENTERPRISE

function secure({ settings }: FastifyInstance): boolean {
  return settings.PUBLIC_URL.startsWith('https:')
}

/** Whom the app sent to this browser, whether or not he has said yet that he is the one; null where it sent nobody. */
export async function comerOf(app: FastifyInstance, request: FastifyRequest): Promise<Visitor | null> {
  const visit = await app.visits.read(request, hallVisits)
  return visit && { userId: visit.userId, enterprise: isId(visit.about) ? visit.about : null, logIn: visit.logIn, key: visit.key }
}

const proofOf = (app: FastifyInstance, { key }: Visitor) => app.vault.fingerprint(key, 'hall.seen')

/**
 * Who is here: whom the app sent, once he has seen his name, or who signed on in this browser. A link that somebody else sent makes
 * nobody act in that person's name without seeing it.
 */
export async function visitorOf(app: FastifyInstance, request: FastifyRequest): Promise<Visitor | null> {
  const visitor = await comerOf(app, request)
  if (visitor) {
    const proof = readCookie(request.headers.cookie, SEEN_COOKIE, secure(app))
    if (proof !== null && isSameText(proof, proofOf(app, visitor))) return visitor
  }
  const session = await app.sessions.read(request)
  return session && { userId: session.userId, enterprise: null, logIn: session.logIn, key: `${session.userId}:${session.authTime}` }
}

/** Notes that a comer has seen his name. */
export function letIn(app: FastifyInstance, reply: FastifyReply, visitor: Visitor): void {
  reply.header('set-cookie', writeCookie(SEEN_COOKIE, proofOf(app, visitor), { path: '/hall', secure: secure(app), maxAge: SEEN_SECONDS }))
}

/** Ties a form to the one who was shown it, and to its page. */
export function sealOf(app: FastifyInstance, { key }: Visitor, path: string): string {
  return app.vault.fingerprint(JSON.stringify([key, path]), 'hall.form')
}

/** A name as the pages show it to its owner, who may sit beside others. */
export async function nameOf(app: FastifyInstance, { userId }: Visitor): Promise<string> {
  const { person } = await app.users.byId(userId)
  return person ? masks.name(person.name) : '未实名用户'
}
