import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { beijing } from '../../../core/base/time.ts'
import {
  deliveryStates,
  type EventKind,
  eventKinds,
  type WebhookDeliveryRow,
  type WebhookRow,
  webhookStates,
} from '../../partners/webhooks/rows.ts'
import { answer, answerOf, callerOf, hubRoute, typed } from '../../route-kit/kit.ts'
import { paging, part } from '../../route-kit/part.ts'
import { ids, membershipOf, TAG_PARTNERS } from './membership.ts'

const item = {
  id: part.text('推送地址编号'),
  url: part.text('接收地址'),
  kinds: part.list('事件', part.choice('事件', eventKinds)),
  state: part.choice('状态', webhookStates),
  failures: Type.Unsafe<number>({ type: 'integer', title: '连续失败次数' }),
  failingSince: part.maybe('从何时起一直失败'),
  createdAt: part.moment('登记时间'),
}
const delivery = part.row({
  id: part.text('推送编号，即事件的 id'),
  webhookId: part.text('推送地址编号'),
  kind: part.choice('事件', eventKinds),
  about: part.text('办件或订单编号'),
  aboutState: part.text('到了什么状态'),
  state: part.choice('推送状态', deliveryStates),
  attempts: Type.Unsafe<number>({ type: 'integer', title: '已试次数' }),
  lastError: part.maybe('最近一次失败的代码'),
  createdAt: part.moment('事件时间'),
  updatedAt: part.moment('变动时间'),
})

const place = { id: ids.id, applicationId: ids.applicationId }
const params = part.input(place, ['id', 'applicationId'])
const one = part.input({ ...place, webhookId: part.id('推送地址编号') }, ['id', 'applicationId', 'webhookId'])

/** Where an application wants to be told what moved; only its partner's people see and change it. */
export function webhookRoutes(app: FastifyInstance): void {
  const { webhooks } = app
  const tag = TAG_PARTNERS
  const path = '/v1/partners/:id/applications/:applicationId/webhooks'

  typed(app).get(
    path,
    hubRoute(app, {
      key: 'partners.webhooks',
      summary: '应用的事件推送',
      tag,
      schema: { params, response: { 200: answerOf(part.list('推送地址', part.row(item))) } },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      const { applicationId } = request.params
      return answer(request, (await webhooks.list({ partnerId: partner.id, applicationId })).map(present))
    },
  )

  const kinds = part.list('要哪些事件', part.choice('事件', eventKinds), { minItems: 1, maxItems: 10 })
  const made = part.row({ ...item, secret: part.text('签名密钥（Standard Webhooks）：只显示这一次') })
  typed(app).post(
    path,
    hubRoute(app, {
      key: 'partners.webhooks.add',
      summary: '登记接收事件的地址：https、公网',
      tag,
      rate: { max: 20, perSeconds: 3600 },
      schema: {
        params,
        body: part.input({ url: part.text('接收地址', { maxLength: 500 }), kinds }, ['url', 'kinds']),
        response: { 201: answerOf(made) },
      },
    }),
    async (request, reply) => {
      const { partner } = await membershipOf(app, request, { active: true })
      const { applicationId } = request.params
      const { webhook, secret } = await webhooks.add(
        { partnerId: partner.id, applicationId },
        { ...request.body, by: callerOf(request).user.id },
      )
      reply.code(201).header('cache-control', 'no-store')
      return answer(request, { ...present(webhook), secret })
    },
  )

  typed(app).delete(
    `${path}/:webhookId`,
    hubRoute(app, {
      key: 'partners.webhooks.remove',
      summary: '删除一个推送地址，待推送的随之作废',
      tag,
      schema: { params: one, response: { 204: Type.Null() } },
    }),
    async (request, reply) => {
      const { partner } = await membershipOf(app, request)
      const { applicationId, webhookId } = request.params
      await webhooks.remove({ partnerId: partner.id, applicationId }, webhookId, callerOf(request).user.id)
      return reply.code(204).send(null)
    },
  )

  typed(app).post(
    `${path}/:webhookId/enable`,
    hubRoute(app, {
      key: 'partners.webhooks.enable',
      summary: '重新启用一个推送地址',
      tag,
      schema: { params: one, response: { 200: answerOf(part.row(item)) } },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request, { active: true })
      const { applicationId, webhookId } = request.params
      return answer(request, present(await webhooks.enable({ partnerId: partner.id, applicationId }, webhookId, callerOf(request).user.id)))
    },
  )

  const deliveries = '/v1/partners/:id/applications/:applicationId/webhook-deliveries'
  typed(app).get(
    deliveries,
    hubRoute(app, {
      key: 'partners.webhook-deliveries',
      summary: '推送的经过，最新的在前',
      tag,
      schema: {
        params,
        querystring: part.input({ state: part.choice('推送状态', deliveryStates), ...paging }),
        response: { 200: answerOf(part.list('推送', delivery)) },
      },
    }),
    async (request) => {
      const { partner } = await membershipOf(app, request)
      const query = request.query
      const { rows, total } = await webhooks.deliveries({ partnerId: partner.id, applicationId: request.params.applicationId }, query)
      return answer(request, rows.map(presentDelivery), { number: query.page, size: query.pageSize, total })
    },
  )

  typed(app).post(
    `${deliveries}/:deliveryId/replay`,
    hubRoute(app, {
      key: 'partners.webhook-deliveries.replay',
      summary: '再推送一次没有送达的',
      tag,
      schema: {
        params: part.input({ ...place, deliveryId: part.id('推送编号') }, ['id', 'applicationId', 'deliveryId']),
        response: { 204: Type.Null() },
      },
    }),
    async (request, reply) => {
      const { partner } = await membershipOf(app, request, { active: true })
      const { applicationId, deliveryId } = request.params
      await webhooks.replay({ partnerId: partner.id, applicationId }, deliveryId)
      return reply.code(204).send(null)
    },
  )
}

function present({ id, url, kinds, state, failures, failing_since, created_at }: WebhookRow) {
  const failingSince = failing_since === null ? null : beijing(Number(failing_since))
  return { id, url, kinds: kinds.split(' ') as EventKind[], state, failures, failingSince, createdAt: beijing(Number(created_at)) }
}

function presentDelivery({
  id,
  webhook_id,
  kind,
  about,
  about_state,
  state,
  attempts,
  last_error,
  created_at,
  updated_at,
}: WebhookDeliveryRow) {
  return {
    ...{ id, webhookId: webhook_id, kind, about, aboutState: about_state, state, attempts, lastError: last_error },
    ...{ createdAt: beijing(Number(created_at)), updatedAt: beijing(Number(updated_at)) },
  }
}
