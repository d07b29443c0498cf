import type { ConsolePage, Form, Tone } from '../../../console/blocks.ts'
import { choices, first, follow, link, pager, pathOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Section, Visit } from '../../../console/section.ts'
import { type AlertState, alertTitles } from '../../../operations/alerts/states.ts'
import { silencePages } from './silences.ts'

interface Alert {
  id: string
  title: string
  target: string
  severity: keyof typeof severities
  state: AlertState
  stateName: string
  words: string
  since: string
  toldAt: string | null
  acknowledgedBy: string | null
  acknowledgedAt: string | null
  endedAt: string | null
  quiet: boolean
}

interface Detailed extends Alert {
  events: { at: string; event: string; by: string | null; detail: string | null }[]
}

const PATH = '/console/alerts'
const severities = { critical: '严重', warning: '警告', info: '提示' } as const
const GRAVE: Readonly<Record<keyof typeof severities, Tone>> = { critical: 'bad', warning: 'note', info: 'plain' }
const TONES: Readonly<Record<AlertState, Tone>> = {
  pending: 'plain',
  firing: 'bad',
  acknowledged: 'note',
  resolved: 'good',
  passed: 'plain',
}
const EVENTS: Readonly<Record<string, string>> = {
  fired: '发生',
  told: '已通知',
  escalated: '已升级',
  acknowledged: '已确认',
  resolved: '已恢复',
}

/** What is wrong, the latest first, and that somebody is at it. */
export const alerts: Section = {
  path: PATH,
  title: '告警',
  permission: 'alerts.read',
  routes(desk) {
    desk.page('/alerts', list)
    silencePages(desk)
    desk.page('/alerts/:id', one)
    desk.act('/alerts/:id/acknowledge', 'alerts.change', async (visit, typed) => {
      const body = { purpose: first(typed, 'purpose') }
      const answer = await visit.ask({ method: 'POST', path: pathOf`/admin/alerts/${visit.part('id')}/acknowledge`, body })
      return follow(answer, '已确认：不再重复通知。', () => one(visit))
    })
  },
}

async function list({ get, given, query }: Visit): Promise<ConsolePage> {
  const narrowed = given('state', 'severity')
  const { data, meta } = await get<Alert[]>(withQuery('/admin/alerts', { ...narrowed, ...given('page') }))
  const rows = data.map(({ id, title, target, severity, state, stateName, words, since, quiet }) => [
    link(title, `${PATH}/${id}`, target),
    { text: severities[severity], tone: GRAVE[severity] },
    { text: stateName, tone: TONES[state], ...(quiet ? { more: '静默' } : {}) },
    words,
    readable(since),
  ])
  return {
    title: '告警',
    blocks: [
      {
        kind: 'filters',
        action: PATH,
        fields: [
          { name: 'state', label: '状态', type: 'choice', value: query('state'), options: choices(alertTitles, '所有') },
          { name: 'severity', label: '程度', type: 'choice', value: query('severity'), options: choices(severities, '所有') },
        ],
      },
      { kind: 'links', links: [{ text: '静默', href: `${PATH}/silences` }] },
      { kind: 'table', caption: '最近的在前', columns: ['告警', '程度', '状态', '现况', '自何时'], rows, empty: '没有告警。' },
      pager(PATH, meta.page, narrowed),
    ],
  }
}

async function one({ get, part, may }: Visit): Promise<ConsolePage> {
  const { data } = await get<Detailed>(pathOf`/admin/alerts/${part('id')}`)
  const acknowledge: Form = {
    ...{ kind: 'form', action: `${PATH}/${data.id}/acknowledge`, title: '确认告警', button: '确认' },
    fields: [{ ...purposeField, hint: '谁在处理、怎么处理；确认之后不再重复通知' }],
  }
  return {
    title: data.title,
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['对象', data.target],
          ['程度', { text: severities[data.severity], tone: GRAVE[data.severity] }],
          ['状态', { text: data.stateName, tone: TONES[data.state] }],
          ['现况', data.words],
          ['自何时', readable(data.since)],
          ['最近一次通知', readable(data.toldAt)],
          ['谁在处理', data.acknowledgedBy],
          ['何时结束', readable(data.endedAt)],
        ],
      },
      ...(data.state === 'firing' && may('alerts.change') ? [acknowledge] : []),
      {
        kind: 'table',
        caption: '经过',
        columns: ['时间', '事件', '操作人', '说明'],
        rows: data.events.map(({ at, event, by, detail }) => [readable(at), EVENTS[event] ?? event, by, detail]),
        empty: '还没有经过。',
      },
      { kind: 'links', links: [{ text: '回到告警', href: PATH }] },
    ],
  }
}
