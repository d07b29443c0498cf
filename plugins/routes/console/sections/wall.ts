import type { Tile, Tone } from '../../../console/blocks.ts'
import { choices, percent, readable, withQuery } from '../../../console/parts.ts'
import type { Section } from '../../../console/section.ts'
import { systemStates } from '../../../operations/system-state.ts'
import type { ListedSystem } from '../../health.ts'
import { connectorPage } from './connector.ts'
import { TONES } from './states.ts'
import { type Switched, switchesOf } from './switch.ts'

const GRAVITY: readonly Tone[] = ['bad', 'note', 'plain', 'good']
const graver = (a: ListedSystem, b: ListedSystem) => GRAVITY.indexOf(TONES[a.state]) - GRAVITY.indexOf(TONES[b.state])

/** Every connector with the gravest state of its systems: the sick first, then by name. */
export const wall: Section = {
  path: '/console',
  title: '连接器墙',
  permission: 'health.read',
  routes(desk) {
    connectorPage(desk)
    desk.page('', async (visit) => {
      const { get, query } = visit
      const [{ data, meta }, switches] = await Promise.all([get<ListedSystem[]>('/admin/health'), switchesOf(visit)])
      const connectors = Map.groupBy([...data].sort(graver), ({ connector }) => connector)
      const worst = [...connectors.values()].flatMap(([first]) => first ?? [])
      const counts = Map.groupBy(worst, ({ state }) => state)
      const wanted = query('state')
      const shown = worst.filter(({ state }) => wanted === '' || state === wanted)
      const summary = [...counts].map(([state, some]) => ({ text: `${systemStates[state]} ${some.length}`, tone: TONES[state] }))
      return {
        title: '连接器墙',
        blocks: [
          {
            kind: 'facts',
            rows: [
              ['连接器', `${worst.length} 个`],
              ['状态', summary],
              ['数据时间', readable(meta['asOf'])],
            ],
          },
          {
            kind: 'filters',
            action: '/console',
            fields: [{ name: 'state', label: '状态', type: 'choice', value: wanted, options: choices(systemStates, '所有') }],
          },
          {
            kind: 'tiles',
            tiles: shown.map((first) => tileOf(first, connectors.get(first.connector) ?? [], switches.get(first.connector))),
          },
          { kind: 'links', links: [{ text: '刷新', href: withQuery('/console', { state: wanted }) }] },
        ],
      }
    })
  },
}

function tileOf(
  { connector, name, agency, state, stateName, since, planned }: ListedSystem,
  systems: readonly ListedSystem[],
  switched: Switched | undefined,
): Tile {
  const calls = systems.reduce((sum, { calls }) => sum + calls, 0)
  const good = systems.reduce((sum, { calls, successRate }) => sum + calls * (successRate ?? 0), 0)
  const sick = systems.length > 1 ? systems.filter((system) => system.state !== 'up') : []
  const until = planned ? [`${planned.reason}，预计 ${readable(planned.until)} 恢复`] : []
  return {
    title: name,
    href: `/console/connectors/${connector}`,
    state: { text: stateName, tone: TONES[state] },
    lines: [
      agency,
      `从 ${readable(since)} 起`,
      calls === 0 ? '五分钟内没有调用' : `五分钟内 ${calls} 次，成功 ${percent(good / calls)}`,
      ...until,
      ...(switched && switched.state !== 'on' ? [`${switched.stateName}：${switched.title}`] : []),
      ...sick.map((system) => `${system.system}：${system.stateName}`),
    ],
  }
}
