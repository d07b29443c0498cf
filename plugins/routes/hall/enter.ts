import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { comerPage, goneCodePage } from '../../hall/pages.ts'
import { aboutOf, comerOf, hallVisits, letIn, nameOf, sealOf } from '../../hall/visitor.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { answerOf, callerOf, hubRoute, TAG_ME, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { publicAddress } from '../../route-kit/public-address.ts'
import { typedIn } from '../../route-kit/typed-in.ts'
import { pseudonymOf } from '../../users/users.ts'
import { sendPage } from '../../web/answer.ts'
import { localPath } from '../../web/return-path.ts'
import { assertSeal } from './place.ts'

const HALL = '/hall'
const ENTER = `${HALL}/enter`

/** `POST /v1/me/pages`: the app hands its user over to the hall, in its web view, without a token in any address. */
export function handOverRoute(app: FastifyInstance): void {
  typed(app).post(
    '/v1/me/pages',
    hubRoute(app, {
      key: 'me.pages.open',
      summary: '在网页视图里打开办事大厅',
      tag: TAG_ME,
      schema: {
        body: part.input({ path: part.text('打开哪一页，如 /hall/water/bill-query；默认首页', { maxLength: 1000 }) }),
        response: { 201: answerOf(opening), default: problemSchema },
      },
    }),
    async (request, reply) => {
      const { user, claims, guardian = null, logIn = null } = callerOf(request)
      // Whoever opens the pages acts as the user: they are for the app, no third party and no guardian.
      if (claims.connector !== null || guardian !== null) throw new HubError('HUB_SCOPE_INSUFFICIENT')
      const to = hallPath(request.body.path ?? HALL)
      const { code, expiresAt } = await app.visits.handOver(hallVisits, user.id, aboutOf(claims.enterprise), logIn)
      reply.code(201)
      const url = `${publicAddress(app)}${HALL}/open?${new URLSearchParams({ code, to })}`
      return { data: { url, expiresAt: beijing(expiresAt) }, meta: { asOf: beijing(Date.now()), traceId: request.id } }
    },
  )
}

/** How whom the app sent comes in: the code becomes a cookie, and he says that it is he. */
export function enterRoutes(scope: FastifyInstance, options: object): void {
  typed(scope).get(`${HALL}/open`, { ...options, schema: openSchema }, async (request, reply) => {
    const visit = await scope.visits.open(reply, hallVisits, request.query.code)
    if (!visit) return sendPage(reply.code(410), goneCodePage())
    request.audit.user = pseudonymOf(scope.vault, visit.userId)
    return reply.redirect(`${ENTER}?${new URLSearchParams({ to: hallPath(request.query.to ?? HALL) })}`, 303)
  })

  typed(scope).get(ENTER, { ...options, schema: comerSchema }, async (request, reply) => {
    const comer = await comerOf(scope, request)
    if (!comer) return sendPage(reply.code(410), goneCodePage())
    return sendPage(reply, comerPage(await nameOf(scope, comer), hallPath(request.query.to ?? HALL), sealOf(scope, comer, ENTER)))
  })

  scope.post(ENTER, { ...options, schema: { hide: true } }, async (request, reply) => {
    const sent = typedIn(request.body)
    const comer = await comerOf(scope, request)
    if (!comer) return sendPage(reply.code(410), goneCodePage())
    assertSeal(scope, comer, ENTER, sent)
    request.audit.user = pseudonymOf(scope.vault, comer.userId)
    letIn(scope, reply, comer)
    return reply.redirect(hallPath(sent['to']?.[0] ?? HALL), 303)
  })
}

/** → the path, if it is one of the hall. Throws HUB_RETURN_INVALID. */
function hallPath(text: string): string {
  const path = localPath(text)
  const { pathname } = new URL(path, 'http://hub.invalid')
  if (pathname !== HALL && !pathname.startsWith(`${HALL}/`)) throw new HubError('HUB_RETURN_INVALID')
  return path
}

const opening = part.row({ url: part.text('在网页视图里打开的地址'), expiresAt: part.moment('在此之前打开') })
const to = part.text('页面', { maxLength: 1000 })
const openSchema = { hide: true, querystring: part.input({ code: part.text('代码', { minLength: 1, maxLength: 64 }), to }, ['code']) }
const comerSchema = { hide: true, querystring: part.input({ to }) }
