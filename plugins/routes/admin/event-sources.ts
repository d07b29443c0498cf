import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { eventKinds } from '../../operations/events/kinds.ts'
import type { EventSource } from '../../operations/events/sources.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'

const titles = (title: string) =>
  Type.Unsafe<Record<string, string>>({
    type: 'object',
    title,
    maxProperties: 500,
    propertyNames: { pattern: '^[\\x21-\\x7e]{1,128}$' },
    additionalProperties: { type: 'string', minLength: 1, maxLength: 64 },
  })
const names = part.input(Object.fromEntries(Object.entries(eventKinds).map(([kind, title]) => [kind, titles(`${title}：编号和名称`)])))
const given = { name: part.text('名称', { minLength: 1, maxLength: 64, pattern: '\\S' }), names, enabled: part.flag('是否启用') }
const id = part.text('编号', { pattern: '^[a-z0-9][a-z0-9-]{0,63}$' })
const shown = part.row({
  ...{ id: part.text('编号'), name: part.text('名称'), enabled: part.flag('是否启用') },
  names: Type.Unsafe({
    type: 'object',
    title: '可以发送的种类，各有哪些页面、功能、来源',
    additionalProperties: { type: 'object', additionalProperties: { type: 'string' } },
  }),
  changedBy: part.text('最后更改的人'),
  changedAt: part.moment('最后更改'),
})
const one = { 200: answerOf(shown) }

/** Where events come from, and what each may send (docs/statistics.md). */
export function eventSourceRoutes(app: FastifyInstance): void {
  const { sources } = app.events

  async function found(sourceId: string) {
    const source = await sources.find(sourceId)
    if (!source) throw new HubError('HUB_NO_RECORD', { detail: '没有这个数据源。' })
    return present(source)
  }

  typed(app).get(
    '/admin/event-sources',
    adminRoute(app, {
      key: 'event-sources.list',
      summary: '数据源',
      permission: 'event-sources.read',
      schema: { querystring: part.input(paging), response: { 200: answerOf(part.list('数据源', shown)) } },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { rows, total } = await sources.list({ page, pageSize })
      return answer(request, rows.map(present), { number: page, size: pageSize, total })
    },
  )

  typed(app).post(
    '/admin/event-sources',
    adminRoute(app, {
      key: 'event-sources.add',
      summary: '添加一个数据源',
      permission: 'event-sources.change',
      schema: { body: part.input({ id, ...given, purpose }, ['id', 'name', 'names', 'purpose']), response: { 201: answerOf(shown) } },
    }),
    async (request, reply) => {
      const { purpose: _purpose, enabled = true, ...source } = request.body
      request.audit.target = source.id
      const added = await sources.add({ ...source, enabled, changedBy: callerOf(request).user.id, changedAt: Date.now() })
      if (!added) throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/id', detail: '已经有这个编号的数据源' }] })
      return reply.code(201).send(answer(request, await found(source.id)))
    },
  )

  typed(app).patch(
    '/admin/event-sources/:id',
    adminRoute(app, {
      key: 'event-sources.change',
      summary: '更改或停用一个数据源',
      permission: 'event-sources.change',
      schema: { params: part.input({ id }, ['id']), body: part.input({ ...given, purpose }, ['purpose'], 2), response: one },
    }),
    async (request) => {
      const { purpose: _purpose, ...changes } = request.body
      request.audit.target = request.params.id
      await sources.change(request.params.id, { ...changes, changedBy: callerOf(request).user.id, changedAt: Date.now() })
      return answer(request, await found(request.params.id))
    },
  )

  typed(app).post(
    '/admin/event-sources/:id/remove',
    adminRoute(app, {
      key: 'event-sources.remove',
      summary: '移除一个数据源；已经计入的保留',
      permission: 'event-sources.change',
      schema: {
        params: part.input({ id }, ['id']),
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(part.row({ id: part.text('编号') })) },
      },
    }),
    async (request) => {
      request.audit.target = request.params.id
      if (!(await sources.remove(request.params.id))) throw new HubError('HUB_NO_RECORD', { detail: '没有这个数据源。' })
      return answer(request, { id: request.params.id })
    },
  )
}

function present({ changedAt, ...rest }: EventSource) {
  return { ...rest, changedAt: beijing(changedAt) }
}
