import type { AlertRuleSettings, Severity } from '../../../config/alerts.ts'
import { SettingsError } from '../../../config/settings-error.ts'

/** What is looked at, in the unit of its value. */
export const signals = {
  'system-state': { title: '对方系统状况', unit: '', digits: 0 },
  'success-rate': { title: '成功率', unit: '%', digits: 1 },
  latency: { title: '用时 p95', unit: ' 秒', digits: 1 },
  unreadable: { title: '无法识别的答复', unit: ' 次', digits: 0 },
  unauthorised: { title: '凭证被拒', unit: ' 次', digits: 0 },
  'certificate-days': { title: '证书剩余', unit: ' 天', digits: 1 },
  'credential-days': { title: '凭证剩余', unit: ' 天', digits: 1 },
  'queue-age': { title: '最久的一件已等待', unit: ' 秒', digits: 0 },
  'dead-letters': { title: '没有办成的', unit: ' 件', digits: 0 },
  attention: { title: '须人工处理的', unit: ' 件', digits: 0 },
  reconciliation: { title: '有差异或未完成的对账', unit: ' 日', digits: 0 },
  'schedule-failures': { title: '连续失败', unit: ' 次', digits: 0 },
  'audit-lost': { title: '写不进审计日志的进程', unit: ' 个', digits: 0 },
  candidate: { title: '自动收回的灰度', unit: ' 个', digits: 0 },
  'heads-age': { title: '检查点已过', unit: ' 秒', digits: 0 },
} as const satisfies Record<string, { title: string; unit: string; digits: number }>

export type Signal = keyof typeof signals

/** When something is to be told, to whom by how grave it is, and how often. */
export interface AlertRule {
  id: string
  /** In Chinese: what is wrong. */
  title: string
  signal: Signal
  /** On which side of the threshold it is wrong. */
  when: 'above' | 'below'
  threshold: number
  /** For how long it must have been so. */
  forSeconds: number
  severity: Severity
  /** Told again after so long, until somebody acknowledges it. */
  repeatMinutes: number
  /** Told to the second level, too, where nobody has for so long. */
  escalateMinutes: number
}

const CRITICAL = { severity: 'critical', repeatMinutes: 30, escalateMinutes: 30 } as const
const WARNING = { severity: 'warning', repeatMinutes: 240, escalateMinutes: 480 } as const

/** What every hub has; `rules` in ALERTS_FILE changes numbers, or turns one off. */
export const defaultRules: readonly AlertRule[] = [
  { id: 'agency-down', title: '对方系统中断', signal: 'system-state', when: 'above', threshold: 1, forSeconds: 120, ...CRITICAL },
  { id: 'agency-ailing', title: '对方系统不稳定', signal: 'system-state', when: 'above', threshold: 0, forSeconds: 900, ...WARNING },
  { id: 'success-rate', title: '对方系统成功率低', signal: 'success-rate', when: 'below', threshold: 90, forSeconds: 300, ...WARNING },
  { id: 'latency', title: '对方系统缓慢', signal: 'latency', when: 'above', threshold: 5, forSeconds: 600, ...WARNING },
  { id: 'unreadable', title: '对方系统的答复无法识别', signal: 'unreadable', when: 'above', threshold: 4, forSeconds: 0, ...WARNING },
  {
    id: 'unauthorised',
    title: '对方系统不接受中枢的凭证',
    signal: 'unauthorised',
    when: 'above',
    threshold: 0,
    forSeconds: 120,
    ...CRITICAL,
  },
  { id: 'certificate', title: '证书即将到期', signal: 'certificate-days', when: 'below', threshold: 14, forSeconds: 0, ...WARNING },
  { id: 'certificate-ends', title: '证书就要到期', signal: 'certificate-days', when: 'below', threshold: 3, forSeconds: 0, ...CRITICAL },
  { id: 'credential', title: '对方系统的凭证即将到期', signal: 'credential-days', when: 'below', threshold: 14, forSeconds: 0, ...WARNING },
  { id: 'queue-age', title: '后台任务积压', signal: 'queue-age', when: 'above', threshold: 900, forSeconds: 120, ...WARNING },
  { id: 'dead-letters', title: '有任务没有办成', signal: 'dead-letters', when: 'above', threshold: 0, forSeconds: 0, ...WARNING },
  { id: 'attention', title: '有申请或订单须人工处理', signal: 'attention', when: 'above', threshold: 0, forSeconds: 0, ...WARNING },
  {
    id: 'reconciliation',
    title: '对账有差异或没有完成',
    signal: 'reconciliation',
    when: 'above',
    threshold: 0,
    forSeconds: 0,
    ...CRITICAL,
  },
  { id: 'candidate', title: '候选版本的灰度已自动收回', signal: 'candidate', when: 'above', threshold: 0, forSeconds: 0, ...WARNING },
  { id: 'schedule', title: '定时任务连续失败', signal: 'schedule-failures', when: 'above', threshold: 2, forSeconds: 0, ...WARNING },
  { id: 'audit', title: '审计日志写不进去', signal: 'audit-lost', when: 'above', threshold: 0, forSeconds: 60, ...CRITICAL },
  { id: 'audit-heads', title: '审计检查点没有写到第二处', signal: 'heads-age', when: 'above', threshold: 180, forSeconds: 60, ...CRITICAL },
]

/** The rules of this hub. Throws a SettingsError for one that there is not. */
export function rulesOf(own: Readonly<Record<string, AlertRuleSettings>> = {}): AlertRule[] {
  const unknown = Object.keys(own).filter((id) => !defaultRules.some((rule) => rule.id === id))
  if (unknown.length > 0) throw new SettingsError(unknown.map((id) => `ALERTS_FILE /rules/${id}: there is no such rule`))
  return defaultRules.flatMap((rule) => {
    const { enabled = true, ...changes } = own[rule.id] ?? {}
    return enabled ? [{ ...rule, ...changes }] : []
  })
}

export function isBreached({ when, threshold }: AlertRule, value: number): boolean {
  return when === 'above' ? value > threshold : value < threshold
}

/** A value as operators read it. */
export function wordsOf(signal: Signal, value: number): string {
  const { title, unit, digits } = signals[signal]
  if (signal === 'system-state') return `${title}：${['正常', '不稳定', '中断'][value] ?? value}`
  return `${title} ${value.toFixed(digits)}${unit}`
}
