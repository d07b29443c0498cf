import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { SettingsError } from '../../config/settings-error.ts'
import { createClient } from '../platforms/client.ts'
import { endAdminSessions } from '../users/admin-sessions.ts'
import { readCookie, writeCookie } from '../web/cookies.ts'
import { createSignOnAccounts } from './accounts.ts'
import { readSignOnConfiguration } from './configuration.ts'
import { createFlows, randomText } from './flows.ts'
import { signOnIssuer } from './issuer.ts'
import { deviceName } from './log-ins/describe.ts'
import { createDevices, type Devices } from './log-ins/devices.ts'
import { type LogInFilter, type LogInView, listLogIns } from './log-ins/listing.ts'
import { createLogIns, type LogIns } from './log-ins/log-ins.ts'
import { openPlaces } from './log-ins/places.ts'
import { oauth2Profile } from './oauth2.ts'
import { createSessionStore, type Session } from './sessions.ts'
import { createSignOn, type SignOn } from './sign-on.ts'
import { ticketProfile } from './ticket.ts'
import { createVisitStore, VISIT_MS, type Visit, type VisitPurpose, type VisitStore } from './visits.ts'

declare module 'fastify' {
  interface FastifyInstance {
    sessions: {
      /**
       * Who is signed on in this browser; null where nobody is (any more). Whoever was let in for one application alone is signed on
       * for nobody but it: `clientId` is the one that asks.
       */
      read(request: FastifyRequest, clientId?: string): Promise<Session | null>
      /** Whether this browser was let in as somebody, if only for one application. */
      isOf(request: FastifyRequest, userId: string): Promise<boolean>
      /** Ends the browser's session, here and in the store, and an administrator's at the console. */
      end(request: FastifyRequest, reply: FastifyReply): Promise<void>
      /** Ends all sessions of a user; → how many there were. */
      endAll(userId: string): Promise<number>
      /** Begins a session in this browser, for one application alone where it is named; one that it had before ends. */
      begin(request: FastifyRequest, reply: FastifyReply, userId: string, clientId?: string): Promise<void>
    }
    visits: Pick<VisitStore, 'handOver'> & {
      /** Uses a code up, and gives the browser that brought it its cookie; one that it had before is replaced. */
      open(reply: FastifyReply, purpose: VisitPurpose, code: string): Promise<Visit | null>
      /** For what this browser was let in to pages of a sort; null where for nothing (any more). */
      read(request: FastifyRequest, purpose: VisitPurpose): Promise<Visit | null>
    }
    logIns: LogIns & {
      /** Where a user is logged in and was. */
      list(filter: LogInFilter): Promise<{ rows: LogInView[]; total: number }>
      devices: Devices
      /** Where an address is, or what sort of address it is, in words. */
      placeOf(address: string): string
    }
    /** null where no sign-on is configured. */
    signOn: SignOn | null
  }
}

const SESSION_COOKIE = 'hub_session'
/** Names the browser to nobody but the hub. */
const DEVICE_COOKIE = 'hub_device'
const DEVICE_SECONDS = 366 * 86_400
/** How long log-ins and devices are remembered after they were last seen. */
const KEPT_MS = 180 * 86_400_000
/** One for each sort of pages, so that a visit to one is no end to another. */
const visitCookie = ({ name }: VisitPurpose) => `hub_visit_${name}`
const NAME = '统一登录'

