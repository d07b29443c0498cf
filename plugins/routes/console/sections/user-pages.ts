import type { Block, Cell, ConsolePage, Facts, Form, Table } from '../../../console/blocks.ts'
import { choices, pager, pathOf, purposeField, readable, withQuery } from '../../../console/parts.ts'
import type { Desk, Visit } from '../../../console/section.ts'
import type { Person } from '../../../users/people.ts'
import { type presentEvent, type presentRecord, userStatuses } from '../../../users/person-view.ts'
import { loginMethods } from '../../../users/security/settings.ts'
import { userKinds } from '../../../users/service-access.ts'
import type { UserService } from '../../admin/user-services.ts'
import type { presentLogIn } from '../../me-sessions.ts'

const PATH = '/console/users'
type Detail = Person & { loginFailures: number }

/** One user: his data, verifications and changes; what he may use and why; where he is logged in. */
export function userPages(desk: Desk): void {
  desk.page('/users/:id', (visit) => userPage(visit))
  desk.page('/users/:id/services', servicesPage)
  desk.page('/users/:id/sessions', sessionsPage)
}

export async function userPage({ get, part, may }: Visit): Promise<ConsolePage> {
  const id = part('id')
  const { data: person } = await get<Detail>(pathOf`/admin/users/${id}`)
  const { data: records } = await get<ReturnType<typeof presentRecord>[]>(pathOf`/admin/users/${id}/real-name-records`)
  const { data: events } = await get<ReturnType<typeof presentEvent>[]>(pathOf`/admin/users/${id}/events`)
  const changes = person.status === 'deregistered' || person.status === 'merged' ? [] : formsOf(person, may)
  return {
    title: person.name ?? person.nickname ?? '未实名用户',
    blocks: [factsOf(person), waysFrom(id), recordTable(records), eventTable(events), ...changes],
  }
}

function factsOf(person: Detail): Facts {
  const { status, lockedUntil, authMethods, level } = person
  const methods = authMethods.map((method) => loginMethods[method as keyof typeof loginMethods] ?? method)
  return {
    kind: 'facts',
    rows: [
      ['用户编号', person.id],
      ['姓名', person.name],
      ['身份证号', person.idNumber],
      ['手机号', person.phone],
      ['昵称', person.nickname],
      ['头像', person.avatarUrl],
      ['认证方式', methods.join('、') || null],
      ['安全等级', level === 'real-name' ? '实名' : '登录'],
      ['类型', userKinds[person.kind]],
      [
        '状态',
        {
          text: userStatuses[status],
          tone: status === 'active' ? 'good' : 'note',
          ...(lockedUntil ? { more: `到 ${readable(lockedUntil)}` } : {}),
        },
      ],
      ['连续登录失败', `${person.loginFailures} 次`],
      ['注册时间', readable(person.registeredAt)],
      ['最后登录', readable(person.lastLoginAt)],
    ],
  }
}

const waysFrom = (id: string): Block => ({
  kind: 'links',
  links: [
    { text: '能使用的服务和原因', href: `${PATH}/${id}/services` },
    { text: '登录记录', href: `${PATH}/${id}/sessions` },
    { text: '所有用户', href: PATH },
  ],
})

function recordTable(records: readonly ReturnType<typeof presentRecord>[]): Table {
  const rows = records.map(({ at, channel, name, idNumber, recordedBy }) => [readable(at), channel, name, idNumber, recordedBy])
  return {
    kind: 'table',
    caption: '实名认证记录',
    columns: ['时间', '渠道', '姓名', '身份证号', '经办管理员'],
    rows,
    empty: '没有实名认证。',
  }
}

function eventTable(events: readonly ReturnType<typeof presentEvent>[]): Table {
  const rows = events.map(({ at, from, to, actor, reason }) => [
    readable(at),
    `${userStatuses[from]} → ${userStatuses[to]}`,
    actor ?? '系统',
    reason,
  ])
  return { kind: 'table', caption: '状态的变更', columns: ['时间', '变更', '操作人', '事由'], rows, empty: '状态没有变更过。' }
}

