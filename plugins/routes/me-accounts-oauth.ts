import type { OAuth2Namespace } from '@fastify/oauth2'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError, type Problem } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { AgencyOAuth } from '../../core/contract/accounts.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import { prefixOf } from '../../core/upstream/address.ts'
import type { Authorisation } from '../agency-accounts/bindings.ts'
import { codeTrouble } from '../agency-accounts/code-trouble.ts'
import { readHolder } from '../agency-accounts/holder.ts'
import type { AgencyClient } from '../agency-accounts/index.ts'
import { checkReturnAddress, withParameters } from '../agency-accounts/return-address.ts'
import type { Binding } from '../agency-accounts/store.ts'
import { readTokenSet } from '../agency-accounts/token-endpoint.ts'
import { answerOf } from '../agency-accounts/view.ts'
import { problemSchema } from '../openapi/answer.ts'
import { queryPart, typed } from '../route-kit/kit.ts'
import { pseudonymOf } from '../users/users.ts'
import { sendPage, servePages } from '../web/answer.ts'
import { readCookie, writeCookie } from '../web/cookies.ts'
import { escapeHtml, page } from '../web/page.ts'
import { problemPage } from '../web/parts.ts'

/** Ties an authorisation to the browser that set out, where the app and the browser share cookies. */
const BROWSER_COOKIE = 'hub_agency'
/** Where @fastify/oauth2 looks for the PKCE verifier; it waits in the database, as web views share no cookies with apps. */
const VERIFIER_COOKIE = 'oauth2-code-verifier'
const TAGS = ['我的账户']
const LIFE_SECONDS = 600

/**
 * The hub as OAuth2 client of agencies (docs/agency-accounts.md): `POST /v1/me/accounts/<connector>/authorise`
 * begins, the agency's answer comes to `GET /oauth/agencies/<connector>/callback`.
 */
