import { pathOf, trouble } from '../../../console/parts.ts'
import type { Desk, Typed, Visit } from '../../../console/section.ts'
import type { Person } from '../../../users/people.ts'
import { statusActs } from '../../../users/people.ts'
import { acted, textOf } from './acted.ts'
import { userPage } from './user-pages.ts'

/** What an administrator does to a user; the API says whether he may. */
export function userActs(desk: Desk): void {
  for (const [act, { title }] of Object.entries(statusActs))
    desk.act(`/users/:id/${act}`, 'users.status', (visit, typed) =>
      send(visit, { method: 'POST', path: `/${act}`, body: purposeOf(typed) }, `已${title}。`),
    )
  desk.act('/users/:id/change', 'users.change', (visit, typed) => {
    const text = (name: string) => textOf(typed, name)
    const dressed = { nickname: text('nickname') || null, avatarUrl: text('avatarUrl') || null }
    const body = { ...dressed, level: text('level'), kind: text('kind'), version: text('version'), ...purposeOf(typed) }
    return send(visit, { method: 'PATCH', path: '', body }, '已修改。')
  })
  desk.act('/users/:id/phone', 'users.change', (visit, typed) => {
    const body = { phone: textOf(typed, 'phone'), ...purposeOf(typed) }
    return send(visit, { method: 'POST', path: '/phone', body }, ASKED)
  })
  desk.act('/users/:id/delete', 'users.change', (visit, typed) =>
    send(visit, { method: 'POST', path: '/delete', body: purposeOf(typed) }, ASKED),
  )
  desk.act('/users/open', 'users.change', async (visit, typed) => {
    const nickname = textOf(typed, 'nickname')
    const named = nickname === '' ? {} : { nickname }
    const body = { subject: textOf(typed, 'subject'), kind: textOf(typed, 'kind'), ...named, ...purposeOf(typed) }
    const answer = await visit.ask({ method: 'POST', path: '/admin/users', body })
    const back = { kind: 'links', links: [{ text: '所有用户', href: '/console/users' }] } as const
    if (!answer.ok) return { said: null, page: { title: '新增用户', status: answer.status, blocks: [trouble(answer.problem), back] } }
    const { id } = answer.data as Person
    return {
      said: '已新增。',
      page: { title: '新增用户', blocks: [{ kind: 'links', links: [{ text: '查看', href: `/console/users/${id}` }] }] },
    }
  })
}

const ASKED = '已提出申请，由另一位管理员确认后办理。'
const purposeOf = (typed: Typed) => ({ purpose: textOf(typed, 'purpose') })

function send(visit: Visit, { method, path, body }: { method: 'POST' | 'PATCH'; path: string; body: object }, said: string) {
  return acted(visit, { method, path: `${pathOf`/admin/users/${visit.part('id')}`}${path}`, body }, said, userPage)
}
