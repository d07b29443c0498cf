import { HubError } from '../../core/base/errors.ts'

type Machine<S extends string> = Readonly<Record<S, { title: string; to: readonly NoInfer<S>[] }>>
const machine = <const S extends string>(states: Machine<S>): Machine<S> => states

/** The life of whatever is reviewed: a partner, an application, a change of one. docs/partners.md draws it. */
export const reviewStates = machine({
  draft: { title: '待确认邮箱', to: ['confirmed', 'withdrawn'] },
  confirmed: { title: '自动检查中', to: ['checked', 'refused', 'withdrawn'] },
  checked: { title: '待业务审核', to: ['reviewed', 'refused', 'withdrawn'] },
  reviewed: { title: '待批准', to: ['approved', 'refused', 'withdrawn'] },
  approved: { title: '已批准', to: [] },
  refused: { title: '未通过', to: [] },
  withdrawn: { title: '已撤回', to: [] },
})
export type ReviewState = keyof typeof reviewStates

export const partnerStates = machine({
  applied: { title: '申请中', to: ['active', 'closed'] },
  active: { title: '正常', to: ['suspended', 'closed'] },
  suspended: { title: '已暂停', to: ['active', 'closed'] },
  closed: { title: '已结束', to: [] },
})
export type PartnerState = keyof typeof partnerStates

/** Testing: only the partner's own people can authorise it. Suspended and off line it opens nothing, in the next request. */
export const applicationStates = machine({
  applied: { title: '审核中', to: ['testing', 'closed'] },
  testing: { title: '测试中', to: ['running', 'suspended', 'offline'] },
  running: { title: '运行中', to: ['suspended', 'offline'] },
  suspended: { title: '已暂停', to: ['testing', 'running', 'offline'] },
  offline: { title: '已下线', to: [] },
  closed: { title: '未接入', to: [] },
})
export type ApplicationState = keyof typeof applicationStates

/** Throws HUB_REQUEST_STATE where the table has no such way. */
export function assertWay<S extends string>(states: Machine<S>, from: S, to: S): void {
  if (!states[from].to.includes(to))
    throw new HubError('HUB_REQUEST_STATE', { detail: `现在的状态是“${states[from].title}”，不能这样处理。` })
}

export function titlesOf<S extends string>(states: Machine<S>): Record<S, string> {
  return Object.fromEntries(Object.entries<{ title: string }>(states).map(([state, { title }]) => [state, title])) as Record<S, string>
}
