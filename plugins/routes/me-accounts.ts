import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Knex } from 'knex'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import type { AccountLookUp, BindingMethod } from '../../core/contract/accounts.ts'
import type { ConnectorDeclaration } from '../../core/contract/types.ts'
import { lookUpAccount } from '../agency-accounts/look-up.ts'
import type { Account } from '../agency-accounts/store.ts'
import { accountSchema, answerOf, presentAccount } from '../agency-accounts/view.ts'
import { faceToSpend, requireFace } from '../face/require.ts'
import { kinds } from '../kinds/index.ts'
import { problemSchema } from '../openapi/answer.ts'
import { callerOf, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'

const TAGS = ['我的账户']
const PATH = '/v1/me/accounts'
/** Closing an account wants a face that was verified just now, and once. */
const FACE = { maxAgeSeconds: 300, once: true }
const FACE_SERVICE = 'me.deregister'

/** A user's accounts at agencies, and the end of the user's own account (docs/agency-accounts.md). */
export default fp(
  async (app) => {
    const connectorOf = new Map(app.connectors.map((connector) => [connector.id, connector]))
    const present = (account: Account) => presentAccount(account, connectorOf.get(account.connector))

    app.get(PATH, { onRequest: [note('查看绑定的账户'), app.authenticate], schema: listSchema }, async (request) => {
      const accounts = await app.accounts.store.list(userOf(request).id)
      request.audit.rows = accounts.length
      return envelope(request, accounts.map(present))
    })

    const ending = { onRequest: [note('解绑账户'), app.authenticate], schema: endSchema }
    typed(app).delete(`${PATH}/:id`, ending, async (request, reply) => {
      const { id } = request.params
      const ended = await app.accounts.store.unbind(userOf(request).id, id, mayEnd)
      if (!ended) throw new HubError('HUB_NO_RECORD', { detail: '没有找到您绑定的这个账户。' })
      const { connector, revocation } = ended
      request.audit.connector = connector
      if (revocation !== null) app.accounts.revokeAtAgency([revocation])
      return reply.code(204).send()
    })

    /** What is under way with an account needs it to its end. */
    async function mayEnd(transaction: Knex.Transaction, { externalId, ...account }: Account): Promise<void> {
      if (externalId === null) return
      for (const { holds } of kinds) {
        const detail = await holds?.(transaction, app.vault, { ...account, externalId })
        if (detail) throw new HubError('HUB_ACCOUNT_HELD', { detail })
      }
    }

    for (const connector of app.connectors) {
      if (connector.accounts?.oauth) confirmRoute(app, connector, present)
      if (connector.accounts?.idMatch || connector.accounts?.accountNumber) bindRoute(app, connector, present)
    }

    const closing = { onRequest: [note('注销账户'), app.authenticate], schema: deregisterSchema }
    app.post('/v1/me/deregister', closing, async (request, reply) => {
      const caller = callerOf(request)
      await requireFace(FACE, FACE_SERVICE, caller)
      await app.deregister(caller.user.id, faceToSpend(caller) ?? '')
      return reply.code(204).send()
    })
  },
  {
    name: 'account-routes',
    dependencies: ['accounts', 'deregistration', 'upstreams', 'auth', 'audit', 'problems', 'rate-limit', 'validation', 'openapi'],
  },
)

type Present = (account: Account) => ReturnType<typeof presentAccount>

/** What the browser could not prove, the app does: that its own user came back from the agency. */
function confirmRoute(app: FastifyInstance, connector: ConnectorDeclaration, present: Present): void {
  const options = { onRequest: [note('确认绑定账户', connector.id), app.authenticate], schema: confirmSchema(connector) }
  typed(app).post(`${PATH}/${connector.id}/confirm`, options, async (request) => {
    const { code } = request.body
    const binding = await app.accounts.authorisations.confirm(userOf(request).id, connector.id, code)
    return envelope(request, present(await app.accounts.store.bind(binding)))
  })
}

/** Binding through the agency's own services: by a number (户号) or by the verified person. */
function bindRoute(app: FastifyInstance, connector: ConnectorDeclaration, present: Present): void {
  // Few tries: each one asks an agency whether a number is somebody's.
  const limit = app.limitRate({ key: `me.accounts.${connector.id}`, rate: { max: 10, perSeconds: 600 } })
  const options = { onRequest: [note('绑定账户', connector.id), app.authenticate], preHandler: limit, schema: bindSchema(connector) }
  typed(app).post(`${PATH}/${connector.id}`, options, async (request, reply) => {
    const { accountNumber = null } = request.body ?? {}
    const [by, lookUp] = chooseLookUp(connector, accountNumber)
    const { id: userId, person } = userOf(request)
    if (!person) throw new HubError('HUB_REAL_NAME_REQUIRED', { stepUp: { method: 'real-name' } })
    const service = app.services.get(`${connector.id}.${lookUp.service}`)
    const upstream = service && app.upstreams.get(service.system)
    if (!service || !upstream) throw new Error(`no service ${connector.id}.${lookUp.service}`)
    const found = await lookUpAccount(service, upstream, lookUp, { userId, person, enterprise: null }, accountNumber)
    const level = by === 'id-match' || lookUp.accepts ? 'real-name' : 'login'
    const account = await app.accounts.store.bind({ userId, connector: connector.id, by, level, ...found })
    reply.code(201)
    return envelope(request, present(account))
  })
}

function chooseLookUp({ accounts }: ConnectorDeclaration, accountNumber: string | null): [BindingMethod, AccountLookUp] {
  if (accountNumber !== null && accounts?.accountNumber) return ['account-number', accounts.accountNumber]
  if (accountNumber === null && accounts?.idMatch) return ['id-match', accounts.idMatch]
  const detail = accountNumber === null ? '缺少必填项' : '不接受这一项'
  throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/accountNumber', detail }] })
}

function note(purpose: string, connector: string | null = null) {
  return (request: FastifyRequest, _reply: unknown, done: () => void) => {
    request.audit.service = 'accounts'
    request.audit.connector = connector
    request.audit.purpose = purpose
    done()
  }
}

function userOf(request: FastifyRequest) {
  return callerOf(request).user
}

function envelope(request: FastifyRequest, data: unknown) {
  return { data, meta: { asOf: beijing(Date.now()), traceId: request.id } }
}

const common = { tags: TAGS, security: [{ token: [] }] }
const empty = Type.Unsafe({ type: 'null', title: '没有内容' })

const listSchema = {
  ...common,
  operationId: 'accounts.list',
  summary: '我绑定的账户',
  response: { 200: answerOf({ type: 'array', items: accountSchema }), default: problemSchema },
}

const endSchema = {
  ...common,
  operationId: 'accounts.unbind',
  summary: '解绑账户',
  description: '立即生效；对方系统的授权随之撤销。还有没有办结的缴费订单时不能解绑。',
  params: part.input({ id: part.id('绑定编号') }, ['id']),
  response: { 204: empty, default: problemSchema },
}

const deregisterSchema = {
  ...common,
  operationId: 'accounts.deregister',
  summary: '注销账户',
  description: '撤销全部授权、令牌、绑定和单位授权，删除个人信息，不可恢复；办理记录依法留存。需要 5 分钟以内、仅用一次的人脸核验。',
  response: { 204: empty, default: problemSchema },
}

function confirmSchema({ id, name }: ConnectorDeclaration) {
  return {
    ...common,
    operationId: `accounts.${id}.confirm`,
    summary: `确认绑定账户：${name}`,
    body: Type.Unsafe<{ code: string }>({
      type: 'object',
      properties: { code: { type: 'string', minLength: 1, maxLength: 100, title: '返回地址所附的 confirm' } },
      required: ['code'],
      additionalProperties: false,
    }),
    response: { 200: answerOf(accountSchema), default: problemSchema },
  }
}

function bindSchema({ id, name, accounts }: ConnectorDeclaration) {
  const number = accounts?.accountNumber
  const property = {
    type: 'string',
    minLength: 1,
    maxLength: 64,
    title: number?.title ?? '',
    ...(number?.pattern ? { pattern: number.pattern } : {}),
  }
  return {
    ...common,
    operationId: `accounts.${id}.bind`,
    summary: `绑定账户：${name}`,
    body: Type.Unsafe<{ accountNumber?: string } | null>({
      type: ['object', 'null'],
      properties: number ? { accountNumber: property } : {},
      additionalProperties: false,
    }),
    response: { 201: answerOf(accountSchema), default: problemSchema },
  }
}