/** Signing on at the app (docs/sign-on.md), the browser sessions that follow, and visits to pages that the app opens. */
export default fp(
  async (app) => {
    const publicUrl = app.settings.PUBLIC_URL || `http://${app.settings.HOST}:${app.settings.PORT}`
    const secure = publicUrl.startsWith('https:')
    const store = createSessionStore(app.database, app.vault)
    const flows = createFlows(app.database, app.vault)
    const sessionOf = (request: FastifyRequest) => readCookie(request.headers.cookie, SESSION_COOKIE, secure)

    /** What names this browser: a cookie that outlives its sessions. */
    function deviceOf(request: FastifyRequest): string {
      const known = readCookie(request.headers.cookie, DEVICE_COOKIE, secure)
      return known !== null && /^[\w-]{43}$/.test(known) ? known : randomText()
    }

    async function standing(request: FastifyRequest): Promise<Session | null> {
      const cookie = sessionOf(request)
      return cookie === null ? null : store.read(cookie)
    }

    async function end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      const cookie = sessionOf(request)
      const userId = cookie === null ? null : await store.end(cookie)
      // Whoever leaves a browser leaves the console that he came to by it.
      if (userId !== null) await endAdminSessions(app.database, userId)
      reply.header('set-cookie', writeCookie(SESSION_COOKIE, '', { path: '/', secure, maxAge: 0 }))
    }

    app.decorate('sessions', {
      async read(request, clientId) {
        const session = await standing(request)
        return session && (session.clientId === null || session.clientId === clientId) ? session : null
      },
      isOf: async (request, userId) => (await standing(request))?.userId === userId,
      end,
      endAll: store.endAll,
      async begin(request, reply, userId, clientId) {
        const before = sessionOf(request)
        if (before !== null) await store.end(before)
        const handle = deviceOf(request)
        const name = deviceName(request.headers['user-agent'])
        const browser = { device: { handle, name: name ?? '浏览器' }, deviceName: name, address: request.ip }
        const cookie = await store.create(userId, clientId ?? null, browser)
        reply.header('set-cookie', writeCookie(SESSION_COOKIE, cookie, { path: '/', secure }))
        reply.header('set-cookie', writeCookie(DEVICE_COOKIE, handle, { path: '/', secure, maxAge: DEVICE_SECONDS }))
      },
    })

    const logIns = createLogIns(app.database, app.vault)
    app.decorate('logIns', {
      ...logIns,
      list: (filter) => listLogIns(app.database, app.vault, filter),
      devices: createDevices(app.database),
      placeOf: openPlaces(app.settings.ADDRESS_PLACES_FILE),
    })
    app.schedules.add({
      name: 'log-ins.purge',
      title: '清理 180 天以前的登录记录',
      pattern: '41 4 * * *',
      run: () => logIns.purge(Date.now() - KEPT_MS),
    })

    const visits = createVisitStore(app.database, app.vault)
    app.decorate('visits', {
      handOver: visits.handOver,
      async open(reply, purpose, code) {
        const opened = await visits.open(purpose, code)
        if (!opened) return null
        const options = { path: purpose.path, secure, maxAge: VISIT_MS / 1000 }
        reply.header('set-cookie', writeCookie(visitCookie(purpose), opened.cookie, options))
        return opened.visit
      },
      async read(request, purpose) {
        const cookie = readCookie(request.headers.cookie, visitCookie(purpose), secure)
        return cookie === null ? null : visits.read(purpose, cookie)
      },
    })

    app.schedules.add({
      name: 'sessions.purge',
      title: '清理过期的会话',
      pattern: '*/10 * * * *',
      run: () => Promise.all([store.purge(), flows.purge(), visits.purge()]),
    })

    app.decorate('signOn', open())

    function open(): SignOn | null {
      const place = placeOf(app)
      if (!place) return null
      const { configuration, problems } = readSignOnConfiguration(place.settings, place)
      if (problems.length > 0) throw new SettingsError(problems)
      const client = createClient(NAME, configuration.baseUrl)
      app.platforms.set('sign-on', { name: NAME, upstream: client.upstream })
      app.addHook('onClose', () => client.close())
      const parts = { configuration, client, callbackUrl: `${publicUrl}/sign-on/callback` }
      return createSignOn({
        configuration,
        profile: configuration.profile === 'ticket' ? ticketProfile(parts) : oauth2Profile(parts),
        flows,
        accounts: createSignOnAccounts(app.database, app.vault, configuration.issuer),
      })
    }
  },
  {
    name: 'sign-on',
    dependencies: ['settings', 'database', 'schedules', 'sandbox', 'upstreams', 'auth'],
  },
)

/** The sign-on that the operator configured, else the sandbox's. */
function placeOf({ settings, sandbox }: FastifyInstance) {
  const issuer = signOnIssuer(settings, sandbox)
  if (settings.SIGN_ON_BASE_URL) return { baseUrl: settings.SIGN_ON_BASE_URL, issuer, settings }
  if (!sandbox) return null
  const { baseUrl, appId, appSecret } = sandbox.signOn
  const own = { SIGN_ON_APP_ID: appId, SIGN_ON_ACCESS_KEY: '', SIGN_ON_APP_SECRET: appSecret }
  return { baseUrl, issuer, settings: { ...settings, ...own } }
}
