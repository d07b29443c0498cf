import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { type Switch, switchStates } from '../../calendar/switches.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'

const row = part.row({
  connector: part.text('连接器'),
  name: part.text('名称'),
  agency: part.text('单位'),
  state: part.choice('开关', switchStates),
  stateName: part.text('开关名称'),
  title: part.maybe('原因（公众可见）'),
  changedBy: part.maybe('操作人'),
  changedAt: part.maybe('从何时起'),
  candidate: part.maybe('候选版本'),
})
const body = part.input(
  {
    state: part.choice('开关', switchStates),
    title: part.text('原因（公众可见），如“数据核对”；停用和排空时必填', { minLength: 2, maxLength: 40, pattern: '\\S' }),
    purpose,
  },
  ['state', 'purpose'],
)

/** Turning connectors off and on, in every process within 5 s (docs/calendar.md). */
export function switchRoutes(app: FastifyInstance): void {
  const { switches } = app.calendar

  typed(app).get(
    '/admin/connectors',
    adminRoute(app, {
      key: 'connectors.list',
      summary: '连接器及其开关',
      permission: 'health.read',
      schema: { response: { 200: answerOf(part.list('连接器', row)) } },
    }),
    async (request) => {
      const set = new Map((await switches.list()).map((each) => [each.connector, each]))
      return answer(
        request,
        app.connectors.map(({ id }) => present(id, set.get(id))),
      )
    },
  )

  typed(app).post(
    '/admin/connectors/:id/switch',
    adminRoute(app, {
      key: 'connectors.switch',
      summary: '启用、排空或者停用一个连接器',
      permission: 'connectors.switch',
      schema: { params: part.input({ id: part.text('连接器', { maxLength: 64 }) }, ['id']), body, response: { 200: answerOf(row) } },
    }),
    async (request) => {
      const { id } = request.params
      const { state, title } = request.body
      request.audit.target = id
      if (!app.connectors.some((connector) => connector.id === id)) throw new HubError('HUB_NO_RECORD', { detail: '没有这个连接器。' })
      if (state !== 'on' && title === undefined)
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/title', detail: '停用和排空须说明原因' }] })
      const changedBy = callerOf(request).user.id
      return answer(
        request,
        present(id, await switches.set({ connector: id, state, title: state === 'on' ? null : (title?.trim() ?? null), changedBy })),
      )
    },
  )

  function present(id: string, found: Switch | undefined) {
    const { name = id, agency = '' } = app.connectors.find((connector) => connector.id === id) ?? {}
    const state = found?.state ?? 'on'
    const changed = { changedBy: found?.changedBy ?? null, changedAt: found ? beijing(found.changedAt) : null }
    const told = { state, stateName: switchStates[state], title: found?.title ?? null, ...changed }
    return { connector: id, name, agency, ...told, candidate: app.candidates.of(id)?.version ?? null }
  }
}
