import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { isSameText } from '../../../core/base/hmac.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { masks } from '../../../core/contract/masks.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import { withParameters } from '../../agency-accounts/return-address.ts'
import { typed } from '../../route-kit/kit.ts'
import type { Visit } from '../../sign-on/visits.ts'
import { pseudonymOf } from '../../users/users.ts'
import { sendPage, servePages } from '../../web/answer.ts'
import { problemPage } from '../../web/parts.ts'
import { depart } from './depart.ts'
import { titleOf } from './facts.ts'
import { handOverOf } from './hand-over.ts'
import { consentPage, declinedPage, gonePage, leavingPage, signOnPage } from './pages.ts'
import type { Jump } from './rows.ts'

/** Where a browser is taken on its way; who may go, the visit says. */
export const pathOf = ({ connector, contract }: CompiledService) => `/go/${connector.id}/${contract.id}`

/** Visits on the way, each about one jump's id. */
export const jumpVisits = { name: 'jump', path: '/go' } as const

interface Going {
  jump: Jump
  visit: Visit
}

/** What a browser sees between the app and the agency's page: at most one question, without script. */
export function browserRoutes(app: FastifyInstance, service: CompiledService): void {
  const { connector, contract } = service
  const path = pathOf(service)
  const agency = agencyOf(connector, contract)

  app.register(async (scope) => {
    servePages(scope, (problem) => problemPage(problem, '<p>请回到“我的许昌”，稍后再打开。</p>'), {
      always: true,
      audit: { due: true, connector: connector.id, service: contract.id, purpose: contract.name },
    })
    await scope.register(formbody, { bodyLimit: 1024 })
    // Many citizens share the address of a mobile network, so this holds back only a flood.
    const preHandler = scope.limitRate({ key: 'jump', rate: { max: 600, perSeconds: 60 } })
    const options = { exposeHeadRoute: false, preHandler }

    typed(scope).get(`${path}/open`, { ...options, schema: openSchema }, async (request, reply) => {
      const visit = await app.visits.open(reply, jumpVisits, request.query.code)
      const going = visit && (await goingOf(request, visit))
      if (!going) return sendPage(reply.code(410), gonePage())
      const asks = !(await isAgreed(going, true)) || (signsOn && !(await isHis(request, going)))
      return asks ? reply.redirect(path, 303) : go(request, reply, going)
    })

    typed(scope).get(path, { ...options, schema: { hide: true } }, async (request, reply) => {
      const going = await goingOf(request)
      if (!going) return sendPage(reply.code(410), gonePage())
      const { jump } = going
      const told = handOverFor(jump).facts.map(titleOf)
      if (signsOn) return sendPage(reply, signOnPage({ path, service: contract.name, agency, who: await whoIs(jump) }, sealOf(going)))
      const enterprise = jump.enterpriseId === null ? null : ((await askerOf(jump)).enterprise?.name ?? null)
      return sendPage(reply, consentPage({ path, service: contract.name, agency, told, enterprise }, sealOf(going)))
    })

    typed(scope).post(path, { ...options, schema: decideSchema }, async (request, reply) => {
      const going = await goingOf(request)
      if (!going || !isSameText(request.body.seal, sealOf(going))) return sendPage(reply.code(410), gonePage())
      if (request.body.decision === 'decline') return decline(request, reply, going)
      if (!signsOn) await app.jumps.consents.give(keyOf(going.jump), handOverFor(going.jump))
      return go(request, reply, going)
    })
  })

  /** Then the browser isn't let in for this way alone: it is signed on, for the agency's platform. */
  const signsOn = contract.jump?.handOver.by === 'sign-in'
  const isHis = (request: FastifyRequest, { jump }: Going) => app.sessions.isOf(request, jump.userId)
  const handOverFor = ({ enterpriseId }: Jump) => handOverOf(service, enterpriseId !== null)
  const keyOf = ({ userId, enterpriseId }: Jump) => ({ userId, enterpriseId, connector: connector.id })
  const isAgreed = ({ jump }: Going, used: boolean) => app.jumps.consents.covers(keyOf(jump), handOverFor(jump), used)
  const askerOf = ({ userId, enterpriseId }: Jump) => app.users.asker(userId, enterpriseId, service.key)
  /** Ties a form to its visit and to what was shown. */
  const sealOf = ({ jump, visit }: Going) => app.vault.fingerprint(JSON.stringify([visit.key, jump.id, handOverFor(jump)]), 'jumps.page')

  async function whoIs({ userId }: Jump): Promise<string> {
    const user = await app.users.byId(userId)
    return user.person ? masks.name(user.person.name) : (user.profile().nickname ?? '未实名的账户')
  }

  /** The jump that this browser was let in for, while nobody has gone. */
  async function goingOf(request: FastifyRequest, given?: Visit): Promise<Going | null> {
    const visit = given ?? (await app.visits.read(request, jumpVisits))
    const jump = visit && (await app.jumps.rows.read(visit.about, service.key))
    if (!visit || jump?.userId !== visit.userId || jump.state !== 'open') return null
    Object.assign(request.audit, { user: pseudonymOf(app.vault, jump.userId), enterprise: jump.enterpriseId, submission: jump.id })
    return { jump, visit }
  }

  async function go(request: FastifyRequest, reply: FastifyReply, { jump }: Going): Promise<FastifyReply> {
    const { kind } = await app.users.byId(jump.userId)
    if (!(await app.users.access.opens(service.key, kind))) throw new HubError('HUB_SERVICE_NOT_OPEN')
    const offline = app.catalogue.offline(service.key)
    if (offline) throw offline
    // It may have closed while the question was read.
    app.calendar.assertOpen(service, true)
    const departure = await depart(app, service, jump, await askerOf(jump), { request, reply })
    // Of two windows one goes; what the other was given is good once, and unused.
    if (!(await app.jumps.rows.leave(jump.id, 'gone'))) return sendPage(reply.code(410), gonePage())
    request.audit.fields = [...handOverFor(jump).facts]
    request.audit.rows = 1
    const { html, policy } = leavingPage(departure)
    return sendPage(reply, html, policy)
  }

  async function decline(request: FastifyRequest, reply: FastifyReply, { jump }: Going): Promise<FastifyReply> {
    request.audit.outcome = 'declined'
    await app.jumps.rows.leave(jump.id, 'declined')
    const { returnTo } = jump.request
    if (returnTo === null) return sendPage(reply, declinedPage())
    const { html, policy } = leavingPage({ agency: '“我的许昌”', url: withParameters(returnTo, { jump: 'declined' }), form: null })
    return sendPage(reply, html, policy)
  }
}

const openSchema = { hide: true, querystring: Type.Object({ code: Type.String({ minLength: 1, maxLength: 64 }) }) }
const decideSchema = {
  hide: true,
  body: Type.Object({ seal: Type.String({ maxLength: 64 }), decision: Type.Enum(['allow', 'decline']) }, { additionalProperties: false }),
}
