import { isIP } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import type { Actor } from '../../mandates/mandates.ts'
import { callerOf, type HubRoute, hubRoute, purposeOf, type RouteSchemas, TAG_ADMIN } from '../../route-kit/kit.ts'
import { addressHashOf, type Bearer, isBoundToAddress, useAdminSession } from '../../users/admin-sessions.ts'
import type { AdminRole, Permission } from '../../users/roles.ts'
import { CLOCK_TOLERANCE_MS } from '../../users/tokens.ts'

type AdminRoute<S extends RouteSchemas> = Omit<HubRoute<S>, 'tag' | 'admit'> & {
  permission: Permission
  /** By which the second factor itself is enrolled and shown. */
  withoutSecondFactor?: true
}

/**
 * Options of a route for administrators. Where the call comes from, what its token is for, the role and the second factor are
 * checked before anything of the request is looked at.
 */
export function adminRoute<S extends RouteSchemas>(app: FastifyInstance, { permission, withoutSecondFactor, ...route }: AdminRoute<S>) {
  async function admit(request: FastifyRequest): Promise<void> {
    assertEntry(app, request)
    request.adminRole = await app.administrators.require(callerOf(request).user.id, permission)
    request.audit.role = request.adminRole
    const inSession = app.settings.secondFactor || sessionOf(request) !== null
    if (inSession && !withoutSecondFactor) await useAdminSession(app.database, bearerOf(app, request), isBoundToAddress(app))
  }
  return hubRoute<S>(app, { ...route, tag: TAG_ADMIN, admit })
}

function assertEntry(app: FastifyInstance, request: FastifyRequest): void {
  assertAdminAddress(app, request)
  if (!callerOf(request).claims.forAdmin) throw new HubError('HUB_ADMIN_AUDIENCE')
}

/** The address is the one that TRUST_PROXY makes of the connection. A zone (RFC 4007 §11) names this machine's own link. */
export function assertAdminAddress({ settings: { adminAddresses } }: FastifyInstance, request: FastifyRequest): void {
  const [address = ''] = request.ip.split('%')
  if (adminAddresses && !adminAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) throw new HubError('HUB_ADMIN_ADDRESS')
}

const sessionOf = (request: FastifyRequest): string | null => callerOf(request).consoleSession ?? null

/** The caller's access token, or his session at the console, as sessions of /admin know it. */
export function bearerOf({ vault }: FastifyInstance, request: FastifyRequest): Bearer {
  const { user, claims } = callerOf(request)
  const session = sessionOf(request)
  const addressHash = addressHashOf(vault, request.ip)
  // A console's session ends by its own limits: there is no token that it could outlive.
  if (session !== null) return { userId: user.id, tokenHash: session, addressHash, expiresAt: Number.POSITIVE_INFINITY }
  const token = (request.headers.authorization ?? '').slice('Bearer '.length)
  const tokenHash = vault.fingerprint(token, 'admin-sessions.token')
  return { userId: user.id, tokenHash, addressHash, expiresAt: claims.expiresAt - CLOCK_TOLERANCE_MS }
}

export function roleOf({ adminRole }: FastifyRequest): AdminRole {
  if (adminRole === null) throw new HubError('HUB_ROLE_REQUIRED')
  return adminRole
}

/** The administrator as a mandate's log names him. Auditors change nothing, so they are no actors. */
export function actorOf(request: FastifyRequest): Actor {
  const role = roleOf(request)
  if (role === 'auditor') throw new HubError('HUB_ROLE_REQUIRED')
  return { userId: callerOf(request).user.id, role, purpose: purposeOf(request), traceId: request.id }
}
