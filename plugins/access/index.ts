import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../../core/base/errors.ts'
import { type PresentedFace, requireFace } from '../face/require.ts'
import { createDelegations, type Delegations } from '../oauth/delegations.ts'
import { createExchangedTokens, type ExchangedTokens } from '../oauth/exchanged.ts'
import { createLogIns, type Ending } from '../sign-on/log-ins/log-ins.ts'
import { type Claims, createTokenVerifier, type TokenVerifier, withoutFormerFace } from '../users/tokens.ts'
import { createUsers, pseudonymOf, type User, type Users } from '../users/users.ts'
import { type Caller, STRANGE_DEVICE } from './authorise.ts'
import { endLogIns, type Which } from './end-log-ins.ts'
import { endSessions } from './end-sessions.ts'
import { createInsideCallers, type Inside, type InsideCallers, insideClaims } from './inside.ts'
import { createLogInGate } from './log-in-gate.ts'
import { createStanding, type Standing } from './standing.ts'
import { createStrangeDevices } from './strange-devices.ts'

type Authenticate = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void

declare module 'fastify' {
  interface FastifyInstance {
    users: Users
    /** Tokens of the app's issuer, and the hub's own for a connector. */
    tokens: TokenVerifier
    exchangedTokens: ExchangedTokens
    delegations: Delegations
    standing: Standing
    /** Throws where a token that is to be exchanged belongs to an ended log-in, or to one on a strange device and shows no face. */
    assertExchangeable(claims: Claims, user: User): Promise<void>
    /** Whether the rules ask for a face because of the device of a log-in. */
    onStrangeDevice(logIn: string): Promise<boolean>
    /** Ends log-ins of a user (end-log-ins.ts). */
    endLogIns(userId: string, which: Which, how?: Ending): Promise<number>
    /** How pages of the hub ask its own routes. */
    insideCallers: InsideCallers
    /** Part of a transaction that shuts an account, see end-sessions.ts. */
    readonly endSessions: typeof endSessions
    /** onRequest hook for routes that are not public: who is calling, or 401. */
    authenticate: Authenticate
    /** The same at /admin, where a token may name that audience alone; whether it does is asked there. */
    authenticateAdmin: Authenticate
  }
  interface FastifyRequest {
    caller: Caller | null
  }
}

