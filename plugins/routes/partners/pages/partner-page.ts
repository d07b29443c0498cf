import { memberRoles } from '../../../partners/rows.ts'
import { escapeHtml } from '../../../web/page.ts'
import { facts, readable } from '../../../web/parts.ts'
import { draftFields, draftOf } from './draft.ts'
import { choiceField, pager, rowsOf, section, textField } from './parts.ts'
import { type Deeds, idIn, numberIn, type Seat, type Show } from './seat.ts'

const API = '/v1/partners'

interface Partner {
  id: string
  name: string
  uscc: string
  domainName: string
  state: string
  stateName: string
  role: keyof typeof memberRoles
  contact: { name: string; phone: string; email: string }
}
interface Application {
  id: string
  name: string
  stateName: string
  createdAt: string
}
interface Member {
  id: string
  name: string | null
  role: keyof typeof memberRoles
  addedAt: string
  self: boolean
}
interface Invitation {
  id: string
  role: keyof typeof memberRoles
  invitedBy: string | null
  invitedAt: string
  expiresAt: string
}
interface Review {
  id: string
  kindName: string
  state: string
  stateName: string
  checks: readonly { title: string; passed: boolean; detail: string | null }[]
  reviewOpinion: string | null
  decisionReason: string | null
  content: { name?: unknown }
  createdAt: string
}

/** `/partners`: those for which whoever looks acts, and how he joins one. */
export const showPartners: Show = async (seat, told) => {
  const { data } = await seat.read<Partner[]>(`${API}?pageSize=100`)
  const tiles = data.map(
    ({ id, name, stateName, role, domainName }) =>
      `<li><a href="/partners/${escapeHtml(id)}"><i aria-hidden="true">${escapeHtml(name.charAt(0))}</i>${escapeHtml(name)}<small>${escapeHtml(`${domainName} · ${stateName} · ${memberRoles[role]}`)}</small></a></li>`,
  )
  const list = tiles.length === 0 ? '<p class="note">您还不是任何接入方的成员。</p>' : `<ul class="tiles">${tiles.join('')}</ul>`
  const code = textField('code', '回执编号（入驻已批准）或邀请码', 'required maxlength="32" autocomplete="off" spellcheck="false"')
  const join = section('成为成员', seat.form('join', code, '加入'))
  return seat.send('我的接入方', `${told}${list}${join}<p class="ways"><a href="/partners/apply">为新的单位申请入驻</a></p>`)
}

export const listDeeds: Deeds = {
  join: { question: ({ code = '' }) => ({ method: 'POST', path: `${API}/memberships`, body: { code } }) },
}

/** `/partners/{id}`: its applications, reviews and people. */
export const showPartner =
  (id: string): Show =>
  async (seat, told) => {
    const at = `${API}/${id}`
    const page = numberIn(seat)
    const [partner, applications, reviews, members] = await Promise.all([
      seat.read<Partner>(at),
      seat.read<Application[]>(`${at}/applications?page=${page}&pageSize=20`),
      seat.read<Review[]>(`${at}/reviews?pageSize=10`),
      seat.read<Member[]>(`${at}/members`),
    ])
    const { name, uscc, domainName, stateName, role, contact } = partner.data
    const about = facts([
      ['统一社会信用代码', uscc],
      ['服务领域', domainName],
      ['状态', stateName],
      ['我的角色', memberRoles[role]],
      ['联系人', `${contact.name}，${contact.phone}，${contact.email}`],
    ])
    const tiles = applications.data.map(
      (each) =>
        `<li><a href="/partners/${id}/applications/${escapeHtml(each.id)}"><i aria-hidden="true">${escapeHtml(each.name.charAt(0))}</i>${escapeHtml(each.name)}<small>${escapeHtml(`${each.stateName} · ${readable(each.createdAt)}`)}</small></a></li>`,
    )
    const { total = 0 } = (applications.meta['page'] ?? {}) as { total?: number }
    const more = pager(page, 20, total, (to) => `/partners/${id}?page=${to}`)
    const body = [
      section('应用', `${tiles.length === 0 ? '' : `<ul class="tiles">${tiles.join('')}</ul>`}${more}`),
      `<details><summary>申请接入一个应用</summary>${seat.form('apply', draftFields(), '提交申请')}</details>`,
      section('最近的审核', rowsOf(reviews.data.map((review) => reviewRow(seat, review)))),
      section('成员', rowsOf(members.data.map((member) => memberRow(seat, member, role === 'owner')))),
      role === 'owner' ? await invitationsPart(seat, at) : '',
    ]
    return seat.send(name, `${told}${about}${body.join('')}`)
  }

