import { beijing } from '../../../../core/base/time.ts'
import type { Block, ConsolePage, Figures } from '../../../console/blocks.ts'
import { percent, withQuery } from '../../../console/parts.ts'
import type { Desk, Visit } from '../../../console/section.ts'
import { chartOf } from '../../../operations/statistics/chart.ts'
import { systemStates } from '../../../operations/system-state.ts'
import type { ListedSystem } from '../../health.ts'
import { type Counted, countedBy, lastDays, numberOf, usersOf } from './counted.ts'
import { TONES } from './states.ts'

const PATH = '/console/board'
const EVERY_SECONDS = 60
const DAYS = 30
/** So many bars are read from afar. */
const BARS = 8
/** So many systems that are not well are named. */
const NAMED = 8

/** 大屏: how much the hub is used and how its connectors are, for a wall. What it asks for a screen asks again each minute. */
export function boardPage(desk: Desk): void {
  desk.board('/board', EVERY_SECONDS, show)
}

async function show(visit: Visit): Promise<ConsolePage> {
  const [today, month] = [lastDays(1), lastDays(DAYS)]
  const [all, days, hours, week, services, agencies, health, alerts] = await Promise.all([
    countedBy(visit, 'all', today),
    countedBy(visit, 'day', month),
    countedBy(visit, 'hour', lastDays(2)),
    countedBy(visit, 'weekday', month),
    countedBy(visit, 'service', lastDays(7)),
    countedBy(visit, 'agency', lastDays(7)),
    visit.get<ListedSystem[]>('/admin/health'),
    visit.get<unknown[]>(withQuery('/admin/alerts', { state: 'firing', pageSize: 1 })),
  ])
  const now = Date.now()
  const charts = [
    { ...chartOf({ by: 'hour', measure: 'calls', ...lastDays(2), now }, hours), title: '昨天和今天的调用' },
    { ...chartOf({ by: 'day', measure: 'calls', ...month, now }, days), title: `${DAYS} 天的调用` },
    { ...chartOf({ by: 'day', measure: 'users', ...month, now }, days), title: `${DAYS} 天的用户` },
    { ...chartOf({ by: 'service', measure: 'calls', ...lastDays(7), now }, services.slice(0, BARS)), title: '7 天里最多的服务' },
    { ...chartOf({ by: 'agency', measure: 'calls', ...lastDays(7), now }, agencies.slice(0, BARS)), title: '7 天里最多的单位' },
    { ...chartOf({ by: 'weekday', measure: 'calls', ...month, now }, week), title: `${DAYS} 天的忙时` },
  ]
  const drawn = await visit.charts(charts)
  return {
    title: '许昌市政务服务集成中枢',
    board: true,
    blocks: [
      figuresOf(all[0], health.data, alerts.meta.page?.total ?? 0),
      ...unwell(health.data),
      { kind: 'grid', cells: drawn.map((block) => [block]) },
      {
        kind: 'words',
        text: `${beijing(now).slice(0, 16).replace('T', ' ')}，${EVERY_SECONDS} 秒刷新；调用按小时汇总，进行中的一小时不在其内。`,
      },
      stopping(visit.query('refresh') === 'off'),
    ],
  }
}

function figuresOf(all: Counted | undefined, systems: readonly ListedSystem[], firing: number): Figures {
  const up = systems.filter(({ state }) => state === 'up').length
  return {
    kind: 'figures',
    figures: [
      { title: '今天的调用', value: numberOf(all?.calls ?? 0) },
      { title: '今天的用户', value: all ? usersOf(all) : '—' },
      { title: '成功率', value: percent(all?.successRate) },
      { title: '95% 用时（毫秒）', value: numberOf(all?.p95Ms ?? null) },
      { title: '正常的系统', value: `${up} / ${systems.length}`, tone: up === systems.length ? 'good' : 'note' },
      { title: '无人处理的告警', value: numberOf(firing), tone: firing === 0 ? 'good' : 'bad' },
    ],
  }
}

/** The systems that are not well, by name, in colour and word; nothing where all are. */
function unwell(systems: readonly ListedSystem[]): Block[] {
  const sick = systems.filter(({ state }) => state !== 'up')
  if (sick.length === 0) return []
  const named = sick.slice(0, NAMED).map(({ name, state }) => ({ text: `${name} ${systemStates[state]}`, tone: TONES[state] }))
  const others = sick.length > NAMED ? [`另有 ${sick.length - NAMED} 个`] : []
  return [{ kind: 'facts', rows: [['不正常的系统', [...named, ...others]]] }]
}

/** Whoever reads it at his own pace stops it (WCAG 2.2.2). */
function stopping(isStopped: boolean): Block {
  return {
    kind: 'links',
    links: [
      isStopped ? { text: '恢复自动刷新', href: PATH } : { text: '停止自动刷新', href: withQuery(PATH, { refresh: 'off' }) },
      { text: '回到统计', href: '/console/statistics' },
    ],
  }
}
