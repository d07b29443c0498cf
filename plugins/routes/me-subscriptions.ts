import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { SubscriptionPolicy } from '../../core/contract/subscriptions.ts'
import { authorise } from '../access/authorise.ts'
import { hashesOf, look } from '../messages/look.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../route-kit/kit.ts'
import { part } from '../route-kit/part.ts'

const days = (title: string) => Type.Unsafe<number>({ type: 'integer', minimum: 0, maximum: 366, title })
const named = {
  connector: part.text('系统', { maxLength: 64 }),
  service: part.text('服务', { maxLength: 64 }),
  subscription: part.text('订阅项', { maxLength: 64 }),
}
const subscription = part.row({
  id: part.text('订阅编号'),
  ...named,
  serviceName: part.text('服务名称'),
  title: part.text('名称'),
  key: part.maybe('所指的记录'),
  daysBefore: Type.Unsafe<number | null>({ type: ['integer', 'null'], title: '提前天数' }),
  enterpriseId: part.maybe('单位编号'),
  state: part.choice('状态', { active: '有效', ended: '已停止' }),
  endedBy: part.maybe('停止的原因'),
  consentedAt: part.moment('同意时间'),
  endsAt: part.moment('同意有效期至'),
})
const offer = part.row({
  ...named,
  serviceName: part.text('服务名称'),
  agency: part.text('部门'),
  title: part.text('名称'),
  kind: part.choice('类型', { date: '日期临近', news: '有新记录' }),
  daysBefore: part.list('可选的提前天数', Type.Integer()),
  key: part.maybe('有多条记录时用来指定的字段'),
  face: part.flag('是否需要人脸核验'),
})

/** 订阅: what a user has the hub ask for him, under his standing consent, until he takes it back. */
export default fp(
  async (app) => {
    const { subscriptions } = app.messages
    const context = {
      vault: app.vault,
      upstreams: app.upstreams,
      withAccount: (service: CompiledService, asker: Parameters<typeof app.accounts.withAccount>[1], binding?: string) =>
        app.accounts.withAccount(service, asker, binding),
    }
    const offers = [...app.services.values()].flatMap((service) =>
      Object.entries(service.contract.subscriptions ?? {}).map(([id, policy]) => describe(service, id, policy)),
    )

    typed(app).get(
      '/v1/me/subscriptions/offers',
      hubRoute(app, {
        key: 'me.subscriptions.offers',
        summary: '可以订阅的提醒',
        tag: TAG_ME,
        schema: { response: { 200: answerOf(part.list('可订阅项', offer)) } },
      }),
      async (request) => answer(request, offers),
    )

    typed(app).get(
      '/v1/me/subscriptions',
      hubRoute(app, {
        key: 'me.subscriptions',
        summary: '我的订阅',
        tag: TAG_ME,
        schema: { response: { 200: answerOf(part.list('订阅', subscription)) } },
      }),
      async (request) => {
        const { user, claims } = callerOf(request)
        return answer(request, await subscriptions.list(user.id, claims.enterprise))
      },
    )

    const body = part.input(
      {
        ...named,
        daysBefore: days('提前天数'),
        key: part.text('有多条记录时，指定其中一条', { minLength: 1, maxLength: 128 }),
        binding: part.id('绑定的账户编号'),
      },
      ['connector', 'service', 'subscription'],
    )
    typed(app).post(
      '/v1/me/subscriptions',
      hubRoute(app, {
        key: 'me.subscriptions.add',
        summary: '订阅：同意平台今后以您的身份查询并提醒您，一年内有效，可随时取消',
        tag: TAG_ME,
        // Each asks an agency.
        rate: { max: 20, perSeconds: 3600 },
        schema: { body, response: { 201: answerOf(subscription) } },
      }),
      async (request, reply) => {
        const { connector, service: id, subscription: name, key = null, binding = null, daysBefore } = request.body
        const service = app.services.get(`${connector}.${id}`)
        const policy = service?.contract.subscriptions?.[name]
        if (!service || !policy) throw refused('subscription', '没有这项订阅')
        if (key !== null && service.contract.key === undefined) throw refused('key', '这项服务不接受这一项')
        const offline = app.catalogue.offline(service.key)
        if (offline) throw offline
        const asker = await authorise(service, request.caller, app.users)
        request.audit.enterprise = asker.enterprise?.id ?? null
        request.audit.target = service.key
        // Asked once now: who may not ask, or has several records to choose from, learns of it here.
        const { rows } = await look(context, service, asker, { key, binding })
        const added = await subscriptions.add({
          userId: callerOf(request).user.id,
          enterpriseId: asker.enterprise?.id ?? null,
          service,
          subscription: name,
          choice: { key, binding },
          daysBefore: daysOf(policy, daysBefore),
          face: service.contract.face !== undefined,
          known: hashesOf(app.vault, policy, rows),
          traceId: request.id,
        })
        return reply.code(201).send(answer(request, added))
      },
    )

    const params = part.input({ id: part.id('订阅编号') }, ['id'])
    typed(app).delete(
      '/v1/me/subscriptions/:id',
      hubRoute(app, {
        key: 'me.subscriptions.remove',
        summary: '取消订阅',
        tag: TAG_ME,
        schema: { params, response: { 204: Type.Null() } },
      }),
      async (request, reply) => {
        const { id } = request.params
        request.audit.target = id
        if (!(await subscriptions.remove(callerOf(request).user.id, id))) throw new HubError('HUB_NO_RECORD', { detail: '没有这项订阅。' })
        return reply.code(204).send(null)
      },
    )
  },
  { name: 'me-subscriptions', dependencies: ['messages', 'accounts', 'upstreams', 'identity', 'validation', 'openapi'] },
)

function describe({ connector, contract }: CompiledService, subscription: string, policy: SubscriptionPolicy) {
  return {
    connector: connector.id,
    service: contract.id,
    subscription,
    serviceName: contract.name,
    agency: connector.agency,
    title: policy.title,
    kind: policy.on,
    daysBefore: policy.on === 'date' ? policy.daysBefore : [],
    key: contract.key ?? null,
    face: contract.face !== undefined,
  }
}

function daysOf(policy: SubscriptionPolicy, wanted: number | undefined): number | null {
  if (policy.on === 'news') {
    if (wanted !== undefined) throw refused('daysBefore', '这项订阅不接受这一项')
    return null
  }
  const days = wanted ?? policy.daysBefore[0] ?? 0
  if (!policy.daysBefore.includes(days)) throw refused('daysBefore', `须是 ${policy.daysBefore.join('、')} 之一`)
  return days
}

function refused(name: string, detail: string): HubError {
  return new HubError('HUB_VALIDATION', { errors: [{ pointer: `/body/${name}`, detail }] })
}
