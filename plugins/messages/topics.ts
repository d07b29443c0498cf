import type { Topic } from '../outbox/outbox.ts'

/**
 * What messages are about, as readers know it. `mandatory`: the law, or the safety of the account, wants it told:
 * its channels cannot be turned off.
 */
export const topics = {
  filing: { title: '办件进度', mandatory: false },
  decision: { title: '办件结果与补正', mandatory: true },
  mandate: { title: '授权', mandatory: true },
  account: { title: '账户安全', mandatory: true },
  authorization: { title: '第三方应用授权', mandatory: true },
  ledger: { title: '个人数据使用的询问与投诉', mandatory: true },
  expiry: { title: '到期提醒', mandatory: false },
  subscription: { title: '订阅', mandatory: false },
  partner: { title: '能力开放平台（接入方）', mandatory: true },
  operations: { title: '平台运行（管理员）', mandatory: true },
} as const satisfies Record<string, { title: string; mandatory: boolean }>

export type MessageTopic = keyof typeof topics

export const topicTitles = Object.fromEntries(Object.entries(topics).map(([name, { title }]) => [name, title])) as {
  [K in MessageTopic]: string
}

/** Under which a notice is told, where its own circumstances say nothing else. */
export const topicOf = {
  filing: 'filing',
  outcome: 'filing',
  mandate: 'mandate',
  enterprise: 'mandate',
  account: 'account',
  device: 'account',
  question: 'ledger',
  binding: 'account',
  authorization: 'authorization',
  expiry: 'expiry',
  subscription: 'subscription',
  reconciliation: 'operations',
  partner: 'partner',
  seal: 'operations',
} as const satisfies Record<Topic, MessageTopic>

export const channels = { push: '应用推送', sms: '短信', mail: '电子邮件' } as const
export type Channel = keyof typeof channels
