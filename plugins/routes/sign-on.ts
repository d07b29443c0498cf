import formbody from '@fastify/formbody'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../../core/base/errors.ts'
import { typed } from '../route-kit/kit.ts'
import { FLOW_MS, randomText } from '../sign-on/flows.ts'
import { askEndSchema, callbackSchema, endSchema, standingSchema, startSchema } from '../sign-on/schemas.ts'
import type { SignOn } from '../sign-on/sign-on.ts'
import { pseudonymOf } from '../users/users.ts'
import { sendPage, servePages } from '../web/answer.ts'
import { readCookie, writeCookie } from '../web/cookies.ts'
import { escapeHtml, page } from '../web/page.ts'
import { problemPage, wayOn } from '../web/parts.ts'
import { localPath } from '../web/return-path.ts'

/** Ties a sign-on to the browser that began it. */
const BROWSER_COOKIE = 'hub_sign_on'
const NAME = '统一登录'

/** `/sign-on…`: signing on at the app, as a browser sees it (docs/sign-on.md). */
export default fp(
  async (app) => {
    const publicUrl = app.settings.PUBLIC_URL || `http://${app.settings.HOST}:${app.settings.PORT}`
    const secure = publicUrl.startsWith('https:')

    function needed(): SignOn {
      const { signOn } = app
      if (!signOn) throw new HubError('HUB_UPSTREAM_UNAVAILABLE', { agency: NAME, detail: '统一登录尚未接通，暂时不能登录。' })
      return signOn
    }

    await app.register(async (scope) => {
      servePages(scope, (problem) => problemPage(problem, wayOn('/sign-on/start', '重新登录')), {
        audit: { due: true, service: 'sign-on', purpose: NAME },
      })
      // What a button of a page sends is a form without fields.
      await scope.register(formbody, { bodyLimit: 1024 })
      // Many citizens share the address of a mobile network, so this holds back only a flood.
      const preHandler = scope.limitRate({ key: 'sign-on', rate: { max: 600, perSeconds: 60 } })
      const options = { exposeHeadRoute: false, preHandler }

      typed(scope).get('/sign-on/start', { ...options, schema: startSchema }, async (request, reply) => {
        const { return: target } = request.query
        const returnTo = localPath(target)
        // One cookie for all sign-ons of a browser, so that two windows do not get in each other's way.
        const browser = browserOf(request, secure) ?? randomText()
        const address = await needed().start(browser, returnTo)
        reply.header('set-cookie', writeCookie(BROWSER_COOKIE, browser, { path: '/sign-on', secure, maxAge: FLOW_MS / 1000 }))
        return reply.redirect(address, 302)
      })

      typed(scope).get('/sign-on/callback', { ...options, schema: callbackSchema }, async (request, reply) => {
        const { userId, returnTo } = await needed().finish(browserOf(request, secure), request.query)
        request.audit.user = pseudonymOf(app.vault, userId)
        app.users.forget(userId)
        await app.sessions.begin(request, reply, userId)
        return reply.redirect(returnTo, 303)
      })

      scope.get('/sign-on', { ...options, schema: standingSchema }, async (request, reply) => {
        const session = await app.sessions.read(request)
        if (session) request.audit.user = pseudonymOf(app.vault, session.userId)
        const standing = session
          ? page('已登录', `<p>您已在这个浏览器里登录。</p>${endForm('')}`)
          : page('未登录', `<p>您还没有在这个浏览器里登录。</p>${wayOn('/sign-on/start', '去登录')}`)
        return sendPage(reply, standing)
      })

      // A link or picture on another site must not log anybody out, so a visit only asks.
      typed(scope).get('/sign-on/end', { ...options, schema: askEndSchema }, async (request, reply) => {
        const { return: target } = request.query
        const returnTo = target === undefined ? '' : `?return=${encodeURIComponent(localPath(target))}`
        return sendPage(reply, page('退出登录', `<p>退出后，在这个浏览器里须重新登录。</p>${endForm(returnTo)}`))
      })

      typed(scope).post('/sign-on/end', { ...options, schema: endSchema }, async (request, reply) => {
        const { return: target } = request.query
        const returnTo = target === undefined ? null : localPath(target)
        const session = await app.sessions.read(request)
        if (session) request.audit.user = pseudonymOf(app.vault, session.userId)
        await app.sessions.end(request, reply)
        if (returnTo !== null) return reply.redirect(returnTo, 303)
        return sendPage(reply, page('已退出登录', '<p>您已在这个浏览器里退出登录。</p>'))
      })
    })
  },
  { name: 'sign-on-routes', dependencies: ['settings', 'sign-on', 'audit', 'problems', 'auth', 'rate-limit', 'validation', 'openapi'] },
)

/** `query` with its question mark, or nothing. */
const endForm = (query: string) =>
  `<form method="post" action="${escapeHtml(`/sign-on/end${query}`)}"><button type="submit">退出登录</button></form>`

function browserOf(request: FastifyRequest, secure: boolean): string | null {
  const cookie = readCookie(request.headers.cookie, BROWSER_COOKIE, secure)
  return cookie !== null && /^[\w-]{43}$/.test(cookie) ? cookie : null
}
