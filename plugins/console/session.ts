import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { masks } from '../../core/contract/masks.ts'
import { addressHashOf, isBoundToAddress, userOfAdminSession } from '../users/admin-sessions.ts'
import { type AdminRole, roleOfAdministrator } from '../users/roles.ts'
import { readCookie, writeCookie } from '../web/cookies.ts'

/** An administrator at the console, his second factor shown. */
export interface Seat {
  userId: string
  /** As the pages show him, who may sit beside others. */
  name: string
  role: AdminRole
  /** Keyed hash of the browser's cookie: what the store knows the session by. */
  session: string
}

const COOKIE = 'hub_console'

const isSecure = ({ settings }: FastifyInstance) => settings.PUBLIC_URL.startsWith('https:')
const hashOf = ({ vault }: FastifyInstance, value: string) => vault.fingerprint(value, 'console.session')

/** What a browser would hold, and the store know it by; good once the second factor is shown for it. */
export function newSession(app: FastifyInstance): { value: string; session: string } {
  const value = randomBytes(32).toString('base64url')
  return { value, session: hashOf(app, value) }
}

/** Gives the browser its session. No other site's link or form brings it along. */
export function keepSession(app: FastifyInstance, reply: FastifyReply, value: string): void {
  reply.header('set-cookie', writeCookie(COOKIE, value, { path: '/console', secure: isSecure(app), strict: true }))
}

export function dropSession(app: FastifyInstance, reply: FastifyReply): void {
  reply.header('set-cookie', writeCookie(COOKIE, '', { path: '/console', secure: isSecure(app), strict: true, maxAge: 0 }))
}

/** Who sits here; null without a session in force, or for somebody who is no administrator any more. Asked of the store at every page. */
export async function seatOf(app: FastifyInstance, request: FastifyRequest): Promise<Seat | null> {
  const value = readCookie(request.headers.cookie, COOKIE, isSecure(app))
  if (value === null) return null
  const session = hashOf(app, value)
  const place = { tokenHash: session, addressHash: addressHashOf(app.vault, request.ip) }
  const userId = await userOfAdminSession(app.database, place, isBoundToAddress(app))
  const role = userId === null ? null : await roleOfAdministrator(app.database, userId)
  return userId === null || role === null ? null : { userId, name: await nameOf(app, userId), role, session }
}

export async function nameOf(app: FastifyInstance, userId: string): Promise<string> {
  const { person } = await app.users.byId(userId)
  return person ? masks.name(person.name) : '未实名用户'
}
