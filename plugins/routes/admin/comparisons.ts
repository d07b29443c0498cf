import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { execute } from '../../../core/call/execute.ts'
import { compareDues, verdicts } from '../../kinds/query/comparison.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { pseudonymOf } from '../../users/users.ts'
import { adminRoute } from './route.ts'

const EVERYTHING = { keep: () => true, sort: null, columns: null, page: 1, pageSize: 1 }
const amount = (title: string) => part.maybe(title, { type: ['number', 'null'] })
const compared = { due: amount('应收'), received: amount('实收'), outstanding: amount('应收减实收') }
const pair = part.row({ title: part.text('项目'), ...compared })

const event = part.row({
  facts: part.list('登记内容', part.row({ name: part.text('字段'), title: part.text('名称'), value: part.maybe('内容') })),
  pairs: part.list('逐项对比', pair),
  total: part.row(compared),
  remaining: amount('对方所记剩余欠款'),
  verdict: part.choice('核验结果', verdicts),
  verdictName: part.text('核验结果的名称'),
})
const comparison = part.row({ title: part.text('名称'), events: part.list('逐笔', event), totals: part.list('合计', pair) })

/**
 * 管理端实收/应收对比: what a declared service of an agency says of one user's debts, for 清收核验. Asked live, with a purpose that
 * stands in the audit row beside whose records they are; nothing that the declaration doesn't name is shown.
 */
export function comparisonRoutes(app: FastifyInstance): void {
  const offered = () => [...app.services.values()].filter(({ contract }) => contract.comparison)
  const service = part.row({ service: part.text('服务'), name: part.text('名称'), title: part.text('对比') })

  typed(app).get(
    '/admin/comparisons',
    adminRoute(app, {
      key: 'comparisons.list',
      summary: '可以核对应收和实收的服务',
      permission: 'comparisons.read',
      schema: { response: { 200: answerOf(part.list('服务', service)) } },
    }),
    async (request) =>
      answer(
        request,
        offered().map(({ key, contract }) => ({ service: key, name: contract.name, title: contract.comparison?.title ?? '' })),
      ),
  )

  typed(app).post(
    '/admin/comparisons/:service',
    adminRoute(app, {
      key: 'comparisons.compare',
      summary: '核对一位用户的应收和实收',
      permission: 'comparisons.read',
      rate: { max: 30, perSeconds: 60 },
      schema: {
        params: part.input({ service: part.text('服务', { maxLength: 128 }) }, ['service']),
        body: part.input({ userId: part.id('用户编号'), purpose }, ['userId', 'purpose']),
        response: { 200: answerOf(comparison) },
      },
    }),
    async (request) => {
      const found = offered().find(({ key }) => key === request.params.service)
      const upstream = found && app.upstreams.get(found.system)
      const policy = found?.contract.comparison
      if (!upstream || !policy) throw new HubError('HUB_NO_RECORD', { detail: '没有这项可以核对的服务。' })
      const { userId } = request.body
      Object.assign(request.audit, { target: pseudonymOf(app.vault, userId), connector: found.connector.id })
      const person = (await app.people.read(userId)) ? (await app.users.byId(userId)).person : null
      if (!person) throw new HubError('HUB_NO_RECORD', { detail: '没有这个用户，或者还没有实名。' })
      const { rows, upstreamStatus, upstreamMs } = await execute(
        found,
        upstream,
        { userId, person, enterprise: null },
        {},
        EVERYTHING,
        true,
      )
      Object.assign(request.audit, { upstreamStatus, upstreamMs, rows: rows.length, fields: fieldsOf(policy) })
      return answer(request, { title: policy.title, ...compareDues(found.contract, policy, rows) })
    },
  )
}

function fieldsOf({
  events,
  pairs,
  remaining,
}: {
  events: readonly string[]
  pairs: readonly { due: string; received: string }[]
  remaining: string
}) {
  return [...events, ...pairs.flatMap(({ due, received }) => [due, received]), remaining]
}
