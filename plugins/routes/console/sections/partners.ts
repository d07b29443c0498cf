import type { Block, ConsolePage, Form, Tone } from '../../../console/blocks.ts'
import { choices, first, follow, link, pager, pathOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Section, Visit } from '../../../console/section.ts'
import { domains, type MemberRole, memberRoles } from '../../../partners/rows.ts'
import type { PartnerState } from '../../../partners/states.ts'
import { type presentPartner, states } from '../../partners/shown.ts'
import { applicationPages, applicationTable, type ListedApplication } from './partner-applications.ts'
import { type Review, reviewPages, reviewTable, waitingReviews } from './partner-reviews.ts'

const PATH = '/console/partners'
type Row = ReturnType<typeof presentPartner>
type Detail = Row & {
  contact: { name: string; phone: string; email: string }
  members: { userId: string; role: MemberRole; addedAt: string }[]
}
interface Event {
  event: string
  applicationId: string | null
  from: string | null
  to: string | null
  by: string | null
  note: string | null
  at: string
}

const TONES: Readonly<Record<PartnerState, Tone>> = { applied: 'note', active: 'good', suspended: 'bad', closed: 'plain' }
const ACTS = { suspend: '已暂停：它的应用随即全部停用。', resume: '已恢复；应用须逐个恢复。' } as const
/** Of one partner; who has more looks at them in the list of their own. */
const SHOWN = 100

/** 接入方: organisations, what they ask for and who decides it, and their applications. */
export const partners: Section = {
  path: PATH,
  title: '接入方',
  permission: 'partners.read',
  routes(desk) {
    desk.page('/partners', list)
    desk.page('/partners/:id', one)
    for (const [act, said] of Object.entries(ACTS))
      desk.act(`/partners/:id/${act}`, 'partners.change', async (visit, typed) => {
        const path = pathOf`/admin/partners/${visit.part('id')}/${act}`
        const answer = await visit.ask({ method: 'POST', path, body: { purpose: first(typed, 'purpose') } })
        return follow(answer, said, () => one(visit))
      })
    reviewPages(desk)
    applicationPages(desk)
  },
}

async function list(visit: Visit): Promise<ConsolePage> {
  const { get, given, query } = visit
  const narrowed = given('state', 'domain', 'text')
  const { data, meta } = await get<Row[]>(withQuery('/admin/partners', { ...narrowed, ...given('page') }))
  return {
    title: '接入方',
    blocks: [
      ...(await waitingReviews(visit)),
      {
        kind: 'links',
        links: [
          { text: '全部审核', href: '/console/partner-reviews' },
          { text: '接入的应用', href: '/console/partner-applications' },
        ],
      },
      { kind: 'heading', text: '单位' },
      {
        kind: 'filters',
        action: PATH,
        fields: [
          { name: 'text', label: '名称（部分）或统一社会信用代码', type: 'text', value: query('text'), maxLength: 100 },
          { name: 'state', label: '状态', type: 'choice', value: query('state'), options: choices(states.partner, '所有') },
          { name: 'domain', label: '服务领域', type: 'choice', value: query('domain'), options: choices(domains, '所有') },
        ],
      },
      {
        kind: 'table',
        caption: '接入的单位',
        columns: ['单位', '统一社会信用代码', '服务领域', '状态', '申请时间'],
        rows: data.map(({ id, name, uscc, domainName, state, stateName, createdAt }) => [
          link(name, `${PATH}/${id}`),
          uscc,
          domainName,
          { text: stateName, tone: TONES[state] },
          readable(createdAt),
        ]),
        empty: '没有符合条件的接入方。',
      },
      pager(PATH, meta.page, narrowed),
    ],
  }
}

async function one({ get, part, given, may }: Visit): Promise<ConsolePage> {
  const id = part('id')
  const of = { partnerId: id, pageSize: SHOWN }
  const { data } = await get<Detail>(pathOf`/admin/partners/${id}`)
  const [applications, reviews, events] = await Promise.all([
    get<ListedApplication[]>(withQuery('/admin/partner-applications', of)),
    get<Review[]>(withQuery('/admin/partner-reviews', of)),
    get<Event[]>(withQuery(pathOf`/admin/partners/${id}/events`, given('page'))),
  ])
  return {
    title: data.name,
    blocks: [
      factsOf(data),
      { kind: 'heading', text: '应用' },
      applicationTable(applications.data),
      { kind: 'heading', text: '审核' },
      reviewTable(reviews.data),
      {
        kind: 'table',
        caption: '成员',
        columns: ['用户', '角色', '加入时间'],
        rows: data.members.map(({ userId, role, addedAt }) => [
          link(userId, `/console/users/${userId}`),
          memberRoles[role],
          readable(addedAt),
        ]),
        empty: '还没有成员。',
      },
      {
        kind: 'table',
        caption: '经过',
        columns: ['时间', '事件', '状态', '操作人', '说明'],
        rows: events.data.map(({ at, event, from, to, by, note }) => [
          readable(at),
          event,
          [from, to].filter((state) => state !== null).join(' → ') || null,
          by,
          note,
        ]),
        empty: '还没有经过。',
      },
      pager(`${PATH}/${data.id}`, events.meta.page, {}),
      ...(may('partners.change') ? formsOf(data) : []),
      { kind: 'links', links: [{ text: '所有接入方', href: PATH }] },
    ],
  }
}

function factsOf({ uscc, domainName, state, stateName, contact, createdAt, updatedAt }: Detail): Block {
  return {
    kind: 'facts',
    rows: [
      ['统一社会信用代码', uscc],
      ['服务领域', domainName],
      ['状态', { text: stateName, tone: TONES[state] }],
      ['联系人', `${contact.name} ${contact.phone} ${contact.email}`],
      ['申请时间', readable(createdAt)],
      ['变动时间', readable(updatedAt)],
    ],
  }
}

function formsOf({ id, state }: Detail): Form[] {
  const form = { kind: 'form', fields: [purposeField], folded: true } as const
  if (state === 'active') return [{ ...form, action: `${PATH}/${id}/suspend`, title: '暂停，连同它的应用', button: '暂停', tone: 'bad' }]
  return state === 'suspended' ? [{ ...form, action: `${PATH}/${id}/resume`, title: '恢复', button: '恢复' }] : []
}
