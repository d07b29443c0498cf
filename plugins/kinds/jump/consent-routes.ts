import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { titleOf } from './facts.ts'
import { handOverOf } from './hand-over.ts'

/** 我的授权, of agencies' own pages: what is handed over whenever their user goes there, and taking it back. */
export function consentRoutes(app: FastifyInstance): void {
  const names = new Map(app.connectors.map(({ id, name, agency }) => [id, { id, name, agency }]))

  const jumps = [...app.services.values()].filter(({ contract }) => contract.kind === 'jump')
  /** What jumps hand over as they are now declared. */
  const current = new Set(jumps.flatMap((service) => [true, false].map((asEnterprise) => handOverOf(service, asEnterprise).key)))

  const listing = hubRoute(app, {
    key: 'authorizations.pages.list',
    summary: '我的授权：打开各部门页面时提供的信息',
    tag: TAG_ME,
    schema: { querystring: part.input(paging), response: { 200: answerOf(part.list('授权', item)) } },
  })
  typed(app).get('/v1/me/authorizations/pages', listing, async (request) => {
    const { page, pageSize } = request.query
    const { rows, total } = await app.jumps.consents.list(callerOf(request).user.id, { page, pageSize })
    const view = rows.map(({ id, connector, enterpriseId, facts, handOver, givenAt, lastUsedAt }) => ({
      id,
      connector: names.get(connector) ?? { id: connector, name: connector, agency: connector },
      enterpriseId,
      facts: facts.map((fact) => ({ id: fact, title: titleOf(fact) })),
      inForce: current.has(handOver),
      givenAt: beijing(givenAt),
      lastUsedAt: lastUsedAt === null ? null : beijing(lastUsedAt),
    }))
    return answer(request, view, { number: page, size: pageSize, total })
  })

  const ending = hubRoute(app, {
    key: 'authorizations.pages.revoke',
    summary: '撤销打开某部门页面时提供信息的授权：下一次打开时重新询问',
    tag: TAG_ME,
    schema: {
      params: part.input({ id: part.id('授权编号') }, ['id']),
      response: { 204: Type.Unsafe({ type: 'null', description: '已撤销' }) },
    },
  })
  typed(app).delete('/v1/me/authorizations/pages/:id', ending, async (request, reply) => {
    if (!(await app.jumps.consents.takeBack(callerOf(request).user.id, request.params.id)))
      throw new HubError('HUB_NO_RECORD', { detail: '没有找到这项授权。' })
    return reply.code(204).send(null)
  })
}

const item = part.row({
  id: part.text('授权编号'),
  connector: part.row({ id: part.text('系统'), name: part.text('名称'), agency: part.text('单位') }),
  enterpriseId: part.maybe('代表的单位'),
  facts: part.list('提供的信息', part.row({ id: part.text('信息项'), title: part.text('说明') })),
  inForce: part.flag('是否仍按此提供：对方或者提供的信息有变化的，不再有效，下次打开时重新询问'),
  givenAt: part.moment('同意时间'),
  lastUsedAt: part.maybe('最近一次提供'),
})
