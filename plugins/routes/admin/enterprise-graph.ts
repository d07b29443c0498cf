import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { graphOf } from '../../operations/enterprise-graph/graph.ts'
import { drawGraph, PICTURE_POLICY } from '../../operations/enterprise-graph/picture.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { noEnterprise, enterpriseParams as params } from './enterprises.ts'
import { adminRoute } from './route.ts'

const SVG = 'image/svg+xml'

const node = part.row({
  id: part.text('编号'),
  kind: part.choice('种类', { enterprise: '企业', person: '个人', service: '服务' }),
  label: part.text('名称（个人的脱敏）'),
  detail: part.maybe('说明（脱敏）'),
  state: part.maybe('状态'),
  userId: part.maybe('绑定的账户'),
})
const edge = part.row({
  from: part.text('从'),
  to: part.text('到'),
  relation: part.choice('关系', { 'legal-representative': '法定代表人', agent: '经办人', handled: '办理' }),
  label: part.text('关系的说明'),
  current: part.flag('现在是否有效'),
  mandateId: part.maybe('授权编号'),
  scope: part.list('可用的系统或服务', part.text('系统或服务')),
  endsAt: part.maybe('结束时间'),
  times: Type.Unsafe<number | null>({ type: ['integer', 'null'], title: '办理次数' }),
})
const matter = part.row({
  id: part.text('编号'),
  kind: part.text('种类'),
  connector: part.text('系统'),
  service: part.text('服务'),
  name: part.text('服务名称'),
  state: part.text('状态'),
  by: part.text('经办的个人（图中的编号）'),
  at: part.moment('时间'),
})
const graph = part.row({
  nodes: part.list('点', node),
  edges: part.list('线', edge),
  matters: part.list('办件（新的在前，分页）', matter),
  left: part.row({ mandates: Type.Integer({ title: '没有画出的授权' }), services: Type.Integer({ title: '没有画出的服务' }) }),
})

/** 法人体系关系图谱 (contract 1.2.1.2.3), as data and as a picture. */
export function enterpriseGraphRoutes(app: FastifyInstance): void {
  typed(app).get(
    '/admin/enterprises/:id/graph',
    adminRoute(app, {
      key: 'enterprises.graph',
      summary: '企业关系图谱：数据，或图（Accept: image/svg+xml）',
      permission: 'enterprises.read',
      schema: { params, querystring: part.input(paging), response: { 200: answerOf(graph) } },
    }),
    async (request, reply) => {
      const { id } = request.params
      const { page, pageSize } = request.query
      request.audit.enterprise = id
      const found = await graphOf(app, id, { page, pageSize })
      if (!found) throw noEnterprise()
      reply.header('vary', 'accept').header('cache-control', 'no-store')
      const { total, ...shown } = found
      const told = answer(request, shown, { number: page, size: pageSize, total })
      if (!request.headers.accept?.toLowerCase().includes(SVG)) return told
      return reply.header('content-security-policy', PICTURE_POLICY).type(SVG).serializer(String).send(drawGraph(found, true))
    },
  )
}
