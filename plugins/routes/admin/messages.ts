import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { deliveryTitles } from '../../messages/delivery-states.ts'
import { channels, topicTitles } from '../../messages/topics.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'

const delivery = part.row({
  id: part.text('发送编号'),
  messageId: part.text('消息编号'),
  userId: part.maybe('用户编号'),
  kind: part.choice('类别', topicTitles),
  kindName: part.text('类别名称'),
  channel: part.choice('渠道', channels),
  channelName: part.text('渠道名称'),
  state: part.choice('状态', deliveryTitles),
  stateName: part.text('状态名称'),
  attempts: Type.Unsafe<number>({ type: 'integer', title: '尝试次数' }),
  lastError: part.maybe('最近的错误'),
  dueAt: part.maybe('下次发送时间'),
  createdAt: part.moment('建立时间'),
  updatedAt: part.moment('更新时间'),
})

/** What left the hub and what could not: the dead letters, and having one tried again. Nobody reads here what was said. */
export function messageRoutes(app: FastifyInstance): void {
  const filter = part.input({
    state: part.choice('状态', deliveryTitles),
    channel: part.choice('渠道', channels),
    user: part.id('用户编号'),
    ...paging,
  })
  typed(app).get(
    '/admin/messages/deliveries',
    adminRoute(app, {
      key: 'messages.deliveries',
      summary: '消息发送情况',
      permission: 'messages.read',
      schema: { querystring: filter, response: { 200: answerOf(part.list('发送', delivery)) } },
    }),
    async (request) => {
      const { query } = request
      const { rows, total } = await app.messages.deliveries.find(query)
      return answer(request, rows, { number: query.page, size: query.pageSize, total })
    },
  )

  typed(app).post(
    '/admin/messages/deliveries/:id/replay',
    adminRoute(app, {
      key: 'messages.replay',
      summary: '重新发送一条没有发出的消息',
      permission: 'messages.replay',
      schema: {
        params: part.input({ id: part.id('发送编号') }, ['id']),
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(delivery) },
      },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      const replayed = await app.messages.deliveries.replay(id)
      if (!replayed) throw new HubError('HUB_NO_RECORD', { detail: '没有这条发送，或它不在“发送失败”“超出频次”状态。' })
      return answer(request, replayed)
    },
  )
}
