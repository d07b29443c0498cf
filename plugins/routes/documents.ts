import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { type Principal, seenBy } from '../access/principal.ts'
import { documentStates, type IssuedDocument, type Share } from '../kinds/document/held.ts'
import { isPrinted } from '../kinds/document/printing.ts'
import { answer, answerOf, callerOf, hubRoute, pathId, TAG_ENTERPRISE, TAG_ME, typed } from '../route-kit/kit.ts'
import { paging, part } from '../route-kit/part.ts'

/** Documents as their holders see them: what was issued, and taking one back. */
export default fp(
  async (app) => {
    own(app)
    ofEnterprise(app)
  },
  { name: 'document-routes', dependencies: ['documents', 'identity', 'connectors', 'validation'] },
)

export const documentFields = {
  id: part.text('证明编号'),
  service: part.text('证明名称'),
  agency: part.text('数据提供单位'),
  issuedAt: part.moment('出具时间'),
  expiresAt: part.moment('核验有效期至'),
  state: part.choice('状态', documentStates),
  signature: part.maybe('电子签名的形式'),
  stampedAt: part.maybe('时间戳时间'),
}
const list = { querystring: part.input(paging), response: { 200: answerOf(part.list('证明', part.row(documentFields))) } }
/** A holder needs neither the keys nor his own name. */
const shown = ({ key: _key, userId: _user, enterpriseId: _enterprise, holder: _holder, ...rest }: IssuedDocument) => rest
const empty = { 204: Type.Null() }

export function noDocument(): HubError {
  return new HubError('HUB_NO_RECORD', { detail: '没有这份证明。' })
}

/** A user's own documents, and those that he had printed for children whose guardian he still is. */
function own(app: FastifyInstance): void {
  const printing = [...app.services.values()].filter((service) => isPrinted(service) && service.contract.dependants)

  async function shares(request: FastifyRequest): Promise<Share[]> {
    const { user, claims } = callerOf(request)
    // Whoever acts for an enterprise finds its documents with it, and nobody's own.
    if (claims.enterprise !== null) return []
    const mine = (principal: Principal) => seenBy({ userId: user.id, principal, represents: false })
    const wards = printing.length === 0 ? [] : await app.standing.wards(user.id)
    const ofWards = wards.map(async (child) => {
      const open = await Promise.all(printing.map(({ key }) => app.users.guardianOf(user.id, child, key).catch(shut)))
      return { seen: mine(`dependant:${child}`), keys: printing.flatMap(({ key }, index) => (open[index] ? [key] : [])) }
    })
    return [{ seen: mine('self'), keys: null }, ...(await Promise.all(ofWards))]
  }

  typed(app).get(
    '/v1/me/documents',
    hubRoute(app, { key: 'me.documents', summary: '我的证明', tag: TAG_ME, schema: list }),
    async (request) => {
      const page = request.query
      const { rows, total } = await app.heldDocuments.ofHolder(await shares(request), page)
      return answer(request, rows.map(shown), { number: page.page, size: page.pageSize, total })
    },
  )

  const params = part.input({ id: part.id('证明编号') }, ['id'])
  typed(app).delete(
    '/v1/me/documents/:id',
    hubRoute(app, { key: 'me.documents.revoke', summary: '撤销我的一份证明', tag: TAG_ME, schema: { params, response: empty } }),
    async (request, reply) => {
      const { id } = request.params
      request.audit.target = id
      if (!(await app.heldDocuments.revoke(id, await shares(request)))) throw noDocument()
      return reply.code(204).send(null)
    },
  )
}

/** A child's account that is shut. */
function shut(error: unknown): null {
  if (error instanceof HubError && error.status < 500) return null
  throw error
}

/** Whoever may have an enterprise's document printed sees and revokes those that he had; its legal representative all of them. */
function ofEnterprise(app: FastifyInstance): void {
  const printing = [...app.services.values()].filter(
    (service) => isPrinted(service) && (service.contract.audience === 'enterprise' || service.contract.agents),
  )

  async function admitted(request: FastifyRequest): Promise<Share[]> {
    const id = pathId(request, 'id')
    const { user, claims } = callerOf(request)
    request.audit.enterprise = id
    const isOther = claims.enterprise !== null && claims.enterprise !== id
    const open = await Promise.all(printing.map(async ({ key }) => !isOther && (await app.users.mandate(user.id, id, key)) !== null))
    const keys = printing.flatMap(({ key }, index) => (open[index] ? [key] : []))
    // The same for an enterprise that there is and one that there isn't.
    if (keys.length === 0) throw new HubError('HUB_MANDATE_REQUIRED', { stepUp: { method: 'mandate' } })
    const shares = keys.map(async (key) => {
      const represents = await app.standing.represents(user.id, id, key)
      return { seen: seenBy({ userId: user.id, principal: `enterprise:${id}`, represents }), keys: [key] }
    })
    return Promise.all(shares)
  }

  typed(app).get(
    '/v1/enterprises/:id/documents',
    hubRoute(app, {
      key: 'enterprises.documents',
      summary: '单位的证明',
      tag: TAG_ENTERPRISE,
      schema: { params: part.input({ id: part.id('单位编号') }, ['id']), ...list },
    }),
    async (request) => {
      const page = request.query
      const { rows, total } = await app.heldDocuments.ofHolder(await admitted(request), page)
      return answer(request, rows.map(shown), { number: page.page, size: page.pageSize, total })
    },
  )

  typed(app).delete(
    '/v1/enterprises/:id/documents/:documentId',
    hubRoute(app, {
      key: 'enterprises.documents.revoke',
      summary: '撤销单位的一份证明',
      tag: TAG_ENTERPRISE,
      schema: {
        params: part.input({ id: part.id('单位编号'), documentId: part.id('证明编号') }, ['id', 'documentId']),
        response: empty,
      },
    }),
    async (request, reply) => {
      const { documentId } = request.params
      request.audit.target = documentId
      if (!(await app.heldDocuments.revoke(documentId, await admitted(request)))) throw noDocument()
      return reply.code(204).send(null)
    },
  )
}