/** Bearer tokens (RFC 6750) of the app's issuer, or of the hub's own for one connector → the hub's own user. */
export default fp(
  async (app) => {
    const { settings, sandbox } = app
    const issuers = [
      ...(settings.TOKEN_ISSUER ? [{ issuer: settings.TOKEN_ISSUER, jwksUrl: settings.TOKEN_JWKS_URL }] : []),
      ...(sandbox ? [sandbox.issuer] : []),
    ]
    const { issuer, keys, ...store } = app.authorizationStore
    const own = { issuer, keys: keys.verifying, audiences: app.connectors.map(({ id }) => id) }
    const rules = {
      audience: settings.TOKEN_AUDIENCE,
      adminAudience: settings.ADMIN_AUDIENCE,
      algorithms: settings.TOKEN_ALGORITHMS.split(','),
      type: settings.TOKEN_TYPE,
      maxSeconds: settings.TOKEN_MAX_MINUTES * 60,
      methods: () => app.security.now.settings.methods,
    }
    const verifier = createTokenVerifier(issuers, rules, own)
    const users = createUsers(app.database, app.vault)
    const gate = createLogInGate({ logIns: createLogIns(app.database, app.vault), log: app.log })
    const strangeDevices = createStrangeDevices(app.database)
    const delegations = createDelegations(app.database, users)
    const exchanged = createExchangedTokens({ ...store, users, delegations })
    app.decorate('users', users)
    app.decorate('endSessions', endSessions)
    app.decorate('assertExchangeable', async (claims, user) => {
      const isStrange = await strangenessOf(await gate.admit(claims, user, null))
      // What is had for it carries no device, so the face is asked for here.
      if (isStrange) await requireFace(STRANGE_DEVICE, '', { claims: withoutFormerFace(claims, user) })
    })
    app.decorate('onStrangeDevice', async (logIn) => strangenessOf(logIn))
    app.decorate('endLogIns', async (userId, which, how) => {
      const ended = await endLogIns(app.database, userId, which, how)
      users.forget(userId)
      return ended
    })
    app.decorate('tokens', verifier)
    app.decorate('delegations', delegations)
    app.decorate('standing', createStanding(app.database))
    app.decorate('exchangedTokens', exchanged)
    const insideCallers = createInsideCallers()
    app.decorate('insideCallers', insideCallers)
    app.decorateRequest('caller', null)

    function presentedFace(request: FastifyRequest, userId: string): PresentedFace | null {
      const id = request.headers['face-verification']
      return id === undefined ? null : { id: String(id), find: () => app.faceVerifications.find(userId, String(id), request.id) }
    }

    function settle(request: FastifyRequest, claims: Claims, user: User, guardian: string | null = null): Promise<void> | null {
      const logIn = gate.admit(claims, user, request)
      // Whose face it is: the one who is there.
      const face = presentedFace(request, guardian ?? user.id)
      const caller: Caller = { claims: withoutFormerFace(claims, user), user, guardian, face, logIn: null }
      request.caller = caller
      request.audit.app = claims.app
      request.audit.user = user.pseudonym
      return logIn instanceof Promise ? logIn.then((id) => arrive(caller, id) ?? undefined) : arrive(caller, logIn)
    }

    function arrive(caller: Caller, logIn: string | null): Promise<void> | null {
      const { claims, user } = caller
      caller.logIn = logIn
      // Using an exchanged token, perhaps somebody else's, is no login.
      const at = claims.connector === null ? claims.authenticatedAt : null
      const noting = at === null ? null : users.noteLogin(user, at, claims.loginProven, claims.methods)
      const looking = strangenessOf(logIn)
      return looking
        ? Promise.all([noting, looking]).then(([, isStrange]) => void Object.assign(caller, { isStrangeDevice: isStrange }))
        : noting
    }

    function strangenessOf(logIn: string | null): false | Promise<boolean> {
      const counts = logIn !== null && app.security.now.settings.highRisk.newDevice === 'face'
      return counts && strangeDevices.isStrange(logIn)
    }

    async function lookUp(request: FastifyRequest, pending: Claims | Promise<Claims>, found: User | Promise<User> | null) {
      const claims = await pending
      if (claims.connector !== null) return admitExchanged(request, claims)
      await settle(request, claims, await (found ?? users.bySubject(claims.issuer, claims.subject)))
    }

    async function admitExchanged(request: FastifyRequest, claims: Claims): Promise<void> {
      const { connector, service } = request.audit
      const contract = app.services.get(`${connector}.${service}`)?.contract ?? null
      request.audit.app = claims.app
      const { user, enterprise, actorId, guardian } = await exchanged.admit(claims, connector, contract)
      await settle(request, { ...claims, enterprise }, user, guardian)
      if (claims.purpose !== null) request.audit.purpose = claims.purpose
      if (actorId !== null) request.audit.actor = pseudonymOf(app.vault, actorId)
    }

    async function admitInside(request: FastifyRequest, inside: Inside): Promise<void> {
      const { session, logIn = null, userId } = inside
      await settle(request, insideClaims(inside), await users.byId(userId))
      if (request.caller) Object.assign(request.caller, { consoleSession: session, logIn, isStrangeDevice: await strangenessOf(logIn) })
    }

    // Tokens and users seen lately are settled without a promise: this runs on every call.
    function authenticate(request: FastifyRequest, done: (error?: Error) => void, admin: boolean): void {
      const refuse = (error: Error) => {
        if (error instanceof HubError && FORGED.has(error.code)) app.addressLimit.noteFailure(request)
        done(error)
      }
      try {
        const { authorization } = request.headers
        const known = authorization !== undefined && verifier.knows(authorization.slice(BEARER.length))
        const inside = known ? null : insideCallers.take(authorization, admin)
        if (inside) return void admitInside(request, inside).then(() => done(), done)
        if (!known) app.addressLimit.assertTrusted(request)
        const claims = verifier.verify(bearer(authorization), admin)
        const user = claims instanceof Promise || claims.connector !== null ? null : users.bySubject(claims.issuer, claims.subject)
        const settling =
          claims instanceof Promise || user === null || user instanceof Promise
            ? lookUp(request, claims, user)
            : settle(request, claims, user)
        if (settling) settling.then(() => done(), refuse)
        else done()
      } catch (error) {
        refuse(error as Error)
      }
    }

    app.decorate('authenticate', (request, _reply, done) => authenticate(request, done, false))
    app.decorate('authenticateAdmin', (request, _reply, done) => authenticate(request, done, true))
  },
  {
    name: 'auth',
    dependencies: ['settings', 'connectors', 'database', 'sandbox', 'audit', 'address-limit', 'authorization-store', 'security-settings'],
  },
)

const BEARER = 'bearer '
/** What anybody can cause without being anybody. */
const FORGED: ReadonlySet<string> = new Set(['HUB_TOKEN_MISSING', 'HUB_TOKEN_INVALID'])

function bearer(header: string | undefined): string {
  if (!header) throw new HubError('HUB_TOKEN_MISSING')
  const token = header.slice(BEARER.length)
  const named = header.length > BEARER.length && header.slice(0, BEARER.length).toLowerCase() === BEARER
  if (!named || token.length > 8192 || token.includes(' ')) throw new HubError('HUB_TOKEN_INVALID')
  return token
}
