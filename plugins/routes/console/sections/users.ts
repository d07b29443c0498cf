import type { ConsolePage, Filters, Form, Table } from '../../../console/blocks.ts'
import { choices, link, pager, purposeField, readable, trouble, withQuery } from '../../../console/parts.ts'
import type { Section, Visit } from '../../../console/section.ts'
import type { Person } from '../../../users/people.ts'
import { userStatuses } from '../../../users/person-view.ts'
import { userKinds } from '../../../users/service-access.ts'
import { userActs } from './user-acts.ts'
import { userPages } from './user-pages.ts'

const PATH = '/console/users'
export const userLevels = { login: '登录', 'real-name': '实名' }

/** 用户管理: found, looked at, changed; what says who somebody is waits for a second administrator. */
export const users: Section = {
  path: PATH,
  title: '用户',
  permission: 'users.read',
  routes(desk) {
    desk.page('/users', listPage)
    desk.act('/users/search', 'users.read', async (visit, typed) => {
      const given = ['name', 'idNumber', 'phone'].flatMap((name) => (typed[name]?.[0] ? [[name, typed[name][0]]] : []))
      const purpose = typed['purpose']?.[0]
      const answer = await visit.ask({ method: 'POST', path: '/admin/users/search', body: { ...Object.fromEntries(given), purpose } })
      if (!answer.ok) return { said: null, page: { title: '用户', status: answer.status, blocks: [trouble(answer.problem), searchForm] } }
      return { said: null, page: { title: '查找的结果', blocks: [tableOf(answer.data as Person[]), searchForm] } }
    })
    userPages(desk)
    userActs(desk)
  },
}

async function listPage({ get, given, query, may }: Visit): Promise<ConsolePage> {
  const filter = given('status', 'kind', 'level', 'enterpriseId')
  const { data, meta } = await get<Person[]>(withQuery('/admin/users', { ...filter, ...given('page') }))
  const filters: Filters = {
    kind: 'filters',
    action: PATH,
    fields: [
      { name: 'status', label: '状态', type: 'choice', value: query('status'), options: choices(userStatuses, '所有') },
      { name: 'kind', label: '类型', type: 'choice', value: query('kind'), options: choices(userKinds, '所有') },
      { name: 'level', label: '安全等级', type: 'choice', value: query('level'), options: choices(userLevels, '所有') },
      { name: 'enterpriseId', label: '单位编号', type: 'text', value: query('enterpriseId'), maxLength: 36 },
    ],
  }
  return {
    title: '用户',
    blocks: [filters, tableOf(data), pager(PATH, meta.page, filter), searchForm, ...(may('users.change') ? [openForm] : [])],
  }
}

function tableOf(rows: readonly Person[]): Table {
  return {
    kind: 'table',
    caption: '用户（脱敏）',
    columns: ['用户', '身份证号', '手机号', '类型', '状态', '最后登录'],
    rows: rows.map(({ id, name, nickname, idNumber, phone, kind, status, lastLoginAt }) => [
      link(name ?? nickname ?? '未实名用户', `${PATH}/${id}`, id),
      idNumber,
      phone,
      userKinds[kind],
      { text: userStatuses[status], tone: status === 'active' ? 'good' : 'note' },
      readable(lastLoginAt),
    ]),
    empty: '没有符合条件的用户。',
  }
}

/** What names a person is in no address. */
const searchForm: Form = {
  kind: 'form',
  action: `${PATH}/search`,
  title: '按姓名、身份证号或手机号查找',
  fields: [
    { name: 'name', label: '姓名（完整）', type: 'text', maxLength: 50 },
    { name: 'idNumber', label: '身份证号', type: 'text', maxLength: 64 },
    { name: 'phone', label: '手机号', type: 'text', maxLength: 64 },
    purposeField,
  ],
  button: '查找',
  folded: true,
}

const openForm: Form = {
  kind: 'form',
  action: `${PATH}/open`,
  title: '新增用户',
  fields: [
    {
      name: 'subject',
      label: '在统一登录中的编号',
      type: 'text',
      required: true,
      maxLength: 200,
      hint: '实名由统一登录或柜台核验，不在这里填写',
    },
    { name: 'nickname', label: '昵称', type: 'text', maxLength: 32 },
    { name: 'kind', label: '类型', type: 'choice', value: 'ordinary', options: choices(userKinds) },
    purposeField,
  ],
  button: '新增',
  folded: true,
}
