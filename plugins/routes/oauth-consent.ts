import formbody from '@fastify/formbody'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Provider } from 'oidc-provider'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { consentPage, type Question, readAnswer } from '../oauth/consent.ts'
import { errorPage } from '../oauth/errors-page.ts'
import { GRANT_SECONDS, interactionPath } from '../oauth/interaction.ts'
import { typed } from '../route-kit/kit.ts'
import { sendPage } from '../web/answer.ts'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** Where a user is asked: signed on by the app, then 授权确认. Pages for a phone, without script, one audit row a request. */
export default fp(
  async (app) => {
    const { vault, users, authorizationStore } = app
    const { clients, grants, issuer } = authorizationStore
    const { scopes } = app.authorization

    async function questionOf(interaction: Interaction): Promise<Question> {
      const { client_id: clientId, scope = '', redirect_uri: redirectUri } = interaction.params
      const client = await clients.find(String(clientId))
      const accountId = interaction.session?.accountId
      if (!client || accountId === undefined) throw await refusal('InvalidRequest', 'client or account is gone')
      if (!(await app.partners.mayAuthorise(client.id, accountId))) throw await refusal('AccessDenied', 'the application is being tested')
      const asked = new Set(String(scope).split(' '))
      return {
        uid: interaction.uid,
        user: await users.byId(accountId),
        client,
        scopes: [...scopes.values()].filter(({ id }) => asked.has(id) && client.scopes.includes(id)),
        redirectUri: String(redirectUri),
        until: Date.now() + GRANT_SECONDS * 1000,
      }
    }

    /** Living consent of one user for one application is one grant, under one id for as long as it lives. */
    async function writeGrant({ user, client }: Question, allowed: string[], refused: string[]): Promise<string> {
      const known = await grants.idOf(user.id, client.id)
      const { Grant } = await app.authorization.provider()
      const before = known === null ? undefined : await Grant.find(known)
      const decided = new Set([...allowed, ...refused])
      const kept = (before?.getOIDCScope() ?? '').split(' ').filter((id) => id !== '' && !decided.has(id))
      const grant = new Grant({ accountId: user.id, clientId: client.id })
      if (before) grant.jti = before.jti
      grant.addOIDCScope([...kept, ...allowed])
      if (refused.length > 0) grant.rejectOIDCScope(refused)
      return grant.save()
    }

    /** The session that the interaction is about, or null where the user has to sign on (again). */
    async function sessionFor(request: FastifyRequest, { prompt, session, iat, params }: Interaction) {
      const current = await app.sessions.read(request, String(params.client_id))
      if (!current) return null
      request.audit.user = (await users.byId(current.userId)).pseudonym
      if (prompt.name !== 'login') return current.userId === session?.accountId ? current : null
      const afresh = prompt.reasons.some((reason) => reason === 'login_prompt' || reason === 'max_age')
      return afresh && current.authTime < iat ? null : current
    }

    /** No camera looks here, and what an application is given carries no device: on a strange one nobody consents, where the rules ask for a face. */
    async function assertFamiliar(logIn: string): Promise<void> {
      if (await app.onStrangeDevice(logIn)) throw new HubError('HUB_FACE_REQUIRED')
    }

    const signOn = (uid: string) => `/sign-on/start?return=${encodeURIComponent(interactionPath(issuer, uid))}`

    await app.register(async (scope) => {
      await scope.register(formbody, { bodyLimit: 16 * 1024 })
      scope.addHook('onRequest', (request, reply, done) => {
        Object.assign(request.audit, { due: true, service: 'oauth.interaction', purpose: '授权确认' })
        reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').header('x-content-type-options', 'nosniff')
        done()
      })
      scope.setErrorHandler(async (error: Error & { validation?: unknown; statusCode?: number }, request, reply) => {
        const [status, code] = await verdictOf(error)
        request.audit.outcome = error instanceof HubError ? error.code : code
        if (status >= 500) request.log.error({ err: error }, '授权页面出错')
        return sendPage(reply.code(status), errorPage(code, request.id))
      })

      scope.get('/oauth/interaction/:uid', { schema: getSchema, exposeHeadRoute: false }, async (request, reply) => {
        const provider = await app.authorization.provider()
        const interaction = await provider.interactionDetails(request.raw, reply.raw)
        request.audit.app = String(interaction.params['client_id'])
        const session = await sessionFor(request, interaction)
        if (!session) return reply.redirect(signOn(interaction.uid), 303)
        if (interaction.prompt.name === 'login') {
          const login = { accountId: session.userId, ts: session.authTime, remember: false }
          return reply.redirect(await provider.interactionResult(request.raw, reply.raw, { login }), 303)
        }
        await assertFamiliar(session.logIn)
        const { html, policy } = consentPage(vault, await questionOf(interaction))
        return sendPage(reply, html, policy)
      })

      typed(scope).post('/oauth/interaction/:uid', { schema: postSchema }, async (request, reply) => {
        const provider = await app.authorization.provider()
        const interaction = await provider.interactionDetails(request.raw, reply.raw)
        request.audit.app = String(interaction.params['client_id'])
        const session = await sessionFor(request, interaction)
        if (!session || interaction.prompt.name !== 'consent')
          throw await refusal('AccessDenied', 'not signed on as the user who was asked')
        await assertFamiliar(session.logIn)
        const question = await questionOf(interaction)
        const answer = readAnswer(vault, question, request.body)
        if (!answer) throw await refusal('InvalidRequest', 'the form is not the one that was shown')
        const result = answer.allowed
          ? { consent: { grantId: await writeGrant(question, answer.scopes, answer.refused) } }
          : { error: 'access_denied', error_description: 'the user refused' }
        if (!answer.allowed) request.audit.outcome = 'access_denied'
        else request.audit.fields = answer.scopes
        return reply.redirect(await provider.interactionResult(request.raw, reply.raw, result), 303)
      })
    })
  },
  { name: 'authorization-pages', dependencies: ['authorization-server', 'sign-on', 'validation', 'partners'] },
)

async function refusal(kind: 'InvalidRequest' | 'AccessDenied', why: string): Promise<Error> {
  const { errors } = await import('oidc-provider')
  return new errors[kind](why)
}

/** Status and error code of what went wrong; a form that no page of the hub would send is an invalid request. */
async function verdictOf(error: Error & { validation?: unknown; statusCode?: number }): Promise<[status: number, code: string]> {
  const { errors } = await import('oidc-provider')
  if (error instanceof errors.OIDCProviderError) return [error.statusCode, error.error]
  if (error.validation) return [400, 'invalid_request']
  if (error instanceof HubError && error.code === 'HUB_FACE_REQUIRED') return [error.status, 'unfamiliar_device']
  if (error instanceof HubError && error.status < 500) return [error.status, 'access_denied']
  return error.statusCode && error.statusCode < 500 ? [error.statusCode, 'invalid_request'] : [500, 'server_error']
}

const params = Type.Object({ uid: Type.String({ maxLength: 64 }) })
const word = Type.String({ maxLength: 200 })
const form = Type.Object(
  {
    seal: Type.String({ maxLength: 64 }),
    decision: Type.Enum(['allow', 'refuse']),
    scope: Type.Optional(Type.Union([word, Type.Array(word, { maxItems: 500 })])),
  },
  { additionalProperties: false },
)

const getSchema = { hide: true, params }
const postSchema = { hide: true, params, body: form }
