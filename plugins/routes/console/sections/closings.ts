import type { Block, ConsolePage, Field, Tone } from '../../../console/blocks.ts'
import { first, follow, momentOf, pathOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Desk, Visit } from '../../../console/section.ts'

interface Closing {
  id: string
  system: string
  title: string
  from: string
  to: string
  state: keyof typeof STATES
}

const STATES = { planned: '尚未开始', current: '正在进行', over: '已经结束', ended: '已取消或提前结束' } as const
const TONES: Readonly<Record<keyof typeof STATES, Tone>> = { planned: 'plain', current: 'note', over: 'plain', ended: 'plain' }
/** Of one connector; older ones are of no use at a desk. */
const SHOWN = 20

/** The closings that an agency has announced for a connector, with entering one and taking it back for who may. `systems`: keys of its systems. */
export async function closingBlocks({ get, may }: Visit, connector: string, systems: readonly string[]): Promise<Block[]> {
  const { data } = await get<Closing[]>(withQuery('/admin/closings', { connector, pageSize: SHOWN }))
  const open = data.filter(({ state }) => state === 'planned' || state === 'current')
  const path = `/console/connectors/${encodeURIComponent(connector)}/closings`
  const table: Block = {
    kind: 'table',
    caption: '对方单位公告的停机，最近登记的在前',
    columns: ['系统', '原因', '开始', '恢复', '状态'],
    rows: data.map(({ system, title, from, to, state }) => [
      system,
      title,
      readable(from),
      readable(to),
      { text: STATES[state], tone: TONES[state] },
    ]),
    empty: '没有登记停机。',
  }
  const add: Block = {
    ...{ kind: 'form', action: `${path}/add`, title: '登记停机', button: '登记', folded: true },
    fields: addFields(systems),
  }
  const options = open.map(({ id, title, from }) => ({ value: id, label: `${title}（${readable(from)} 起）` }))
  const end: Block = {
    ...{ kind: 'form', action: `${path}/end`, title: '取消停机，或使它提前结束', button: '取消', tone: 'bad', folded: true },
    fields: [{ name: 'id', label: '哪一项', type: 'choice', required: true, options }, purposeField],
  }
  const forms = may('closings.change') ? [add, ...(open.length > 0 ? [end] : [])] : []
  return [{ kind: 'heading', text: '停机' }, table, ...forms]
}

function addFields(systems: readonly string[]): Field[] {
  return [
    {
      ...{ name: 'system', label: '系统', type: 'choice', required: true },
      options: systems.map((system) => ({ value: system, label: system })),
    },
    { name: 'title', label: '原因（公众可见），如“系统升级”', type: 'text', required: true, maxLength: 40 },
    { name: 'from', label: '开始', type: 'moment', required: true },
    { name: 'to', label: '恢复', type: 'moment', required: true, hint: '北京时间，最长 31 天' },
    purposeField,
  ]
}

/** `show`: the page of the connector, as it is then. */
export function closingActs(desk: Desk, show: (visit: Visit) => Promise<ConsolePage>): void {
  desk.act('/connectors/:id/closings/add', 'closings.change', async (visit, typed) => {
    const [system, title, purpose] = [first(typed, 'system'), first(typed, 'title'), first(typed, 'purpose')]
    const body = { system, title, from: momentOf(first(typed, 'from')), to: momentOf(first(typed, 'to')), purpose }
    const answer = await visit.ask({ method: 'POST', path: '/admin/closings', body })
    return follow(answer, '已登记：五秒之内在所有进程生效。', () => show(visit))
  })
  desk.act('/connectors/:id/closings/end', 'closings.change', async (visit, typed) => {
    const path = pathOf`/admin/closings/${first(typed, 'id')}/end`
    const answer = await visit.ask({ method: 'POST', path, body: { purpose: first(typed, 'purpose') } })
    return follow(answer, '已取消：五秒之内在所有进程生效。', () => show(visit))
  })
}
