import type { ConsolePage, Field, Form } from '../../../console/blocks.ts'
import { choices, first, follow, pathOf, purposeField } from '../../../console/parts.ts'
import type { Desk, Typed, Visit } from '../../../console/section.ts'
import type { ApplicationState } from '../../../partners/states.ts'
import type { presentApplication, presentKey, presentUsage } from '../../partners/shown.ts'

export type Application = ReturnType<typeof presentApplication> & {
  rights: string[]
  keys: ReturnType<typeof presentKey>[]
} & ReturnType<typeof presentUsage>

const PATH = '/console/partner-applications'
const MOVES = { running: '上线运行', suspended: '暂停', resumed: '恢复为暂停前的状态', offline: '下线，不能再恢复' } as const
/** Where a state goes on to, as the API names it. */
const WAYS: Partial<Record<ApplicationState, readonly (keyof typeof MOVES)[]>> = {
  testing: ['running', 'suspended', 'offline'],
  running: ['suspended', 'offline'],
  suspended: ['resumed', 'offline'],
}
const ALL = '*'
const PERIODS = { perMinute: '每分钟', perDay: '每日', perMonth: '每月' } as const

/** What an administrator does with a partner's application. Never does he see a key. `show`: its page, as it is then. */
export function applicationActs(desk: Desk, show: (visit: Visit) => Promise<ConsolePage>): void {
  desk.act('/partner-applications/:id/state', 'partners.change', async (visit, typed) => {
    const body = { state: first(typed, 'state'), purpose: first(typed, 'purpose') }
    const path = pathOf`/admin/partner-applications/${visit.part('id')}/state`
    return follow(await visit.ask({ method: 'POST', path, body }), '已办理：下一次请求起生效。', () => show(visit))
  })
  desk.act('/partner-applications/:id/limit', 'partners.change', async (visit, typed) => {
    const path = pathOf`/admin/partner-applications/${visit.part('id')}`
    // The API takes all limits at once; the others stay as they are now.
    const { data } = await visit.get<Application>(path)
    const limit = limitIn(typed)
    const others = data.limits.filter(({ service }) => service !== limit.service)
    const isNone = limit.perMinute === null && limit.perDay === null && limit.perMonth === null
    const body = { limits: isNone ? others : [...others, limit], purpose: first(typed, 'purpose') }
    const answer = await visit.ask({ method: 'PUT', path: `${path}/limits`, body })
    return follow(answer, '已设定：几秒钟内生效。', () => show(visit))
  })
  desk.act('/partner-applications/:id/revoke', 'partners.change', async (visit, typed) => {
    const path = pathOf`/admin/partner-applications/${visit.part('id')}/keys/${first(typed, 'key')}/revoke`
    const answer = await visit.ask({ method: 'POST', path, body: { purpose: first(typed, 'purpose') } })
    return follow(answer, '已撤销：下一次请求起失效。', () => show(visit))
  })
}

/** What is no whole number is the API's to refuse. */
function limitIn(typed: Typed) {
  const count = (name: string) => (first(typed, name).trim() === '' ? null : Number(first(typed, name)))
  return { service: first(typed, 'service'), perMinute: count('perMinute'), perDay: count('perDay'), perMonth: count('perMonth') }
}

export function applicationForms({ id, state, clientId, rights, limits, keys }: Application): Form[] {
  const living = keys.filter((key) => key.state === 'living' || key.state === 'ending')
  const ways = WAYS[state] ?? []
  const form = (act: string, title: string, fields: readonly Field[], more: Partial<Form> = {}): Form => ({
    ...{ kind: 'form', action: `${PATH}/${id}/${act}`, title, button: title, folded: true, fields: [...fields, purposeField] },
    ...more,
  })
  const moves = choices(Object.fromEntries(ways.map((way) => [way, MOVES[way]])))
  const services = [...new Set([ALL, ...rights.filter((right) => right.includes('.')), ...limits.map(({ service }) => service)])]
  const move = form('state', '变更状态', [{ name: 'state', label: '怎样', type: 'choice', required: true, options: moves }], {
    tone: 'bad',
  })
  const limit = form('limit', '设定一项限额', [
    {
      ...{ name: 'service', label: '权限', type: 'choice', required: true },
      options: services.map((service) => ({ value: service, label: service === ALL ? '全部合计' : service })),
    },
    ...Object.entries(PERIODS).map(([name, label]): Field => ({ name, label: `${label}次数（空：不限）`, type: 'number' })),
  ])
  const options = living.map((key) => ({ value: key.id, label: `${key.id.slice(0, 8)}（${key.stateName}）` }))
  const revoke = form('revoke', '撤销一个密钥', [{ name: 'key', label: '密钥', type: 'choice', required: true, options }], { tone: 'bad' })
  return [...(ways.length > 0 ? [move] : []), ...(clientId === null ? [] : [limit]), ...(living.length > 0 ? [revoke] : [])]
}
