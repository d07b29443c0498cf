import { type ChangeKind, changes, changeTitles } from '../../../confirmations/changes/index.ts'
import { type RequestState, requestStates } from '../../../confirmations/states.ts'
import type { Cell, ConsolePage, Form, Tone } from '../../../console/blocks.ts'
import { choices, first, follow, link, pager, pathOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Section, Visit } from '../../../console/section.ts'
import { choiceNames } from '../../../route-kit/part.ts'

interface Concerned {
  id: string
  name: string | null
}

interface Request {
  id: string
  kind: ChangeKind
  kindName: string
  state: RequestState
  stateName: string
  subject: Concerned | null
  other: Concerned | null
  target: string | null
  facts: Readonly<Record<string, unknown>> | null
  shown: Readonly<Record<string, unknown>> | null
  requestedBy: string
  reason: string
  requestedAt: string
  expiresAt: string
  decidedBy: string | null
  decisionReason: string | null
  decidedAt: string | null
}

const PATH = '/console/requests'
const TONES: Readonly<Record<RequestState, Tone>> = {
  requested: 'note',
  confirmed: 'good',
  rejected: 'bad',
  withdrawn: 'plain',
  expired: 'plain',
}
const titles = Object.fromEntries(Object.entries(requestStates).map(([state, { title }]) => [state, title]))
const DEEDS = {
  confirmation: { words: '确认', said: '已确认，随即办理。' },
  rejection: { words: '驳回', said: '已驳回。' },
  withdrawal: { words: '撤回', said: '已撤回。' },
} as const

/** What takes two administrators: what waits for the second one, and deciding it. */
export const requests: Section = {
  path: PATH,
  title: '待确认',
  permission: 'requests.read',
  routes(desk) {
    desk.page('/requests', list)
    desk.page('/requests/:id', one)
    for (const [deed, { said }] of Object.entries(DEEDS))
      desk.act(`/requests/:id/${deed}`, 'requests.decide', async (visit, typed) => {
        const path = pathOf`/admin/requests/${visit.part('id')}/${deed}`
        const answer = await visit.ask({ method: 'POST', path, body: { purpose: first(typed, 'purpose') } })
        return follow(answer, said, () => one(visit))
      })
  },
}

async function list({ get, given, query }: Visit): Promise<ConsolePage> {
  const narrowed = { state: query('state'), ...given('kind') }
  const { data, meta } = await get<Request[]>(withQuery('/admin/requests', { ...narrowed, ...given('page') }))
  return {
    title: '须由另一位管理员确认的申请',
    blocks: [
      {
        kind: 'filters',
        action: PATH,
        fields: [
          { name: 'state', label: '状态', type: 'choice', value: query('state'), options: choices(titles, '所有') },
          { name: 'kind', label: '种类', type: 'choice', value: query('kind'), options: choices(changeTitles, '所有') },
        ],
      },
      {
        kind: 'table',
        caption: '申请',
        columns: ['种类', '状态', '涉及', '事由', '申请时间', '到期时间'],
        rows: data.map(({ id, kindName, state, stateName, subject, target, reason, requestedAt, expiresAt }) => [
          link(kindName, `${PATH}/${id}`),
          { text: stateName, tone: TONES[state] },
          subject ? named(subject) : target,
          reason,
          readable(requestedAt),
          readable(expiresAt),
        ]),
        empty: '没有申请。',
      },
      pager(PATH, meta.page, narrowed),
    ],
  }
}

async function one({ get, part, may, seat }: Visit): Promise<ConsolePage> {
  const { data } = await get<Request>(pathOf`/admin/requests/${part('id')}`)
  // Whoever asked takes it back; whoever else decides. The API holds everybody to it.
  const deeds = data.requestedBy === seat.userId ? (['withdrawal'] as const) : (['confirmation', 'rejection'] as const)
  const open = data.state === 'requested' && may('requests.decide')
  return {
    title: data.kindName,
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['状态', { text: data.stateName, tone: TONES[data.state] }],
          ['涉及的用户', data.subject && named(data.subject)],
          ...(data.other ? [['另一个用户', named(data.other)] as const] : []),
          ...(data.target === null ? [] : [['涉及的应用', data.target] as const]),
          ...told(data.kind, data.facts),
          ...told(data.kind, data.shown),
          ['提出申请的管理员', data.requestedBy],
          ['事由', data.reason],
          ['申请时间', readable(data.requestedAt)],
          ['到期时间', readable(data.expiresAt)],
          ['处理的管理员', data.decidedBy],
          ['处理的事由', data.decisionReason],
          ['处理时间', readable(data.decidedAt)],
        ],
      },
      ...(open ? deeds.map((deed) => form(data.id, deed)) : []),
      { kind: 'links', links: [{ text: '回到待确认', href: PATH }] },
    ],
  }
}

const named = ({ id, name }: Concerned): Cell => ({ text: name ?? '未实名用户', more: id })

/** By the titles of what is kept of such a request; a choice by its words. */
function told(kind: ChangeKind, things: Readonly<Record<string, unknown>> | null): [string, Cell][] {
  const { properties } = changes[kind].payload as { properties?: Readonly<Record<string, { title?: string }>> }
  return Object.entries(things ?? {}).map(([name, value]) => {
    const part = properties?.[name] ?? {}
    const words = typeof value === 'string' ? (choiceNames.get(part)?.[value] ?? value) : JSON.stringify(value)
    return [part.title ?? name, words]
  })
}

function form(id: string, deed: keyof typeof DEEDS): Form {
  const { words } = DEEDS[deed]
  return {
    ...{ kind: 'form', action: `${PATH}/${id}/${deed}`, title: `${words}这项申请`, button: words, fields: [purposeField] },
    ...(deed === 'rejection' ? { tone: 'bad' as const } : {}),
  }
}
