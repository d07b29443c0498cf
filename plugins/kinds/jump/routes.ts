import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import { agencyOf } from '../../../core/contract/systems.ts'
import { refusal } from '../../../core/upstream/error.ts'
import { authorise, type Caller } from '../../access/authorise.ts'
import { checkReturnAddress } from '../../agency-accounts/return-address.ts'
import { problemSchema } from '../../openapi/answer.ts'
import { bindingSchema, inputProperties, requiredInputs } from '../../openapi/query-schema.ts'
import { answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import { publicAddress } from '../../route-kit/public-address.ts'
import { serviceOptions } from '../../route-kit/service-route.ts'
import { assertChoices } from '../choices.ts'
import { browserRoutes, jumpVisits, pathOf } from './browser.ts'
import { goesByAccount, titleOf } from './facts.ts'
import { handOverOf } from './hand-over.ts'
import { openPageRoute } from './open-page-route.ts'
import { addressOf } from './pages.ts'

/** Of an agency that is down; its breaker says no sooner. */
const RETRY_MS = 30_000

/** `POST /v1/<connector>/<service>` → an address that the app opens in its web view: from there the user goes on to the agency's page. */
export function jumpRoutes(app: FastifyInstance, service: CompiledService): void {
  const { connector, contract } = service
  const agency = agencyOf(connector, contract)
  const { schema: described, ...options } = serviceOptions(app, service)
  // A hub that doesn't know where the pages are says so at its start.
  const base = app.jumps.pagesOf(connector.id)
  if (contract.jump?.handOver.by === 'none') {
    openPageRoute(app, service, addressOf(base, contract.jump.page, {}))
    return
  }
  browserRoutes(app, service)

  const schema = {
    ...described,
    description: `${described?.['description' as never] ?? ''}。在应用的网页视图里打开 url：第一次先询问用户是否同意提供信息，之后前往${agency}的页面。url 一分钟内有效，只能用一次。`,
    body: Type.Unsafe<JumpBody | null>({
      type: ['object', 'null'],
      properties: { ...inputProperties(contract), ...(service.needsAccount ? { binding: bindingSchema } : {}), returnTo },
      required: requiredInputs(contract),
      additionalProperties: false,
    }),
    response: { 201: answerOf(opening), default: problemSchema },
  }
  typed(app).post(`/v1/${connector.id}/${contract.id}`, { ...options, schema }, async (request, reply) => {
    const { returnTo: back = null, binding, ...input } = request.body ?? {}
    const { user, logIn = null } = ownCallerOf(request)
    if (back !== null) checkReturnAddress(back, app.jumps.returnUrls)
    addressOf(base, contract.jump?.page ?? '', input)
    const asker = await authorise(service, request.caller, app.users)
    const enterpriseId = asker.enterprise?.id ?? null
    request.audit.enterprise = enterpriseId
    // Better told here than on the way.
    app.calendar.assertOpen(service, true)
    if (goesByAccount(service)) await app.accounts.withAccount(service, asker, binding)
    await assertChoices(service, input, asker, app, 'body')
    const upstream = app.upstreams.get(service.system)
    if (upstream?.state === 'open') throw refusal('HUB_UPSTREAM_UNAVAILABLE', agency, RETRY_MS)
    const handOver = handOverOf(service, enterpriseId !== null)
    const id = await app.jumps.rows.open({
      userId: user.id,
      enterpriseId,
      key: service.key,
      request: { input, binding: binding ?? null, returnTo: back },
    })
    request.audit.submission = id
    const { code, expiresAt } = await app.visits.handOver(jumpVisits, user.id, id, logIn)
    const agreed = await app.jumps.consents.covers({ userId: user.id, enterpriseId, connector: connector.id }, handOver, false)
    reply.code(201)
    return {
      data: {
        url: `${publicAddress(app)}${pathOf(service)}/open?code=${code}`,
        expiresAt: beijing(expiresAt),
        asks: !agreed,
        facts: handOver.facts.map((fact) => ({ id: fact, title: titleOf(fact) })),
      },
      meta: { asOf: beijing(Date.now()), traceId: request.id },
    }
  })
}

/** Beside the inputs, which only the declaration knows. */
type JumpBody = Readonly<Record<string, unknown>> & { readonly returnTo?: string; readonly binding?: string }

/** Whoever opens the address is the user, to the agency and perhaps to the hub: it is for no third party, and no guardian. */
function ownCallerOf(request: FastifyRequest): Caller {
  const caller = callerOf(request)
  if (caller.claims.connector !== null || (caller.guardian ?? null) !== null)
    throw new HubError('HUB_SCOPE_INSUFFICIENT', { detail: '第三方应用不能代您打开对方的页面，请在“我的许昌”中打开。' })
  return caller
}

const returnTo = { type: 'string', maxLength: 1000, title: '之后返回的地址（须在允许之列）' }

const opening = part.row({
  url: part.text('在网页视图里打开的地址'),
  expiresAt: part.moment('在此之前打开'),
  asks: part.flag('是否先询问用户'),
  facts: part.list('提供给对方的信息', part.row({ id: part.text('信息项'), title: part.text('说明') })),
})
