import { escapeHtml } from '../web/page.ts'
import { facts, readable } from '../web/parts.ts'

/** Of an answer of `/v1/me/sessions`. */
export interface ShownLogIn {
  id: string
  kindName: string
  application: { id: string; name: string | null } | null
  device: { name: string | null; trusted: boolean }
  address: string | null
  addressName: string | null
  method: string
  signedOnAt: string
  lastSeenAt: string
  state: 'present' | 'ended'
  endedAt: string | null
  endedHow: string | null
  current: boolean
}

export function logInList(rows: readonly ShownLogIn[], seal: string): string {
  const isPresent = ({ state }: ShownLogIn) => state === 'present'
  const others = rows.filter((row) => isPresent(row) && !row.current)
  const all =
    others.length === 0
      ? ''
      : `<form method="post" action="/hall/sessions">${hidden('seal', seal)}<button name="do" value="others">结束其他所有登录</button></form>`
  const section = (title: string, of: readonly ShownLogIn[]) =>
    of.length === 0 ? '' : `<h2>${title}</h2><ul class="plain rows">${of.map((row) => `<li>${logIn(row, seal)}</li>`).join('')}</ul>`
  return `${section('登录中', rows.filter(isPresent))}${all}${section(
    '以前的登录',
    rows.filter((row) => !isPresent(row)),
  )}`
}

const hidden = (name: string, value: string) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`

function logIn(row: ShownLogIn, seal: string): string {
  const { id, kindName, application, device, address, addressName, method, signedOnAt, lastSeenAt, endedAt, endedHow, current } = row
  const where = application === null ? kindName : `${kindName}：${application.name ?? application.id}`
  const name = device.name ?? '未知设备'
  const rows: [string, string][] = [
    ['方式', `${where}${current ? '（这次登录）' : ''}`],
    ['设备', device.trusted ? `${name}（受信任）` : name],
    ...(address === null ? [] : [['地址', `${address}（${addressName}）`] as [string, string]]),
    ['认证', method],
    ['登录', readable(signedOnAt)],
    ['最近使用', readable(lastSeenAt)],
    ...(endedAt === null ? [] : [['结束', `${readable(endedAt)}（${endedHow}）`] as [string, string]]),
  ]
  const button =
    row.state === 'ended' || current
      ? ''
      : `<form method="post" action="/hall/sessions">${hidden('seal', seal)}${hidden('id', id)}<button class="second" name="do" value="one" aria-label="${escapeHtml(`结束登录：${name}，${readable(signedOnAt)}`)}">结束这次登录</button></form>`
  return `${facts(rows)}${button}`
}
