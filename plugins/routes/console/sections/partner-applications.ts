import type { ConsolePage, Table } from '../../../console/blocks.ts'
import { choices, link, momentOf, pager, readable, withQuery } from '../../../console/parts.ts'
import type { Desk, Visit } from '../../../console/section.ts'
import { domains } from '../../../partners/rows.ts'
import { type presentApplication, states } from '../../partners/shown.ts'
import { applicationActs } from './partner-application-acts.ts'
import { APPLICATION_TONES, applicationPage } from './partner-application-page.ts'

const PATH = '/console/partner-applications'
export type ListedApplication = ReturnType<typeof presentApplication>

/** Applications of partners, and one of them. */
export function applicationPages(desk: Desk): void {
  desk.page('/partner-applications', list)
  desk.page('/partner-applications/:id', applicationPage)
  applicationActs(desk, applicationPage)
}

export function applicationTable(applications: readonly ListedApplication[]): Table {
  return {
    kind: 'table',
    caption: '接入的应用',
    columns: ['应用', '单位', '服务领域', '状态', '客户端编号', '申请时间'],
    rows: applications.map(({ id, name, partnerName, domain, state, stateName, clientId, createdAt }) => [
      link(name, `${PATH}/${id}`),
      partnerName,
      domains[domain],
      { text: stateName, tone: APPLICATION_TONES[state] },
      clientId,
      readable(createdAt),
    ]),
    empty: '没有应用。',
  }
}

async function list({ get, given, query }: Visit): Promise<ConsolePage> {
  const narrowed = given('state', 'domain', 'partnerId', 'from', 'to')
  const times = Object.fromEntries((['from', 'to'] as const).flatMap((name) => (narrowed[name] ? [[name, momentOf(narrowed[name])]] : [])))
  const { data, meta } = await get<ListedApplication[]>(
    withQuery('/admin/partner-applications', { ...narrowed, ...times, ...given('page') }),
  )
  return {
    title: '接入的应用',
    blocks: [
      {
        kind: 'filters',
        action: PATH,
        fields: [
          { name: 'state', label: '状态', type: 'choice', value: query('state'), options: choices(states.application, '所有') },
          { name: 'domain', label: '服务领域', type: 'choice', value: query('domain'), options: choices(domains, '所有') },
          { name: 'from', label: '申请时间从', type: 'moment', value: query('from') },
          { name: 'to', label: '到', type: 'moment', value: query('to') },
        ],
      },
      applicationTable(data),
      pager(PATH, meta.page, narrowed),
      { kind: 'links', links: [{ text: '回到接入方', href: '/console/partners' }] },
    ],
  }
}
