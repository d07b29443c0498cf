import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import type { ProcessView } from '../../operations/process-states.ts'
import { systemStates } from '../../operations/system-state.ts'
import { TIERS } from '../../operations/tiers/level.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { part } from '../../route-kit/part.ts'
import type { ListedSystem } from '../health.ts'
import { adminRoute } from './route.ts'

const number = (title: string) => Type.Unsafe<number>({ type: 'number', title })
const whole = (title: string) => Type.Unsafe<number>({ type: 'integer', title })

/** What real calls of the last five minutes say, in all processes; of durations those of the slowest. */
const figures = {
  calls: whole('调用次数（五分钟内）'),
  successRate: Type.Unsafe<number | null>({ type: ['number', 'null'], title: '成功率' }),
  unreadable: whole('无法识别的答复'),
  unauthorised: whole('认证失败'),
  timedOut: whole('超时'),
  latency: part.maybeRow('耗时（毫秒）', { p50: number('中位数'), p95: number('95%'), p99: number('99%') }),
  lastSuccess: part.maybe('最近一次成功'),
  lastFailure: part.maybeRow('最近一次失败', { at: part.text('时间'), code: part.text('错误码') }),
}

const breaker = part.text('熔断器', { enum: ['closed', 'open', 'half-open'] })
const system = part.row({
  connector: part.text('连接器'),
  name: part.text('名称'),
  tier: part.maybeRow('等级', {
    tier: part.text('等级', { enum: [...TIERS] }),
    reason: part.text('为什么没有更高'),
    since: part.moment('从何时起'),
  }),
  system: part.text('系统'),
  agency: part.text('单位'),
  status: part.text('状况', { enum: ['pass', 'warn', 'fail'] }),
  state: part.choice('状态', systemStates),
  stateName: part.text('状态名称'),
  since: part.moment('从何时起'),
  reason: part.maybe('连接器自身的问题'),
  cause: part.maybe('问题的技术原因，供开发者看（英文）'),
  planned: part.maybeRow('计划内停机', { reason: part.text('原因'), until: part.moment('预计恢复') }),
  breaker,
  certificateEnds: part.maybe('对方证书到期时间'),
  credentialsExpire: part.maybe('凭据的最后有效日'),
  probe: part.maybeRow('探测', {
    ok: part.flag('有应答'),
    at: part.text('时间'),
    ms: whole('耗时（毫秒）'),
    code: part.maybe('错误码'),
    asked: part.text('问的是服务还是网关'),
  }),
  affected: part.list('受影响的服务', part.text('服务')),
  services: part.list('各项服务', part.row({ service: part.text('服务'), status: part.text('状况'), breaker, ...figures })),
  ...figures,
})
const oddity = part.row({
  service: part.text('服务'),
  kind: part.text('种类'),
  field: part.text('字段'),
  count: whole('次数'),
  last: part.moment('最近一次'),
})

/** How the agencies' systems are, with the figures that the public does not see (docs/operations.md). */
export function healthRoutes(app: FastifyInstance): void {
  typed(app).get(
    '/admin/health',
    adminRoute(app, {
      key: 'health.list',
      summary: '各单位系统的状态和数据',
      permission: 'health.read',
      schema: { response: { 200: answerOf(part.list('系统', system)) } },
    }),
    async (request) => answer(request, await app.health.states()),
  )

  typed(app).get(
    '/admin/health/:connector',
    adminRoute(app, {
      key: 'health.one',
      summary: '一个连接器的状态、数据和无法识别的内容',
      permission: 'health.read',
      schema: {
        params: part.input({ connector: part.text('连接器', { maxLength: 64 }) }, ['connector']),
        response: { 200: answerOf(part.row({ systems: part.list('系统', system), oddities: part.list('无法识别的内容', oddity) })) },
      },
    }),
    async (request) => {
      const { connector } = request.params
      request.audit.target = connector
      const systems = (await app.health.states()).filter((each: ListedSystem) => each.connector === connector)
      if (systems.length === 0) throw new HubError('HUB_NO_RECORD', { detail: '没有这个连接器。' })
      const oddities = odditiesOf(app, connector, await app.processes.others().catch(() => []))
      return answer(request, { systems, oddities })
    },
  )
}

/** What was odd in a connector's answers, since each process began. */
function odditiesOf({ services }: FastifyInstance, connector: string, others: readonly ProcessView[]) {
  const own = [...services].filter(([, service]) => service.connector.id === connector)
  return own.flatMap(([key, { contract, oddities }]) => {
    const all = [oddities.list(), ...others.map((each) => each.oddities?.[key] ?? [])].flat()
    return [...Map.groupBy(all, ({ kind, field }) => `${kind} ${field}`).values()].flatMap((same) => {
      const [first] = same
      if (!first) return []
      const last =
        same
          .map((each) => each.last)
          .sort()
          .at(-1) ?? first.last
      return [{ ...first, service: contract.id, count: same.reduce((sum, { count }) => sum + count, 0), last }]
    })
  })
}
