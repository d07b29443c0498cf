import { beijing } from '../../../../core/base/time.ts'
import type { Block, Cell, ConsolePage, Table, Tone } from '../../../console/blocks.ts'
import { link, pathOf, readable, withQuery } from '../../../console/parts.ts'
import type { Visit } from '../../../console/section.ts'
import type { KeyState } from '../../../oauth/client-keys.ts'
import type { StatisticsRow } from '../../../operations/statistics/ask.ts'
import { chartOf } from '../../../operations/statistics/chart.ts'
import type { ApplicationState } from '../../../partners/states.ts'
import { type Application, applicationForms } from './partner-application-acts.ts'

interface Call {
  at: string
  service: string
  serviceName: string
  user: string | null
  fields: string[]
  outcome: string
  status: number
  durationMs: number
}

export const APPLICATION_TONES: Readonly<Record<ApplicationState, Tone>> = {
  applied: 'note',
  testing: 'note',
  running: 'good',
  suspended: 'bad',
  offline: 'plain',
  closed: 'plain',
}

const KEY_TONES: Readonly<Record<KeyState, Tone>> = { living: 'good', ending: 'note', ended: 'plain', revoked: 'bad' }
const PERIODS = { perMinute: '每分钟', perDay: '每日', perMonth: '每月' } as const
const DAY_MS = 86_400_000
const DAYS = 30

/** One application: its rights, keys, limits, and what it called. */
export async function applicationPage(visit: Visit): Promise<ConsolePage> {
  const { get, part } = visit
  const id = part('id')
  const { data } = await get<Application>(pathOf`/admin/partner-applications/${id}`)
  const { data: calls } = await get<Call[]>(withQuery(pathOf`/admin/partner-applications/${id}/calls`, { pageSize: 20 }))
  return {
    title: data.name,
    blocks: [
      factsOf(data),
      { kind: 'heading', text: '密钥' },
      keyTable(data),
      { kind: 'heading', text: '权限和限额' },
      rightTable(data),
      { kind: 'heading', text: '调用趋势' },
      ...(await trendBlocks(visit, id)),
      callTable(calls),
      ...(visit.may('partners.change') ? applicationForms(data) : []),
      { kind: 'links', links: [{ text: '接入的应用', href: '/console/partner-applications' }] },
    ],
  }
}

function factsOf({ partnerId, partnerName, home, clientId, state, stateName, createdAt, updatedAt }: Application): Block {
  return {
    kind: 'facts',
    rows: [
      ['单位', link(partnerName, `/console/partners/${partnerId}`)],
      ['状态', { text: stateName, tone: APPLICATION_TONES[state] }],
      ['主页', home],
      ['客户端编号', clientId],
      ['申请时间', readable(createdAt)],
      ['变动时间', readable(updatedAt)],
    ],
  }
}

function keyTable({ keys }: Application): Table {
  return {
    kind: 'table',
    caption: '密钥的内容只有接入方自己见过一次',
    columns: ['编号', '状态', '生成', '失效', '最近使用'],
    rows: keys.map(({ id, state, stateName, createdAt, endsAt, revokedAt, lastUsedAt }) => [
      id,
      { text: stateName, tone: KEY_TONES[state] },
      readable(createdAt),
      revokedAt === null ? (endsAt === null ? '不自动失效' : readable(endsAt)) : `${readable(revokedAt)} 撤销`,
      readable(lastUsedAt),
    ]),
    empty: '接入方还没有生成密钥，应用不能使用。',
  }
}

/** Each right with its own limits; `*` for all together. */
function rightTable({ rights, limits, used }: Application): Table {
  const services = [...new Set(['*', ...rights, ...limits.map(({ service }) => service)])]
  const cellOf = (service: string, period: keyof typeof PERIODS): Cell => {
    const limit = limits.find((each) => each.service === service)?.[period]
    const taken = used.find((each) => each.service === service && each.period === period)?.used ?? 0
    return limit == null ? null : { text: String(limit), more: `已用 ${taken}`, ...(taken >= limit ? { tone: 'bad' as const } : {}) }
  }
  return {
    kind: 'table',
    caption: '限额：空的不限；已用的含各进程领取而未用的',
    columns: ['权限', ...Object.values(PERIODS)],
    rows: services.map((service) => [
      service === '*' ? '全部合计' : rights.includes(service) ? service : { text: service, more: '没有这项权限' },
      ...(Object.keys(PERIODS) as (keyof typeof PERIODS)[]).map((period) => cellOf(service, period)),
    ]),
    empty: '没有权限。',
  }
}

async function trendBlocks(visit: Visit, id: string): Promise<Block[]> {
  const now = Date.now()
  const span = { from: beijing(now - (DAYS - 1) * DAY_MS).slice(0, 10), to: beijing(now).slice(0, 10) }
  const asked = (by: 'day' | 'service') =>
    visit.get<Pick<StatisticsRow, 'key' | 'calls' | 'failed' | 'meanMs'>[]>(
      withQuery(pathOf`/admin/partner-applications/${id}/trend`, { by, ...span }),
    )
  const [days, services] = await Promise.all([asked('day'), asked('service')])
  const rows = days.data.map((row) => ({ ...row, name: row.key, p50Ms: null, p95Ms: null, users: null, fewUsers: false }))
  const chart = { ...chartOf({ by: 'day', measure: 'calls', ...span, now }, rows), title: `${DAYS} 天的调用` }
  return [
    ...(await visit.charts([chart])),
    {
      kind: 'table',
      caption: `${DAYS} 天里各服务的调用`,
      columns: ['服务', '调用', '没有成功', '平均用时（毫秒）'],
      rows: services.data.map(({ key, calls, failed, meanMs }) => [key, calls, failed, meanMs]),
      empty: `${DAYS} 天里没有调用。`,
    },
  ]
}

function callTable(calls: readonly Call[]): Table {
  return {
    kind: 'table',
    caption: '一天以来的调用，先发生的在前，至多 20 次',
    columns: ['时间', '服务', '用户（化名）', '答复的字段', '结果', '毫秒'],
    rows: calls.map(({ at, service, serviceName, user, fields, outcome, status, durationMs }) => [
      readable(at),
      { text: serviceName, more: service },
      user?.slice(0, 8) ?? null,
      fields.join('、') || null,
      { text: outcome, tone: status < 400 ? 'good' : status < 500 ? 'note' : 'bad' },
      Math.round(durationMs),
    ]),
    empty: '一天以来没有调用。',
  }
}
