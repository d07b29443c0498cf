import { type SwitchState, switchStates } from '../../../calendar/switches.ts'
import type { Block, ConsolePage, Tone } from '../../../console/blocks.ts'
import { choices, first, follow, pathOf, purposeField, readable } from '../../../console/parts.ts'
import type { Desk, Visit } from '../../../console/section.ts'

export interface Switched {
  connector: string
  name: string
  agency: string
  state: SwitchState
  stateName: string
  title: string | null
  changedBy: string | null
  changedAt: string | null
  /** Version of the one that stands beside it. */
  candidate: string | null
}

const SWITCH_TONES: Readonly<Record<SwitchState, Tone>> = { on: 'good', drain: 'note', off: 'bad' }

export async function switchesOf({ get }: Visit): Promise<Map<string, Switched>> {
  const { data } = await get<Switched[]>('/admin/connectors')
  return new Map(data.map((each) => [each.connector, each]))
}

/** How a connector is switched, and a form that switches it for who may. */
export async function switchBlocks(visit: Visit, connector: string): Promise<Block[]> {
  const found = (await switchesOf(visit)).get(connector)
  if (!found) return []
  const { state, stateName, title, changedBy, changedAt } = found
  const told: Block = {
    kind: 'facts',
    rows: [
      ['开关', { text: stateName, tone: SWITCH_TONES[state], ...(changedAt === null ? {} : { more: `从 ${readable(changedAt)} 起` }) }],
      ...(title === null ? [] : [['原因', title] as const]),
      ...(changedBy === null ? [] : [['操作人', changedBy] as const]),
    ],
  }
  return visit.may('connectors.switch') ? [told, form(connector, state)] : [told]
}

/** `show`: the page of the connector, as it is then. */
export function turnPage(desk: Desk, show: (visit: Visit) => Promise<ConsolePage>): void {
  desk.act('/connectors/:id/switch', 'connectors.switch', async (visit, typed) => {
    const title = first(typed, 'title').trim()
    const body = { state: first(typed, 'state'), purpose: first(typed, 'purpose'), ...(title === '' ? {} : { title }) }
    const path = pathOf`/admin/connectors/${visit.part('id')}/switch`
    return follow(await visit.ask({ method: 'POST', path, body }), '已切换：五秒之内在所有进程生效。', () => show(visit))
  })
}

function form(connector: string, state: SwitchState): Block {
  return {
    ...{ kind: 'form', action: `/console/connectors/${connector}/switch`, title: '切换', button: '切换', folded: true },
    fields: [
      {
        ...{ name: 'state', label: '开关', type: 'choice', required: true, value: state, options: choices(switchStates) },
        hint: '排空：进行中的办完，新的不再受理；停用：立即停止，后台任务也不再访问对方系统',
      },
      { name: 'title', label: '原因（公众可见）', type: 'text', maxLength: 40, hint: '排空和停用时必填，如“数据核对”' },
      purposeField,
    ],
  }
}
