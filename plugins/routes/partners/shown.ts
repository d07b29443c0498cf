import Type from 'typebox'
import { beijing } from '../../../core/base/time.ts'
import { type ClientKey, keyStates } from '../../oauth/client-keys.ts'
import type { ServiceLimits } from '../../partners/limits.ts'
import type { ListedApplication } from '../../partners/listing.ts'
import type { Quota } from '../../partners/quota.ts'
import { type Check, domains, type PartnerRow, type ReviewRow, reviewKinds } from '../../partners/rows.ts'
import { applicationStates, partnerStates, reviewStates, titlesOf } from '../../partners/states.ts'
import { part } from '../../route-kit/part.ts'

export const states = {
  partner: titlesOf(partnerStates),
  application: titlesOf(applicationStates),
  review: titlesOf(reviewStates),
}
const maybeWhole = (title: string) => Type.Unsafe<number | null>({ type: ['integer', 'null'], title, minimum: 1, maximum: 1_000_000_000 })

export const checkItem = part.row({
  id: part.text('检查项编号'),
  title: part.text('检查项'),
  passed: part.flag('是否通过'),
  detail: part.maybe('没有通过的原因'),
})

export const partnerItem = {
  id: part.text('接入方编号'),
  name: part.text('单位名称'),
  uscc: part.text('统一社会信用代码'),
  domain: part.choice('服务领域', domains),
  domainName: part.text('服务领域名称'),
  state: part.choice('状态', states.partner),
  stateName: part.text('状态名称'),
  createdAt: part.moment('申请时间'),
  updatedAt: part.moment('变动时间'),
}

export function presentPartner({ id, name, uscc, domain, state, created_at, updated_at }: PartnerRow) {
  const times = { createdAt: beijing(Number(created_at)), updatedAt: beijing(Number(updated_at)) }
  return { id, name, uscc, domain, domainName: domains[domain], state, stateName: states.partner[state], ...times }
}

export const applicationItem = {
  id: part.text('应用编号'),
  partnerId: part.text('接入方编号'),
  partnerName: part.text('所属单位'),
  domain: part.choice('服务领域', domains),
  name: part.text('应用名称'),
  home: part.text('主页'),
  clientId: part.maybe('OAuth 客户端编号（批准后才有）'),
  state: part.choice('状态', states.application),
  stateName: part.text('状态名称'),
  createdAt: part.moment('申请时间'),
  updatedAt: part.moment('变动时间'),
}

export function presentApplication({
  id,
  partner_id,
  partner_name,
  domain,
  name,
  home,
  client_id,
  state,
  created_at,
  updated_at,
}: ListedApplication) {
  return {
    ...{ id, partnerId: partner_id, partnerName: partner_name, domain, name, home, clientId: client_id },
    ...{ state, stateName: states.application[state] },
    ...{ createdAt: beijing(Number(created_at)), updatedAt: beijing(Number(updated_at)) },
  }
}

export const reviewItem = {
  id: part.text('审核编号'),
  kind: part.choice('种类', reviewKinds),
  kindName: part.text('种类名称'),
  state: part.choice('状态', states.review),
  stateName: part.text('状态名称'),
  partnerId: part.text('接入方编号'),
  applicationId: part.maybe('应用编号'),
  content: Type.Unsafe<object>({ type: 'object', title: '申请的内容', additionalProperties: true }),
  checks: part.list('自动检查的结果', checkItem),
  reviewOpinion: part.maybe('业务审核意见'),
  decisionReason: part.maybe('批准或退回的理由'),
  createdAt: part.moment('申请时间'),
  updatedAt: part.moment('变动时间'),
}

export function presentReview(row: ReviewRow) {
  const { id, kind, state, partner_id, application_id, review_opinion, decision_reason, created_at, updated_at } = row
  return {
    ...{
      id,
      kind,
      kindName: reviewKinds[kind],
      state,
      stateName: states.review[state],
      partnerId: partner_id,
      applicationId: application_id,
    },
    content: JSON.parse(row.content) as object,
    checks: JSON.parse(row.checks) as Check[],
    ...{ reviewOpinion: review_opinion, decisionReason: decision_reason },
    ...{ createdAt: beijing(Number(created_at)), updatedAt: beijing(Number(updated_at)) },
  }
}

export const keyItem = {
  id: part.text('密钥编号'),
  state: part.choice('状态', keyStates),
  stateName: part.text('状态名称'),
  createdAt: part.moment('生成时间'),
  endsAt: part.maybe('失效时间（空：不自动失效）'),
  revokedAt: part.maybe('撤销时间'),
  lastUsedAt: part.maybe('最近使用（精确到分钟）'),
}

export function presentKey({ id, state, createdAt, endsAt, revokedAt, lastUsedAt }: ClientKey) {
  const time = (at: number | null) => (at === null ? null : beijing(at))
  return {
    ...{ id, state, stateName: keyStates[state], createdAt: beijing(createdAt) },
    ...{ endsAt: time(endsAt), revokedAt: time(revokedAt), lastUsedAt: time(lastUsedAt) },
  }
}

export const limitItem = {
  service: part.text('服务（*：全部合计）', { pattern: '^(\\*|[a-z0-9-]+\\.[a-z0-9-]+)$', maxLength: 129 }),
  perMinute: maybeWhole('每分钟次数（空：不限）'),
  perDay: maybeWhole('每日次数（空：不限）'),
  perMonth: maybeWhole('每月次数（空：不限）'),
}
export const usageItem = {
  limits: part.list('限额', part.row(limitItem)),
  used: part.list(
    '本分钟、今日、本月已用',
    part.row({
      service: part.text('服务'),
      period: part.choice('期间', { perMinute: '本分钟', perDay: '今日', perMonth: '本月' }),
      used: Type.Unsafe<number>({ type: 'integer', title: '次数（含各进程已领取而未用的）' }),
    }),
  ),
}

export function presentUsage(limits: ServiceLimits, used: Awaited<ReturnType<Quota['used']>>) {
  return { limits: Object.entries(limits).map(([service, limit]) => ({ service, ...limit })), used }
}
