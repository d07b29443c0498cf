import type { Block, ConsolePage, Field } from '../../../console/blocks.ts'
import { first, follow, momentOf, pathOf, purposeField, readable } from '../../../console/parts.ts'
import type { Desk, Typed, Visit } from '../../../console/section.ts'
import { textOf } from './acted.ts'

interface Silence {
  id: string
  rule: string | null
  target: string | null
  from: string
  until: string
  reason: string
  createdBy: string
}

const PATH = '/console/alerts/silences'
const BACK = { kind: 'links', links: [{ text: '回到告警', href: '/console/alerts' }] } as const

/** 静默: for how long nobody is told of what, now and to come. */
export function silencePages(desk: Desk): void {
  desk.page('/alerts/silences', show)
  desk.act('/alerts/silences/add', 'alerts.change', async (visit, typed) =>
    follow(await visit.ask({ method: 'POST', path: '/admin/alert-silences', body: silenceIn(typed) }), '已静默。', () => show(visit)),
  )
  desk.act('/alerts/silences/end', 'alerts.change', async (visit, typed) => {
    const path = pathOf`/admin/alert-silences/${first(typed, 'id')}/end`
    const answer = await visit.ask({ method: 'POST', path, body: { purpose: first(typed, 'purpose') } })
    return follow(answer, '已结束：又会通知了。', () => show(visit))
  })
}

/** What is empty is all, or now. */
function silenceIn(typed: Typed): object {
  const given = (['rule', 'target'] as const).flatMap((name) => (textOf(typed, name) === '' ? [] : [[name, textOf(typed, name)] as const]))
  const from = textOf(typed, 'from') === '' ? {} : { from: momentOf(textOf(typed, 'from')) }
  return { ...Object.fromEntries(given), ...from, minutes: Number(textOf(typed, 'minutes')), purpose: first(typed, 'purpose') }
}

async function show({ get, may }: Visit): Promise<ConsolePage> {
  const [{ data: silences }, { data: rules }] = await Promise.all([
    get<Silence[]>('/admin/alert-silences'),
    get<{ id: string; title: string }[]>('/admin/alert-rules'),
  ])
  const titles = new Map(rules.map(({ id, title }) => [id, title]))
  const nameOf = (rule: string | null) => (rule === null ? '所有告警' : (titles.get(rule) ?? rule))
  const options = silences.map(({ id, rule, target, until }) => ({
    value: id,
    label: `${nameOf(rule)} ${target ?? ''}（到 ${readable(until)}）`,
  }))
  const end: Block = {
    ...{ kind: 'form', action: `${PATH}/end`, title: '提前结束', button: '结束', folded: true },
    fields: [{ name: 'id', label: '哪一段', type: 'choice', required: true, options }, purposeField],
  }
  return {
    title: '静默',
    blocks: [
      { kind: 'words', text: '静默期间告警照常记录，只是不通知任何人。' },
      {
        kind: 'table',
        caption: '现在的和将来的',
        columns: ['告警', '对象', '从', '到', '事由', '设置人'],
        rows: silences.map(({ rule, target, from, until, reason, createdBy }) => [
          nameOf(rule),
          target ?? '所有对象',
          readable(from),
          readable(until),
          reason,
          createdBy,
        ]),
        empty: '没有静默。',
      },
      ...(may('alerts.change') ? [addForm(rules), ...(silences.length > 0 ? [end] : [])] : []),
      BACK,
    ],
  }
}

function addForm(rules: readonly { id: string; title: string }[]): Block {
  const fields: Field[] = [
    {
      ...{ name: 'rule', label: '告警', type: 'choice' },
      options: [{ value: '', label: '所有' }, ...rules.map(({ id, title }) => ({ value: id, label: title }))],
    },
    { name: 'target', label: '对象', type: 'text', maxLength: 128, hint: '系统的编号，也代表它的各个系统；空：所有' },
    { name: 'from', label: '从', type: 'moment', hint: '空：现在' },
    { name: 'minutes', label: '多少分钟（最长七天）', type: 'number', value: '60', required: true },
    purposeField,
  ]
  return { kind: 'form', action: `${PATH}/add`, title: '新的静默', button: '静默', fields, folded: true }
}
