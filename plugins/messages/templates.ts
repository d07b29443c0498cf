/** One thing that is told, in the words of every channel. `{name}` stands for a fact. */
interface Template {
  title: string
  /** For the message centre, behind a login. */
  body: string
  /** What leaves the hub, and may stand on a locked screen: no name, number, amount or reason. */
  short: string
  /** Goes out at night too. */
  urgent?: true
}

const SEE = '详情请登录“我的许昌”查看。'

/** All that the hub tells anybody, as data. Facts are written by {@link fill} alone. */
export const templates = {
  filing: {
    title: '办件进度：{state}',
    body: '“{service}”（{agency}）现在的状态是“{state}”。{remarks}办件编号：{about}。',
    short: `您在{agency}办理的事项有新进展：{state}。${SEE}`,
  },
  decision: {
    title: '办件需要您留意：{state}',
    body: '“{service}”（{agency}）现在的状态是“{state}”。{remarks}办件编号：{about}。',
    short: `您在{agency}办理的事项：{state}{deadline}。${SEE}`,
  },
  outcome: {
    title: '结果已查明：{state}',
    body: '“{service}”（{agency}）的结果此前没有确认，现已查明：{state}。{remarks}编号：{about}。',
    short: `您在{agency}办理的事项结果已查明：{state}。${SEE}`,
  },
  refunded: {
    title: '缴费已退款',
    body: '“{service}”（{agency}）的一笔缴费已退回原支付账户，到账时间以支付机构为准。订单编号：{about}。',
    short: `您的一笔缴费已退款。${SEE}`,
  },
  'mandate-invited': {
    title: '有单位邀请您担任经办人',
    body: '{holder}邀请您担任{role}，有效期至 {until}。请在“我的许昌”完成实名认证，认证后授权生效。',
    short: '有单位邀请您在“我的许昌”担任经办人，完成实名认证后生效；与您无关的，请不必理会。',
  },
  'mandate-granted': {
    title: '您得到一项授权',
    body: '您得到{holder}的授权，身份是{role}，有效期至 {until}。不愿担任的，可在“我的授权身份”中放弃。',
    short: `您得到一项办事授权。${SEE}`,
  },
  'mandate-changed': {
    title: '您的授权有变动',
    body: '您在{holder}的授权（{role}）已变更，有效期至 {until}。',
    short: `您的一项办事授权有变动。${SEE}`,
  },
  'mandate-ended': {
    title: '您的授权已终止',
    body: '您在{holder}的授权（{role}）已终止。',
    short: `您的一项办事授权已终止。${SEE}`,
  },
  'agent-accepted': {
    title: '经办人授权已生效',
    body: '您为{holder}邀请的一位经办人已完成实名认证，授权生效。',
    short: `您单位的一位经办人授权已生效。${SEE}`,
  },
  'agent-resigned': {
    title: '经办人放弃了授权',
    body: '{holder}的一位经办人放弃了授权。',
    short: `您单位的一位经办人放弃了授权。${SEE}`,
  },
  'enterprise-frozen': {
    title: '企业服务权限已冻结',
    body: '{holder}的服务权限已被冻结，如有疑问请联系客服。',
    short: `您单位的服务权限有变动。${SEE}`,
    urgent: true,
  },
  'enterprise-unfrozen': {
    title: '企业服务权限已恢复',
    body: '{holder}的服务权限已恢复。',
    short: `您单位的服务权限有变动。${SEE}`,
  },
  'account-locked-out': {
    title: '账户已临时锁定',
    body: '您的账户因连续登录或人脸核验失败已临时锁定，{until} 自动解锁。不是您本人操作的，请尽快修改密码并联系客服。',
    short: '您的“我的许昌”账户因连续验证失败已临时锁定。不是本人操作的，请尽快修改密码并联系客服。',
    urgent: true,
  },
  'account-changed': {
    title: '账户状态变更',
    body: '您的账户状态变为“{state}”。如有疑问，请联系客服。',
    short: '您的“我的许昌”账户状态有变更，如有疑问请联系客服。',
    urgent: true,
  },
  'device-new': {
    title: '新设备登录了您的账户',
    body: '{at}，您的账户在一台新设备上登录：{device}。不是您本人的，请在“登录记录”中结束这次登录，并尽快修改密码。',
    short: '您的“我的许昌”账户在一台新设备上登录。不是本人操作的，请登录查看并结束它。',
    urgent: true,
  },
  'question-answered': {
    title: '您对个人数据使用的询问已答复',
    body: '您对一条个人数据使用记录的询问或投诉已有答复，请在“谁用了我的数据”中查看。编号：{about}。',
    short: `您对个人数据使用的询问已有答复。${SEE}`,
  },
  'question-passed-on': {
    title: '您的询问已转交有关单位',
    body: '您对一条个人数据使用记录的询问或投诉已转交使用数据的单位核实。编号：{about}。',
    short: `您对个人数据使用的询问已转交有关单位。${SEE}`,
  },
  'question-closed': {
    title: '您的询问已关闭',
    body: '您对一条个人数据使用记录的询问或投诉已关闭，原因请在“谁用了我的数据”中查看。编号：{about}。',
    short: `您对个人数据使用的询问已关闭。${SEE}`,
  },
  'binding-bound': {
    title: '管理员为您绑定了账户',
    body: '管理员已将一个“{service}”（{agency}）账户绑定到您名下。不是您的账户的，请联系客服。',
    short: `您名下的账户绑定有变动。${SEE}`,
  },
  'binding-unbound': {
    title: '管理员解除了账户绑定',
    body: '您的一个“{service}”（{agency}）账户已由管理员从您名下移出。如有疑问，请联系客服。',
    short: `您名下的账户绑定有变动。${SEE}`,
  },
  'binding-suspended': {
    title: '账户绑定已暂停',
    body: '您的一个“{service}”（{agency}）账户绑定已由管理员暂停。如有疑问，请联系客服。',
    short: `您名下的账户绑定有变动。${SEE}`,
  },
  authorization: {
    title: '您授权了一个应用',
    body: '“{client}”得到了您的授权：{scopes}。可以随时在“我的授权”中撤销；不是您本人操作的，请立即撤销并联系客服。',
    short: '您授权了一个应用使用您的信息。不是本人操作的，请登录“我的许昌”撤销。',
  },
  'expiry-document': {
    title: '证明即将到期',
    body: '“{service}”（{agency}）的核验有效期至 {date}，需要继续使用的，请重新出具。',
    short: `您的一份证明将于 {date} 到期。${SEE}`,
  },
  'expiry-mandate': {
    title: '授权即将到期',
    body: '您在{holder}的授权（{role}）将于 {date} 到期。',
    short: `您的一项办事授权将于 {date} 到期。${SEE}`,
  },
  'subscription-due': {
    title: '{subscription}',
    body: '您订阅的“{subscription}”：{service}（{agency}）的{field}是 {date}，请留意。',
    short: `您订阅的“{subscription}”：日期是 {date}。${SEE}`,
  },
  'subscription-news': {
    title: '{subscription}',
    body: '您订阅的“{subscription}”：{service}（{agency}）有新的记录，请登录查看。',
    short: `您订阅的“{subscription}”有新的记录。${SEE}`,
  },
  'subscription-covered': {
    title: '{subscription}',
    body: '您订阅的“{subscription}”有新情况，请登录并完成人脸核验后查看。',
    short: `您订阅的“{subscription}”有新情况。${SEE}`,
  },
  'subscription-ended': {
    title: '订阅已停止：{subscription}',
    body: '您订阅的“{subscription}”已停止：{reason}需要时请重新订阅。',
    short: `您的一项订阅已停止。${SEE}`,
  },
  'reconciliation-differs': {
    title: '对账有差异：{service} {date}',
    body: '“{service}”{date} 的支付渠道、平台与公司三方账目有差异，请在管理端“每日对账”中处理。',
    short: '每日对账有差异，请登录管理端处理。',
  },
  'reconciliation-failed': {
    title: '对账没有完成：{service} {date}',
    body: '“{service}”{date} 的对账多次没有完成，请在管理端“每日对账”中查看原因。',
    short: '每日对账没有完成，请登录管理端查看。',
  },
  'seal-ending': {
    title: '电子签章证书将于 {date} 到期',
    body: '签署电子证明的证书有效期至 {date}，到期后证明将停止出具，请在此之前更换。',
    short: '电子签章证书即将到期，请登录管理端查看。',
  },
  partner: {
    title: '能力开放平台：{what}',
    body: '{holder}：{what}{application}。{remarks}',
    short: '能力开放平台：{what}。',
  },
  'seal-over': {
    title: '电子签章证书不在有效期内',
    body: '签署电子证明的证书不在有效期内（有效期至 {date}），证明已停止出具，请立即更换。',
    short: '电子签章证书不在有效期内，证明已停止出具。',
  },
} as const satisfies Record<string, Template>

export type TemplateName = keyof typeof templates

export type Facts = Readonly<Record<string, string>>

export interface Words {
  title: string
  body: string
  short: string
}

/** Whatever could begin a line, a header or another field, or turn the reading direction round. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu
const LONGEST = 120
const LONGEST_REMARK = 600

/** The words of a template. Facts are text, never template or markup: one line each, of bounded length, and filled in once. */
export function write(name: TemplateName, facts: Facts): Words {
  const { title, body, short } = templates[name]
  return { title: fill(title, facts), body: fill(body, facts), short: fill(short, facts) }
}

function fill(text: string, facts: Facts): string {
  return text.replace(/\{(\w+)\}/g, (_whole, name: string) => oneLine(facts[name] ?? '', name === 'remarks' ? LONGEST_REMARK : LONGEST))
}

function oneLine(value: string, longest: number): string {
  const line = value.replace(UNSAFE, ' ').trim()
  return [...line].length > longest ? `${[...line].slice(0, longest - 1).join('')}…` : line
}

export function isUrgent(name: TemplateName): boolean {
  return 'urgent' in templates[name]
}
