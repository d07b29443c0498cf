import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { SettingsError } from '../config/settings.ts'
import { HubError } from '../core/errors.ts'
import { pseudonymOf } from '../core/identity/users.ts'
import { createSignOnAccounts } from '../core/sign-on/accounts.ts'
import { createClient } from '../core/sign-on/client.ts'
import { readSignOnConfiguration } from '../core/sign-on/configuration.ts'
import { readCookie, writeCookie } from '../core/sign-on/cookies.ts'
import { createFlows, FLOW_MS, randomText } from '../core/sign-on/flows.ts'
import { signOnIssuer } from '../core/sign-on/issuer.ts'
import { oauth2Profile } from '../core/sign-on/oauth2.ts'
import { PAGE_POLICY, page, problemPage } from '../core/sign-on/page.ts'
import { localPath } from '../core/sign-on/return-path.ts'
import { callbackSchema, endSchema, standingSchema, startSchema } from '../core/sign-on/schemas.ts'
import { createSessionStore, type Session } from '../core/sign-on/sessions.ts'
import { createSignOn, type Return, type SignOn } from '../core/sign-on/sign-on.ts'
import { ticketProfile } from '../core/sign-on/ticket.ts'

declare module 'fastify' {
  interface FastifyInstance {
    sessions: {
      /** Who is signed on in this browser; null where nobody is (any more). */
      read(request: FastifyRequest): Promise<Session | null>
      /** Ends the browser's session, here and in the store. */
      end(request: FastifyRequest, reply: FastifyReply): Promise<void>
      /** Ends all sessions of a user; → how many there were. */
      endAll(userId: string): Promise<number>
    }
  }
}

const SESSION_COOKIE = 'hub_session'
/** Ties a sign-on to the browser that began it. */
const BROWSER_COOKIE = 'hub_sign_on'
const NAME = '统一登录'
const PURGE_MS = 10 * 60_000

/** Signing on at the app (docs/sign-on.md), and the browser sessions that follow. */
export default fp(
  async (app) => {
    const publicUrl = app.settings.PUBLIC_URL || `http://${app.settings.HOST}:${app.settings.PORT}`
    const secure = publicUrl.startsWith('https:')
    const store = createSessionStore(app.database, app.vault)
    const flows = createFlows(app.database, app.vault)
    const sessionOf = (request: FastifyRequest) => readCookie(request.headers.cookie, SESSION_COOKIE)

    async function end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      const cookie = sessionOf(request)
      if (cookie !== null) await store.end(cookie)
      reply.header('set-cookie', writeCookie(SESSION_COOKIE, '', { path: '/', secure, maxAge: 0 }))
    }

    app.decorate('sessions', {
      async read(request) {
        const cookie = sessionOf(request)
        return cookie === null ? null : store.read(cookie)
      },
      end,
      endAll: store.endAll,
    })

    const purging = setInterval(() => {
      Promise.all([store.purge(), flows.purge()]).catch((error: unknown) => app.log.warn({ err: error }, 'purge of sessions failed'))
    }, PURGE_MS).unref()
    app.addHook('onClose', async () => clearInterval(purging))

    const signOn = open()

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

    function needed(): SignOn {
      if (!signOn) throw new HubError('HUB_UPSTREAM_UNAVAILABLE', { agency: NAME, detail: '统一登录尚未接通，暂时不能登录。' })
      return signOn
    }

    await app.register(async (scope) => {
      dress(scope)
      const options = { exposeHeadRoute: false, preHandler: limit(scope) }

      scope.get('/sign-on/start', { ...options, schema: startSchema }, async (request, reply) => {
        const { return: target } = request.query as { return: string }
        const returnTo = localPath(target)
        // One cookie for all sign-ons of a browser, so that two windows do not get in each other's way.
        const browser = browserOf(request) ?? randomText()
        const address = await needed().start(browser, returnTo)
        reply.header('set-cookie', writeCookie(BROWSER_COOKIE, browser, { path: '/sign-on', secure, maxAge: FLOW_MS / 1000 }))
        return reply.redirect(address, 302)
      })

      scope.get('/sign-on/callback', { ...options, schema: callbackSchema }, async (request, reply) => {
        const { userId, returnTo } = await needed().finish(browserOf(request), request.query as Return)
        request.audit.user = pseudonymOf(app.vault, userId)
        app.users.forget(userId)
        const before = sessionOf(request)
        if (before !== null) await store.end(before)
        reply.header('set-cookie', writeCookie(SESSION_COOKIE, await store.create(userId), { path: '/', secure }))
        return reply.redirect(returnTo, 303)
      })

      scope.get('/sign-on', { ...options, schema: standingSchema }, async (request, reply) => {
        const session = await app.sessions.read(request)
        if (session) request.audit.user = pseudonymOf(app.vault, session.userId)
        const standing = session
          ? page('已登录', '<p>您已在这个浏览器里登录。</p><a class="button" href="/sign-on/end">退出登录</a>')
          : page('未登录', '<p>您还没有在这个浏览器里登录。</p><a class="button" href="/sign-on/start">去登录</a>')
        return show(reply, standing)
      })

      scope.get('/sign-on/end', { ...options, schema: endSchema }, async (request, reply) => {
        const { return: target } = request.query as { return?: string }
        const returnTo = target === undefined ? null : localPath(target)
        const session = await app.sessions.read(request)
        if (session) request.audit.user = pseudonymOf(app.vault, session.userId)
        await end(request, reply)
        if (returnTo !== null) return reply.redirect(returnTo, 303)
        return show(reply, page('已退出登录', '<p>您已在这个浏览器里退出登录。</p>'))
      })
    })
  },
  {
    name: 'sign-on',
    dependencies: ['settings', 'database', 'sandbox', 'upstreams', 'audit', 'problems', 'auth', 'rate-limit', 'validation', 'openapi'],
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

/** What all these routes have in common: an audit row each, nothing kept by caches, problems as pages where a browser asks. */
function dress(scope: FastifyInstance): void {
  scope.addHook('onRequest', (request, reply, done) => {
    request.audit.due = true
    request.audit.service = 'sign-on'
    request.audit.purpose = NAME
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
    done()
  })
  // After the audit, which may put a problem of its own in the answer's place.
  scope.addHook('onSend', async (request, reply, payload) => {
    const isProblem = String(reply.getHeader('content-type')).startsWith('application/problem+json')
    if (!isProblem || typeof payload !== 'string' || !request.headers.accept?.includes('text/html')) return payload
    reply.header('content-type', 'text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY)
    return problemPage(JSON.parse(payload) as { title: string; detail: string; traceId: string })
  })
}

function show(reply: FastifyReply, html: string): FastifyReply {
  return reply.header('content-security-policy', PAGE_POLICY).type('text/html; charset=utf-8').send(html)
}

/** Many citizens share the address of a mobile network, so this holds back only a flood. */
function limit(scope: FastifyInstance) {
  return scope.rateLimit({
    max: 600,
    timeWindow: 60_000,
    keyGenerator: (request) => `sign-on:${request.ip}`,
    errorResponseBuilder: (_request, { ttl }) => new HubError('HUB_RATE_LIMITED', { retryAfter: Math.max(1, Math.ceil(ttl / 1000)) }),
  })
}

function browserOf(request: FastifyRequest): string | null {
  const cookie = readCookie(request.headers.cookie, BROWSER_COOKIE)
  return cookie !== null && /^[\w-]{43}$/.test(cookie) ? cookie : null
}
