import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { answer, answerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'

const whole = (title: string) => Type.Unsafe<number>({ type: 'integer', title })
const type = part.row({
  name: part.text('种类'),
  title: part.text('种类名称'),
  waiting: whole('待办，包括未到时间的'),
  due: whole('已到时间、尚未开始的'),
  running: whole('正在办理'),
  failed: whole('须人工处理'),
  oldestSeconds: Type.Unsafe<number | null>({ type: ['integer', 'null'], title: '最久的一件已等待的秒数' }),
})
const schedule = part.row({
  name: part.text('任务'),
  title: part.text('任务名称'),
  pattern: part.text('时间（cron，北京时间）'),
  dueAt: part.moment('下次时间'),
  running: part.flag('是否正在进行'),
  runs: whole('完成次数'),
  failures: whole('连续失败次数'),
  lastError: part.maybe('最近的错误'),
  endedAt: part.maybe('最近一次的时间'),
})
const letter = part.row({
  id: part.text('编号'),
  type: part.text('种类'),
  about: part.text('事由或对象'),
  lastError: part.maybe('最近的错误'),
  attempts: whole('尝试次数'),
  createdAt: part.moment('建立时间'),
  updatedAt: part.moment('更新时间'),
})

/** How far background work has come, what came to nothing, and having it tried again or given up (docs/operations.md). */
export function jobRoutes(app: FastifyInstance): void {
  const { jobs, schedules } = app
  typed(app).get(
    '/admin/jobs',
    adminRoute(app, {
      key: 'jobs.overview',
      summary: '后台任务的进展：各种队列与定时任务',
      permission: 'jobs.read',
      schema: {
        response: { 200: answerOf(part.row({ types: part.list('队列', type), schedules: part.list('定时任务', schedule) })) },
      },
    }),
    async (request) => {
      const at = Date.now()
      const types = (await jobs.overview()).map(({ oldestDueAt, ...counts }) => ({
        ...counts,
        oldestSeconds: oldestDueAt === null ? null : Math.max(0, Math.floor((at - oldestDueAt) / 1000)),
      }))
      const listed = (await schedules.list()).map(({ dueAt, endedAt, ...row }) => ({
        ...row,
        dueAt: beijing(dueAt),
        endedAt: endedAt === null ? null : beijing(endedAt),
      }))
      return answer(request, { types, schedules: listed })
    },
  )

  typed(app).get(
    '/admin/jobs/dead',
    adminRoute(app, {
      key: 'jobs.dead',
      summary: '没有办成、须人工处理的任务',
      permission: 'jobs.read',
      schema: {
        querystring: part.input({ type: part.text('种类', { maxLength: 64 }), ...paging }),
        response: { 200: answerOf(part.list('任务', letter)) },
      },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { rows, total } = await jobs.dead(request.query)
      const told = rows.map(({ createdAt, updatedAt, ...row }) => ({
        ...row,
        createdAt: beijing(createdAt),
        updatedAt: beijing(updatedAt),
      }))
      return answer(request, told, { number: page, size: pageSize, total })
    },
  )

  for (const [act, summary] of [
    ['replay', '重新办理一件没有办成的任务'],
    ['drop', '放弃一件没有办成的任务'],
  ] as const)
    typed(app).post(
      `/admin/jobs/:id/${act}`,
      adminRoute(app, {
        key: `jobs.${act}`,
        summary,
        permission: 'jobs.change',
        schema: {
          params: part.input({ id: part.id('编号') }, ['id']),
          body: part.input({ purpose }, ['purpose']),
          response: { 200: answerOf(part.row({ id: part.text('编号'), type: part.text('种类') })) },
        },
      }),
      async (request) => answer(request, await done(request, request.params.id, act)),
    )

  async function done(request: FastifyRequest, id: string, act: 'replay' | 'drop') {
    request.audit.target = id
    const found = await jobs[act](id)
    if (found === null) throw new HubError('HUB_NO_RECORD', { detail: '没有这件任务，或它不是没有办成的。' })
    return { id, type: found }
  }
}