export default fp(
  async (app) => {
    const publicUrl = app.settings.PUBLIC_URL || `http://${app.settings.HOST}:${app.settings.PORT}`
    const returnUrls = app.settings.ACCOUNT_RETURN_URLS.split(',').filter(Boolean)
    await app.register(async (scope) => {
      for (const connector of app.connectors) {
        const oauth = connector.accounts?.oauth
        const agency = app.accounts.agencies.get(connector.id)
        if (oauth && agency) await agencyRoutes(scope, { connector, oauth, agency, publicUrl, returnUrls })
      }
    })
  },
  { name: 'agency-oauth', dependencies: ['accounts', 'auth', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'] },
)

interface Agency {
  connector: ConnectorDeclaration
  oauth: AgencyOAuth
  agency: AgencyClient
  publicUrl: string
  returnUrls: readonly string[]
}

async function agencyRoutes(scope: FastifyInstance, part: Agency): Promise<void> {
  const { connector, publicUrl, returnUrls } = part
  const { authorisations, store } = scope.accounts
  const states = new WeakMap<FastifyRequest, string>()
  const client = await registerClient(scope, part, states)
  const secure = publicUrl.startsWith('https:')

  const note = (request: FastifyRequest, _reply: unknown, done: () => void) => {
    request.audit.due = true
    request.audit.connector = connector.id
    request.audit.service = 'accounts'
    request.audit.purpose = '绑定账户'
    done()
  }

  const begin = { onRequest: [note, scope.authenticate], preHandler: limit(scope), schema: beginSchema(connector) }
  typed(scope).post(`/v1/me/accounts/${connector.id}/authorise`, begin, async (request, reply) => {
    if (!request.caller) throw new HubError('HUB_TOKEN_MISSING')
    const { returnTo = null } = request.body ?? {}
    if (returnTo !== null) checkReturnAddress(returnTo, returnUrls)
    const { id, state, browser, expiresAt } = await authorisations.begin(request.caller.user.id, connector.id, returnTo)
    states.set(request, state)
    const { url, verifier } = await authorisationUrl(client, request)
    await authorisations.keepVerifier(id, verifier)
    reply.header('set-cookie', writeCookie(BROWSER_COOKIE, browser, { path: '/oauth/agencies', secure, maxAge: LIFE_SECONDS }))
    reply.header('cache-control', 'no-store')
    return { data: { url, expiresAt: beijing(expiresAt) }, meta: { asOf: beijing(Date.now()), traceId: request.id } }
  })

  await scope.register(async (pages) => {
    // People read these: a problem is a page, whoever says it.
    servePages(pages, drawProblem, { always: true })
    const path = `/oauth/agencies/${connector.id}/callback`
    typed(pages).get(path, { onRequest: note, exposeHeadRoute: false, schema: callbackSchema }, async (request, reply) => {
      const { state, code, error } = request.query
      const browser = readCookie(request.headers.cookie, BROWSER_COOKIE, secure) ?? undefined
      const authorisation = await authorisations.answer(state, connector.id, browser)
      request.audit.user = pseudonymOf(scope.vault, authorisation.userId)
      states.set(request, state)
      const { returnTo } = authorisation
      try {
        if (error !== undefined || code === undefined) throw new HubError('HUB_ACCOUNT_DENIED')
        const outcome = await bindOrAsk(await authorised(scope, part, client, request, authorisation), authorisation)
        if (returnTo !== null) return reply.redirect(withParameters(returnTo, { connector: connector.id, ...outcome }), 303)
        return await sendPage(
          reply,
          page('绑定成功', `<p>您在${escapeHtml(connector.agency)}的账户已绑定，可以关闭本页，回到“我的许昌”。</p>`),
        )
      } catch (trouble) {
        if (!(trouble instanceof HubError) || returnTo === null) throw trouble
        request.audit.outcome = trouble.code
        return reply.redirect(withParameters(returnTo, { connector: connector.id, error: trouble.code }), 303)
      }
    })
  })

  /** In the browser that set out it is bound at once; elsewhere the app, which alone gets the code, has to confirm. */
  async function bindOrAsk(binding: Binding, { id, sameBrowser, returnTo }: Authorisation): Promise<Record<string, string>> {
    if (sameBrowser) return { account: (await store.bind(binding)).id }
    if (returnTo === null) throw new HubError('HUB_ACCOUNT_STATE_INVALID')
    return { confirm: await authorisations.keep(id, binding) }
  }
}

/** One client of @fastify/oauth2 an agency: it makes the authorisation request and exchanges the code. */
async function registerClient(scope: FastifyInstance, part: Agency, states: WeakMap<FastifyRequest, string>): Promise<OAuth2Namespace> {
  const { connector, oauth, agency, publicUrl } = part
  const { origin } = new URL(agency.baseUrl)
  const base = prefixOf(agency.baseUrl)
  const name = `agency:${connector.id}`
  // A hundred files, which a hub without such agencies need not read.
  const { default: oauth2 } = await import('@fastify/oauth2')
  await scope.register(oauth2, {
    name,
    scope: [...oauth.scope],
    pkce: 'S256',
    credentials: {
      client: { id: agency.clientId, secret: agency.clientSecret },
      auth: { tokenHost: origin, tokenPath: base + oauth.tokenPath, authorizePath: base + oauth.authorizePath },
      options: { authorizationMethod: oauth.clientAuthentication ?? 'header' },
      http: { timeout: 5000, maxBytes: 256 * 1024, redirects: 0 },
    },
    callbackUri: `${publicUrl}/oauth/agencies/${connector.id}/callback`,
    callbackUriParams: { ...oauth.authorizeParams },
    verifierCookieName: VERIFIER_COOKIE,
    generateStateFunction: (request: FastifyRequest) => states.get(request) ?? '',
    // The state was used up before; this holds the library to the very one.
    checkStateFunction: (request: FastifyRequest) => states.get(request) === queryPart(request, 'state'),
  })
  return (scope as unknown as Record<string, OAuth2Namespace>)[name] as OAuth2Namespace
}

/** The library hands the verifier out as a cookie; it is kept here instead. */
async function authorisationUrl(client: OAuth2Namespace, request: FastifyRequest): Promise<{ url: string; verifier: string }> {
  const cookies = new Map<string, string>()
  const jar = { setCookie: (name: string, value: string) => cookies.set(name, value) } as unknown as FastifyReply
  const url = await client.generateAuthorizationUri(request, jar)
  return { url, verifier: cookies.get(VERIFIER_COOKIE) ?? '' }
}

/** Exchanges the code, and learns from the agency whose account it is. */
async function authorised(
  { users }: FastifyInstance,
  { connector, oauth, agency }: Agency,
  client: OAuth2Namespace,
  request: FastifyRequest,
  { userId, verifier }: Authorisation,
): Promise<Binding> {
  const { person } = await users.asker(userId, null, connector.id)
  request.cookies = { [VERIFIER_COOKIE]: verifier }
  const obtainedAt = Date.now()
  const { token } = await client.getAccessTokenFromAuthorizationCodeFlow(request).catch((error: unknown) => {
    throw codeTrouble(error, connector.agency)
  })
  const tokens = readTokenSet(token, obtainedAt)
  const holder = readHolder(oauth, await agency.userInfo(tokens.accessToken), person?.idNumber ?? null)
  return { userId, connector: connector.id, by: 'oauth', tokens, ...holder }
}

function drawProblem(problem: Problem): string {
  const ways = (problem.ways ?? []).map(({ detail }) => `<li>${escapeHtml(detail)}</li>`)
  return problemPage(problem, `<ul>${ways.join('')}</ul>`)
}

function limit(scope: FastifyInstance) {
  return scope.limitRate({ key: 'me.accounts.authorise', rate: { max: 20, perSeconds: 60 } })
}

function beginSchema({ id, name, agency }: ConnectorDeclaration) {
  return {
    operationId: `accounts.${id}.authorise`,
    summary: `绑定或重新授权账户：${name}`,
    description: `在 url 打开${agency}的授权页面，之后返回 returnTo，附 account（已绑定）、confirm（须由本人在应用里确认）或 error。`,
    tags: TAGS,
    security: [{ token: [] }],
    body: Type.Unsafe<{ returnTo?: string } | null>({
      type: ['object', 'null'],
      properties: { returnTo: { type: 'string', maxLength: 1000, title: '授权后返回的地址（须在允许之列）' } },
      additionalProperties: false,
    }),
    response: {
      200: answerOf({
        type: 'object',
        properties: { url: { type: 'string', title: '授权页面' }, expiresAt: { type: 'string', format: 'date-time', title: '有效期至' } },
      }),
      default: problemSchema,
    },
  }
}

const callbackSchema = {
  hide: true,
  querystring: Type.Unsafe<{ state: string; code?: string; error?: string }>({
    type: 'object',
    properties: {
      state: { type: 'string', minLength: 1, maxLength: 2000 },
      code: { type: 'string', minLength: 1, maxLength: 4000 },
      error: { type: 'string', maxLength: 200 },
    },
    required: ['state'],
    // RFC 6749 §4.1.2: the agency may send more, such as `iss`.
    additionalProperties: true,
  }),
}
