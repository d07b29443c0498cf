import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { AnnouncedClosing } from '../../calendar/announced.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'

const DAY_MS = 86_400_000
const MOST_DAYS = 31
/** Nobody announces a closing two years ahead; whoever writes that has mistaken the year. */
const AHEAD_DAYS = 366

const closing = part.row({
  id: part.text('编号'),
  system: part.text('系统'),
  title: part.text('原因（公众可见）'),
  from: part.moment('开始'),
  to: part.moment('恢复'),
  state: part.choice('状态', { planned: '尚未开始', current: '正在进行', over: '已经结束', ended: '已取消或提前结束' }),
  createdBy: part.text('登记人'),
  createdAt: part.moment('登记时间'),
  endedAt: part.maybe('取消或提前结束的时间'),
})

const connector = part.text('连接器（缺省：所有）', { pattern: '^[a-z0-9-]+$', maxLength: 64 })
const body = part.input(
  {
    system: part.text('系统：连接器编号，或 <连接器>/<系统>', { minLength: 1, maxLength: 128 }),
    title: part.text('原因（公众可见），如“系统升级”', { minLength: 2, maxLength: 40, pattern: '\\S' }),
    from: part.moment('开始'),
    to: part.moment('恢复'),
    purpose,
  },
  ['system', 'title', 'from', 'to', 'purpose'],
)

/** Closings that an agency announces beside what its connector declares: in effect in every process within 5 s (docs/calendar.md). */
export function closingRoutes(app: FastifyInstance): void {
  const { calendar } = app
  typed(app).get(
    '/admin/closings',
    adminRoute(app, {
      key: 'closings.list',
      summary: '对方单位公告的停机安排',
      permission: 'closings.read',
      schema: { querystring: part.input({ connector, ...paging }), response: { 200: answerOf(part.list('停机安排', closing)) } },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { rows, total } = await calendar.announced.list(request.query)
      return answer(request, rows.map(present), { number: page, size: pageSize, total })
    },
  )

  typed(app).post(
    '/admin/closings',
    adminRoute(app, {
      key: 'closings.add',
      summary: '登记对方单位公告的停机安排',
      permission: 'closings.change',
      schema: { body, response: { 201: answerOf(closing) } },
    }),
    async (request, reply) => {
      const { system, title } = request.body
      const [from, to] = [Date.parse(request.body.from), Date.parse(request.body.to)]
      request.audit.target = system
      assertTimes(system, from, to)
      const added = await calendar.announced.add({ system, title: title.trim(), from, to, createdBy: callerOf(request).user.id })
      request.audit.target = added.id
      return reply.code(201).send(answer(request, present(added)))
    },
  )

  typed(app).post(
    '/admin/closings/:id/end',
    adminRoute(app, {
      key: 'closings.end',
      summary: '取消停机安排，或使它提前结束',
      permission: 'closings.change',
      schema: {
        params: part.input({ id: part.id('编号') }, ['id']),
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(part.row({ id: part.text('编号') })) },
      },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      if (!(await calendar.announced.end(id, callerOf(request).user.id)))
        throw new HubError('HUB_NO_RECORD', { detail: '没有这项停机安排，或它已经结束。' })
      return answer(request, { id })
    },
  )

  function assertTimes(system: string, from: number, to: number): void {
    const now = calendar.now()
    const errors = [
      ...(app.upstreams.has(system) ? [] : [{ pointer: '/body/system', detail: '没有这个系统' }]),
      ...(to > from ? [] : [{ pointer: '/body/to', detail: '须晚于开始时间' }]),
      ...(to > now ? [] : [{ pointer: '/body/to', detail: '已经过去' }]),
      ...(to - from <= MOST_DAYS * DAY_MS ? [] : [{ pointer: '/body/to', detail: `最长 ${MOST_DAYS} 天` }]),
      ...(from - now <= AHEAD_DAYS * DAY_MS ? [] : [{ pointer: '/body/from', detail: '须在一年以内' }]),
    ]
    if (errors.length > 0) throw new HubError('HUB_VALIDATION', { errors })
  }

  function present({ from, to, createdAt, endedAt, ...rest }: AnnouncedClosing) {
    const now = calendar.now()
    const state =
      endedAt !== null ? ('ended' as const) : to <= now ? ('over' as const) : from <= now ? ('current' as const) : ('planned' as const)
    const moments = { from: beijing(from), to: beijing(to), createdAt: beijing(createdAt) }
    return { ...rest, ...moments, state, endedAt: endedAt === null ? null : beijing(endedAt) }
  }
}