function reviewRow(
  seat: Seat,
  { id, kindName, state, stateName, checks, reviewOpinion, decisionReason, content, createdAt }: Review,
): string {
  const failed = checks.filter(({ passed }) => !passed).map(({ title, detail }) => `${title}：${detail ?? '没有通过'}`)
  const rows: (readonly [string, string])[] = [
    [kindName, typeof content.name === 'string' ? content.name : '—'],
    ['状态', `${stateName}（${readable(createdAt)} 申请）`],
    ...failed.map((words) => ['自动检查', words] as const),
    ...(reviewOpinion === null ? [] : [['审核意见', reviewOpinion] as const]),
    ...(decisionReason === null ? [] : [['理由', decisionReason] as const]),
  ]
  const isOpen = ['confirmed', 'checked', 'reviewed'].includes(state)
  const label = `${kindName}，${readable(createdAt)}`
  return `${facts(rows)}${isOpen ? seat.form('withdraw', '', '撤回', { about: { review: id }, label }) : ''}`
}

function memberRow(seat: Seat, { id, name, role, addedAt, self }: Member, removes: boolean): string {
  const who = `${name ?? '（已停用的账号）'}${self ? '（本人）' : ''}`
  const about = facts([
    ['姓名', who],
    ['角色', memberRoles[role]],
    ['加入', readable(addedAt)],
  ])
  return `${about}${removes ? seat.form('remove', '', '移出', { about: { member: id }, label: who }) : ''}`
}

/** For owners. */
async function invitationsPart(seat: Seat, at: string): Promise<string> {
  const { data } = await seat.read<Invitation[]>(`${at}/invitations`)
  const open = section('还没有用的邀请', rowsOf(data.map((invitation) => invitationRow(seat, invitation))))
  return `${open}${seat.form('invite', choiceField('role', '邀请的人做什么', memberRoles, 'developer'), '生成邀请码')}`
}

function invitationRow(seat: Seat, { id, role, invitedBy, invitedAt, expiresAt }: Invitation): string {
  const about = facts([
    ['角色', memberRoles[role]],
    ['邀请', `${invitedBy ?? '（已停用的账号）'}，${readable(invitedAt)}`],
    ['可用到', readable(expiresAt)],
  ])
  const label = `${memberRoles[role]}，${readable(invitedAt)}`
  return `${about}${seat.form('uninvite', '', '撤回邀请', { about: { invitation: id }, label })}`
}

export function partnerDeeds(id: string): Deeds {
  const at = `${API}/${id}`
  return {
    apply: { question: (sent) => ({ method: 'POST', path: `${at}/applications`, body: draftOf(sent) }) },
    withdraw: {
      question: (sent) => ({ method: 'POST', path: `${at}/reviews/${idIn(sent, 'review')}/withdrawal` }),
    },
    remove: { question: (sent) => ({ method: 'DELETE', path: `${at}/members/${idIn(sent, 'member')}` }) },
    uninvite: { question: (sent) => ({ method: 'DELETE', path: `${at}/invitations/${idIn(sent, 'invitation')}` }) },
    invite: {
      question: ({ role }) => ({ method: 'POST', path: `${at}/invitations`, body: { role } }),
      once(data) {
        const { code, expiresAt } = data as { code: string; expiresAt: string }
        return `<p>邀请码只显示这一次，请交给要加入的人：</p><p><code>${escapeHtml(code)}</code></p><p>在 ${readable(expiresAt)} 之前使用。</p>`
      },
    },
  }
}
