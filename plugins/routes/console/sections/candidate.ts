import type { Block, Cell, ConsolePage, Field } from '../../../console/blocks.ts'
import { choices, first, follow, pathOf, purposeField, readable } from '../../../console/parts.ts'
import type { Desk, Visit } from '../../../console/section.ts'
import { type CandidateMode, candidateModes } from '../../../operations/candidates/modes.ts'
import { switchesOf } from './switch.ts'

interface Shown {
  running: string | null
  version: string
  mode: CandidateMode
  modeName: string
  shadowShare: number
  share: number
  reason: string | null
  changedAt: string | null
  comparison: {
    reads: number
    same: number
    skipped: number
    callers: number | null
    fields: { service: string; field: string; equal: number; missing: number; added: number; type: number; value: number }[]
  }
  verdict: { ready: boolean; reasons: string[] }
}

/** A connector's candidate version: how it is used and how it does, with a form for who may; nothing where there is none. */
export async function candidateBlocks(visit: Visit, connector: string): Promise<Block[]> {
  if ((await switchesOf(visit)).get(connector)?.candidate === null) return []
  const { data: shown } = await visit.get<Shown>(pathOf`/admin/connectors/${connector}/candidate`)
  const { running, version, mode, modeName, shadowShare, share, reason, changedAt, comparison, verdict } = shown
  const { reads, same, skipped, callers } = comparison
  const rows: [string, Cell][] = [
    ['版本', `${version}（现行 ${running ?? '没有注明'}）`],
    [
      '用法',
      { text: modeName, tone: mode === 'off' ? 'plain' : 'note', ...(changedAt === null ? {} : { more: `从 ${readable(changedAt)} 起` }) },
    ],
    ['比例', `比对 ${shadowShare}% 的查询，答复 ${share}% 的用户`],
    ['比对', `${reads} 次，一致 ${same} 次，没有比对 ${skipped} 次，${callers === null ? '用户很少' : `约 ${callers} 名用户`}`],
    ['结论', { text: verdict.ready ? '可以答复全部用户' : verdict.reasons.join('；'), tone: verdict.ready ? 'good' : 'note' }],
    ...(reason === null ? [] : [['自动收回', { text: reason, tone: 'bad' }] as [string, Cell]]),
  ]
  return [
    { kind: 'heading', text: '候选版本' },
    { kind: 'facts', rows },
    fieldsOf(shown),
    ...(visit.may('connectors.switch') ? [form(connector, shown)] : []),
  ]
}

/** `show`: the page of the connector, as it is then. */
export function candidateForm(desk: Desk, show: (visit: Visit) => Promise<ConsolePage>): void {
  desk.act('/connectors/:id/candidate', 'connectors.switch', async (visit, typed) => {
    const [shadowShare, share] = ['shadowShare', 'share'].map((name) => Number(first(typed, name)))
    const body = { mode: first(typed, 'mode'), shadowShare, share, purpose: first(typed, 'purpose') }
    const path = pathOf`/admin/connectors/${visit.part('id')}/candidate`
    return follow(await visit.ask({ method: 'PUT', path, body }), '已设置：五秒之内在所有进程生效。', () => show(visit))
  })
}

function fieldsOf({ comparison: { fields } }: Shown): Block {
  return {
    ...{ kind: 'table', caption: '与现行版本不一致的字段，只记名称和次数', empty: '没有。' },
    columns: ['服务', '字段', '一致', '缺少', '多出', '类型不同', '值不同'],
    rows: fields
      .filter(({ missing, added, type, value }) => missing + added + type + value > 0)
      .map(({ service, field, equal, missing, added, type, value }) => [service, field, equal, missing, added, type, value]),
  }
}

function form(connector: string, { mode, shadowShare, share }: Shown): Block {
  const number = (name: string, label: string, value: number, hint: string): Field => {
    return { name, label, type: 'number', required: true, value: String(value), hint }
  }
  return {
    ...{ kind: 'form', action: `/console/connectors/${connector}/candidate`, title: '设置候选版本', button: '设置', folded: true },
    fields: [
      {
        ...{ name: 'mode', label: '用法', type: 'choice', required: true, value: mode, options: choices(candidateModes) },
        hint: '影子比对：现行版本答复之后再问候选版本，只作比对；灰度：另由候选版本答复一部分用户',
      },
      number('shadowShare', '参加比对的查询（%）', shadowShare, '0 至 100'),
      number('share', '由候选版本答复的用户（%）', share, '0 至 100，只用于灰度'),
      purposeField,
    ],
  }
}
