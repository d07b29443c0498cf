import { beijing } from '../../../../core/base/time.ts'
import type { Notification, Telling } from '../tell.ts'

const TELLINGS: Readonly<Record<Telling, string>> = {
  firing: '告警',
  repeated: '告警仍在持续',
  escalated: '告警无人处理',
  resolved: '告警恢复',
  test: '告警测试',
}
const SEVERITIES: Readonly<Record<Notification['severity'], string>> = { critical: '严重', warning: '警告', info: '提示' }
/** A text message is short, a letter is read to the end. */
const MOST_NAMED = 5

export function titleOf({ telling, severity, title, alerts }: Notification): string {
  return `【${SEVERITIES[severity]}】${TELLINGS[telling]}：${title}${alerts.length > 1 ? `（${alerts.length} 项）` : ''}`
}

export function textOf({ at, alerts, rule }: Notification): string {
  const lines = alerts.map(({ name, target, words, since }) => `${name}（${target}）：${words}，自 ${beijing(since)}`)
  return [...lines, '', `规则 ${rule}，${beijing(at)}。确认与静默：/admin/alerts`].join('\n')
}

export function shortOf(notification: Notification): string {
  const { alerts } = notification
  const named = alerts.slice(0, MOST_NAMED).map(({ name, words }) => `${name} ${words}`)
  return `${titleOf(notification)}。${named.join('；')}${alerts.length > MOST_NAMED ? ' 等' : ''}`
}
