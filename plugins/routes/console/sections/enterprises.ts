import type { ConsolePage, Filters, Form } from '../../../console/blocks.ts'
import { choices, link, pager, purposeField, readable, trouble, withQuery } from '../../../console/parts.ts'
import type { Section, Visit } from '../../../console/section.ts'
import { enterpriseStatuses } from '../../../mandates/enterprise-states.ts'
import type { Enterprises } from '../../../mandates/enterprises.ts'
import { textOf } from './acted.ts'
import { enterpriseActs, factsIn } from './enterprise-acts.ts'
import { enterprisePage } from './enterprise-page.ts'

const PATH = '/console/enterprises'
type Row = Awaited<ReturnType<Enterprises['find']>>['rows'][number]

/** 法人管理: found, looked at as a graph, frozen; what says who one is waits for a second administrator. */
export const enterprises: Section = {
  path: PATH,
  title: '企业',
  permission: 'enterprises.read',
  routes(desk) {
    desk.page('/enterprises', listPage)
    desk.page('/enterprises/:id', enterprisePage)
    desk.act('/enterprises/register', 'enterprises.change', async (visit, typed) => {
      const body = { uscc: textOf(typed, 'uscc'), ...factsIn(typed), purpose: textOf(typed, 'purpose') }
      const answer = await visit.ask({ method: 'POST', path: '/admin/enterprises', body })
      const page = await listPage(visit)
      if (answer.ok) return { said: '已提出申请，由另一位管理员确认后办理。', page }
      return { said: null, page: { ...page, status: answer.status, blocks: [trouble(answer.problem), ...page.blocks] } }
    })
    enterpriseActs(desk)
  },
}

async function listPage({ get, given, query, may }: Visit): Promise<ConsolePage> {
  const filter = given('name', 'uscc', 'status')
  const { data, meta } = await get<Row[]>(withQuery('/admin/enterprises', { ...filter, ...given('page') }))
  const filters: Filters = {
    kind: 'filters',
    action: PATH,
    fields: [
      { name: 'name', label: '企业名称（部分）', type: 'text', value: query('name'), maxLength: 100 },
      { name: 'uscc', label: '统一社会信用代码', type: 'text', value: query('uscc'), maxLength: 64 },
      { name: 'status', label: '状态', type: 'choice', value: query('status'), options: choices(enterpriseStatuses, '未删除的') },
    ],
  }
  const rows = data.map(({ id, name, uscc, status, registeredState, checkedAt }) => [
    link(name, `${PATH}/${id}`),
    uscc,
    { text: enterpriseStatuses[status], tone: status === 'active' ? 'good' : 'note' } as const,
    registeredState,
    readable(checkedAt),
  ])
  const columns = ['企业', '统一社会信用代码', '状态', '登记状态', '核对时间']
  return {
    title: '企业',
    blocks: [
      filters,
      { kind: 'table', caption: '企业', columns, rows, empty: '没有符合条件的企业。' },
      pager(PATH, meta.page, filter),
      ...(may('enterprises.change') ? [registerForm] : []),
    ],
  }
}

const registerForm: Form = {
  kind: 'form',
  action: `${PATH}/register`,
  title: '登记企业（须另一位管理员确认）',
  fields: [
    { name: 'uscc', label: '统一社会信用代码', type: 'text', required: true, maxLength: 64 },
    { name: 'name', label: '企业名称', type: 'text', required: true, maxLength: 255 },
    { name: 'registeredState', label: '登记状态', type: 'text', maxLength: 32 },
    { name: 'establishedOn', label: '成立日期', type: 'date' },
    purposeField,
  ],
  button: '申请登记',
  folded: true,
}
