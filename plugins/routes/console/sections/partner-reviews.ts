import type { Block, Cell, ConsolePage, Form, Table, Tone } from '../../../console/blocks.ts'
import { choices, first, follow, link, pager, pathOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Desk, Visit } from '../../../console/section.ts'
import { reviewKinds } from '../../../partners/rows.ts'
import type { ReviewState } from '../../../partners/states.ts'
import { type presentReview, states } from '../../partners/shown.ts'

const PATH = '/console/partner-reviews'
export type Review = ReturnType<typeof presentReview> & { partnerName: string; reviewedBy: string | null; decidedBy: string | null }

const TONES: Readonly<Record<ReviewState, Tone>> = {
  draft: 'plain',
  confirmed: 'plain',
  checked: 'note',
  reviewed: 'note',
  approved: 'good',
  refused: 'bad',
  withdrawn: 'plain',
}
const DEEDS = {
  review: {
    words: '业务审核通过',
    said: '已通过业务审核：再由另一位管理员批准。',
    permission: 'partners.review',
    hint: '须由另一位管理员批准',
  },
  approve: { words: '批准', said: '已批准。', permission: 'partners.approve', hint: '须由业务审核人以外的系统管理员批准' },
  refuse: { words: '退回', said: '已退回。', permission: 'partners.review', hint: '写明理由，申请人看得到' },
} as const
/** What is on each step to be done, in the order of {@link DEEDS}. */
const OPEN: Partial<Record<ReviewState, readonly (keyof typeof DEEDS)[]>> = {
  checked: ['review', 'refuse'],
  reviewed: ['approve', 'refuse'],
}
const CONTENT: Readonly<Record<string, string>> = {
  introduction: '业务介绍',
  name: '应用名称',
  home: '主页',
  purpose: '用途',
  safety: '安全措施',
  redirectUris: '回调地址',
  rights: '申请的权限',
}

/** What partners ask for, decided by two people one after the other. */
export function reviewPages(desk: Desk): void {
  desk.page('/partner-reviews', list)
  desk.page('/partner-reviews/:id', one)
  for (const [deed, { said, permission }] of Object.entries(DEEDS))
    desk.act(`/partner-reviews/:id/${deed}`, permission, async (visit, typed) => {
      const path = pathOf`/admin/partner-reviews/${visit.part('id')}/${deed}`
      const answer = await visit.ask({ method: 'POST', path, body: { purpose: first(typed, 'purpose') } })
      return follow(answer, said, () => one(visit))
    })
}

/** What waits for somebody's decision, on the section's first page. */
export async function waitingReviews({ get }: Visit): Promise<Block[]> {
  const asked = (state: ReviewState) => get<Review[]>(withQuery('/admin/partner-reviews', { state, pageSize: 20 }))
  const [checked, reviewed] = await Promise.all([asked('checked'), asked('reviewed')])
  return [{ kind: 'heading', text: '待审核' }, reviewTable([...reviewed.data, ...checked.data])]
}

export function reviewTable(reviews: readonly Review[]): Table {
  return {
    kind: 'table',
    caption: '审核：先业务审核，再由另一位管理员批准',
    columns: ['种类', '单位', '状态', '自动检查', '申请时间'],
    rows: reviews.map(({ id, kindName, partnerName, state, stateName, checks, createdAt }) => [
      link(kindName, `${PATH}/${id}`),
      partnerName,
      { text: stateName, tone: TONES[state] },
      `${checks.filter(({ passed }) => passed).length} / ${checks.length} 项通过`,
      readable(createdAt),
    ]),
    empty: '没有审核。',
  }
}

async function list({ get, given, query }: Visit): Promise<ConsolePage> {
  const narrowed = given('state', 'kind', 'partnerId')
  const { data, meta } = await get<Review[]>(withQuery('/admin/partner-reviews', { ...narrowed, ...given('page') }))
  return {
    title: '接入审核',
    blocks: [
      {
        kind: 'filters',
        action: PATH,
        fields: [
          { name: 'state', label: '状态', type: 'choice', value: query('state'), options: choices(states.review, '所有') },
          { name: 'kind', label: '种类', type: 'choice', value: query('kind'), options: choices(reviewKinds, '所有') },
        ],
      },
      reviewTable(data),
      pager(PATH, meta.page, narrowed),
      { kind: 'links', links: [{ text: '回到接入方', href: '/console/partners' }] },
    ],
  }
}

async function one({ get, part, may }: Visit): Promise<ConsolePage> {
  const { data } = await get<Review>(pathOf`/admin/partner-reviews/${part('id')}`)
  const deeds = (OPEN[data.state] ?? []).filter((deed) => may(DEEDS[deed].permission))
  return {
    title: `${data.kindName}：${data.partnerName}`,
    blocks: [
      {
        kind: 'facts',
        rows: [
          ['状态', { text: data.stateName, tone: TONES[data.state] }],
          ['单位', link(data.partnerName, `/console/partners/${data.partnerId}`)],
          ...(data.applicationId === null
            ? []
            : [['应用', link(data.applicationId, `/console/partner-applications/${data.applicationId}`)] as const]),
          ['申请时间', readable(data.createdAt)],
          ['业务审核人', data.reviewedBy],
          ['业务审核意见', data.reviewOpinion],
          ['批准或退回的人', data.decidedBy],
          ['理由', data.decisionReason],
        ],
      },
      { kind: 'heading', text: '申请的内容' },
      { kind: 'facts', rows: Object.entries(data.content).map(([name, value]) => [CONTENT[name] ?? name, contentCell(value)]) },
      {
        kind: 'table',
        caption: '自动检查',
        columns: ['检查项', '结果', '原因'],
        rows: data.checks.map(({ title, passed, detail }) => [
          title,
          { text: passed ? '通过' : '没有通过', tone: passed ? 'good' : 'bad' },
          detail,
        ]),
        empty: '还没有检查。',
      },
      ...deeds.map((deed) => form(data.id, deed)),
      { kind: 'links', links: [{ text: '全部审核', href: PATH }] },
    ],
  }
}

/** What was asked for, as it was written: a text, texts, or rights each with its reason. */
function contentCell(value: unknown): Cell {
  const all = Array.isArray(value) ? value : [value]
  return all.map((each) => {
    const isRight = typeof each === 'object' && each !== null && 'scope' in each
    if (isRight) return { text: String(each.scope), more: 'why' in each ? String(each.why) : '' }
    return typeof each === 'string' ? each : JSON.stringify(each)
  })
}

function form(id: string, deed: keyof typeof DEEDS): Form {
  const { words, hint } = DEEDS[deed]
  return {
    ...{ kind: 'form', action: `${PATH}/${id}/${deed}`, title: words, button: words, fields: [{ ...purposeField, hint }] },
    ...(deed === 'refuse' ? { tone: 'bad' as const, folded: true } : {}),
  }
}
