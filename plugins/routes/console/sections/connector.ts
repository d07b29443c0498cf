import type { Block, Cell, ConsolePage, Table } from '../../../console/blocks.ts'
import { ending, pathOf, percent, readable, withQuery } from '../../../console/parts.ts'
import type { Desk, Visit } from '../../../console/section.ts'
import type { StatisticsRow } from '../../../operations/statistics/ask.ts'
import type { ListedSystem } from '../../health.ts'
import { candidateBlocks, candidateForm } from './candidate.ts'
import { closingActs, closingBlocks } from './closings.ts'
import { TONES } from './states.ts'
import { switchBlocks, turnPage } from './switch.ts'

interface Oddity {
  service: string
  kind: string
  field: string
  count: number
  last: string
}

const DAY_MS = 86_400_000
const HOURS = 24
const DAYS = 30
/** Of the services that take longest. */
const MOST_SLOW = 10

/** One connector: its systems, what its services take, what is open, and what could not be read; with the calls of a day and a month. */
export function connectorPage(desk: Desk): void {
  desk.page('/connectors/:id', show)
  turnPage(desk, show)
  candidateForm(desk, show)
  closingActs(desk, show)
}

async function show(visit: Visit): Promise<ConsolePage> {
  const id = visit.part('id')
  const { data } = await visit.get<{ systems: ListedSystem[]; oddities: Oddity[] }>(pathOf`/admin/health/${id}`)
  const { systems, oddities } = data
  const services = systems.flatMap(({ services }) => services)
  return {
    title: systems[0]?.name ?? id,
    blocks: [
      ...(await switchBlocks(visit, id)),
      ...(await candidateBlocks(visit, id)),
      ...systems.flatMap((system) => systemBlocks(system, systems.length > 1)),
      ...(await closingBlocks(
        visit,
        id,
        systems.map(({ system }) => system),
      )),
      ...(await chartBlocks(visit, id)),
      { kind: 'heading', text: '最慢的服务' },
      slowest(services),
      { kind: 'heading', text: '熔断' },
      open(systems),
      { kind: 'heading', text: '无法识别的内容' },
      unreadable(oddities),
      { kind: 'links', links: [{ text: '回到连接器墙', href: '/console' }] },
    ],
  }
}

function systemBlocks(system: ListedSystem, isOneOfSeveral: boolean): Block[] {
  const { state, stateName, since, agency, calls, successRate, latency, planned, probe, lastFailure, reason } = system
  const rows: [string, Cell][] = [
    ['状态', { text: stateName, tone: TONES[state], more: `从 ${readable(since)} 起` }],
    ['单位', agency],
    ...(reason === null ? [] : [['连接器自身的问题', { text: reason, tone: 'bad' }] as [string, Cell]]),
    ['五分钟内', calls === 0 ? '没有调用' : `${calls} 次，成功 ${percent(successRate)}`],
    ['用时', latency === null ? null : `中位数 ${latency.p50} 毫秒，95% ${latency.p95} 毫秒，99% ${latency.p99} 毫秒`],
    ['超时、认证失败、无法识别', `${system.timedOut}、${system.unauthorised}、${system.unreadable}`],
    ['最近一次成功', system.lastSuccess === null ? null : readable(system.lastSuccess)],
    ['最近一次失败', lastFailure === null ? null : `${readable(lastFailure.at)} ${lastFailure.code}`],
    ['探测', probe === null ? null : `${readable(probe.at)} ${probe.ok ? '有应答' : `没有应答 ${probe.code}`}，${probe.ms} 毫秒`],
    ...(planned ? [['计划内停机', `${planned.reason}，预计 ${readable(planned.until)} 恢复`] as [string, Cell]] : []),
    ['对方证书到期', ending(system.certificateEnds, Date.now())],
    ['凭据的最后有效日', ending(system.credentialsExpire, Date.now())],
    ['受影响的服务', system.affected.length === 0 ? null : system.affected.join('、')],
  ]
  return [...(isOneOfSeveral ? [{ kind: 'heading', text: system.system } as const] : []), { kind: 'facts', rows }]
}

type Service = ListedSystem['services'][number]

function slowest(services: readonly Service[]): Table {
  const timed = services.flatMap((service) => (service.latency === null ? [] : [{ ...service, latency: service.latency }]))
  const slow = timed.sort((a, b) => b.latency.p95 - a.latency.p95).slice(0, MOST_SLOW)
  return {
    kind: 'table',
    caption: '五分钟内，95% 用时最长的在前',
    columns: ['服务', '调用', '成功率', '中位数（毫秒）', '95%（毫秒）'],
    rows: slow.map(({ service, calls, successRate, latency }) => [service, calls, percent(successRate), latency.p50, latency.p95]),
    empty: '五分钟内没有调用。',
  }
}

const BREAKERS = { closed: '接通', open: '断开', 'half-open': '试探' } as const

function open(systems: readonly ListedSystem[]): Table {
  const own = systems.filter(({ breaker }) => breaker !== 'closed').map(({ system, breaker }) => [system, breaker] as const)
  const services = systems
    .flatMap(({ services }) => services)
    .filter(({ breaker }) => breaker !== 'closed')
    .map(({ service, breaker }) => [service, breaker] as const)
  return {
    kind: 'table',
    caption: '没有接通的',
    columns: ['系统或服务', '熔断器'],
    rows: [...own, ...services].map(([name, breaker]) => [name, { text: BREAKERS[breaker], tone: breaker === 'open' ? 'bad' : 'note' }]),
    empty: '都接通。',
  }
}

function unreadable(oddities: readonly Oddity[]): Table {
  return {
    kind: 'table',
    caption: '对方答复里读不懂的字段，只记名称和次数',
    columns: ['服务', '字段', '种类', '次数', '最近一次'],
    rows: oddities.map(({ service, field, kind, count, last }) => [service, field, kind, count, readable(last)]),
    empty: '没有。',
  }
}

/** Calls, failures and duration by the hour of a day, and by the day of a month. */
async function chartBlocks(visit: Visit, connector: string): Promise<Block[]> {
  const now = Date.now()
  const dayOf = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10)
  const ask = (by: 'hour' | 'day', days: number) =>
    visit.get<StatisticsRow[]>(withQuery('/admin/statistics', { by, connector, from: dayOf(now - days * DAY_MS), to: dayOf(now) }))
  const [hours, days] = await Promise.all([ask('hour', 1), ask('day', DAYS - 1)])
  const drawn = await visit.charts([...linesOf('24 小时', hours.data.slice(-HOURS)), ...linesOf('30 天', days.data)])
  return [{ kind: 'heading', text: '调用' }, ...drawn]
}

function linesOf(span: string, rows: readonly StatisticsRow[]) {
  const labels = rows.map(({ key }) => key.slice(5))
  const calls = { name: '调用', values: rows.map(({ calls }) => calls) }
  const failed = { name: '没有成功', values: rows.map(({ failed }) => failed) }
  const times = (['p50Ms', 'p95Ms'] as const).map((name) => ({
    name: name === 'p50Ms' ? '中位数' : '95%',
    values: rows.map((row) => row[name]),
  }))
  return [
    { kind: 'lines', title: `${span}内的调用`, unit: '次', labels, series: [calls, failed] },
    { kind: 'lines', title: `${span}内的用时`, unit: '毫秒', labels, series: times },
  ] as const
}