function formsOf({ id, status, nickname, avatarUrl, level, kind, version }: Detail, may: Visit['may']): Form[] {
  const act = (name: string, title: string, more: Partial<Form> = {}): Form => ({
    ...{ kind: 'form', action: `${PATH}/${id}/${name}`, title, fields: [purposeField], button: title, folded: true },
    ...more,
  })
  const statusForms = [
    ...(status === 'disabled' ? [act('enable', '启用')] : [act('disable', '停用', { tone: 'bad' })]),
    ...(status === 'locked' ? [act('unlock', '解锁')] : status === 'active' ? [act('lock', '锁定')] : []),
  ]
  const change = act('change', '修改资料', {
    fields: [
      { name: 'nickname', label: '昵称', type: 'text', value: nickname ?? '', maxLength: 32 },
      { name: 'avatarUrl', label: '头像（https 地址）', type: 'text', value: avatarUrl ?? '', maxLength: 500 },
      { name: 'level', label: '安全等级', type: 'choice', value: level, options: choices({ login: '登录', 'real-name': '实名' }) },
      { name: 'kind', label: '类型', type: 'choice', value: kind, options: choices(userKinds) },
      { name: 'version', label: '', type: 'hidden', value: version },
      purposeField,
    ],
  })
  const phone = act('phone', '修改手机号（须另一位管理员确认）', {
    fields: [{ name: 'phone', label: '新的手机号', type: 'text', required: true, maxLength: 64 }, purposeField],
    button: '申请修改',
  })
  const deletion = act('delete', '删除用户（须另一位管理员确认）', { tone: 'bad', button: '申请删除' })
  return [...(may('users.status') ? statusForms : []), ...(may('users.change') ? [change, phone, deletion] : [])]
}

async function servicesPage({ get, part, given, query }: Visit): Promise<ConsolePage> {
  const id = part('id')
  const filter = given('usable')
  const { data, meta } = await get<UserService[]>(withQuery(pathOf`/admin/users/${id}/services`, { ...filter, ...given('page') }))
  const path = `${PATH}/${id}/services`
  const options = choices({ yes: '能使用的', no: '不能使用的' }, '所有')
  const reasonsOf = ({ closed, ways }: UserService): Cell => {
    const barred = ways.flatMap(({ name, reason }) => (reason ? [`${name ? `${name}：` : ''}${reason.title}（${reason.code}）`] : []))
    const allowed = ways.flatMap(({ as, name, reason }) => (reason ? [] : [as === 'self' ? '以本人名义' : `代表${name ?? ''}`]))
    return [closed ? `${closed.title}：${closed.detail}` : '', ...barred, ...allowed].filter((text) => text !== '').join('；')
  }
  const rows = data.map((one): Cell[] => [
    { text: one.name, more: one.agency },
    { text: one.usable ? '能使用' : '不能使用', tone: one.usable ? 'good' : 'note' },
    reasonsOf(one),
    one.conditions.join('；') || null,
  ])
  return {
    title: '能使用的服务和原因',
    blocks: [
      { kind: 'filters', action: path, fields: [{ name: 'usable', label: '只看', type: 'choice', value: query('usable'), options }] },
      { kind: 'table', caption: '按此刻的规则', columns: ['服务', '能否使用', '原因', '每次另需'], rows, empty: '没有符合条件的服务。' },
      pager(path, meta.page, filter),
      { kind: 'links', links: [{ text: '回到用户', href: `${PATH}/${id}` }] },
    ],
  }
}

async function sessionsPage({ get, part, given }: Visit): Promise<ConsolePage> {
  const id = part('id')
  const { data, meta } = await get<ReturnType<typeof presentLogIn>[]>(withQuery(pathOf`/admin/users/${id}/sessions`, given('page')))
  const rows = data.map((one): Cell[] => [
    { text: one.kindName, ...(one.application ? { more: one.application.name ?? one.application.id } : {}) },
    one.device.name,
    one.address === null ? null : { text: one.address, ...(one.addressName ? { more: one.addressName } : {}) },
    readable(one.signedOnAt),
    readable(one.lastSeenAt),
    { text: one.stateName, tone: one.state === 'present' ? 'good' : 'plain' },
  ])
  const columns = ['种类', '设备', '来源地址', '登录时间', '最近使用', '状态']
  return {
    title: '登录记录',
    blocks: [
      { kind: 'table', caption: '现在的和 180 天以内的', columns, rows, empty: '没有登录记录。' },
      pager(`${PATH}/${id}/sessions`, meta.page, {}),
      { kind: 'links', links: [{ text: '回到用户', href: `${PATH}/${id}` }] },
    ],
  }
}
