import type { FastifyInstance } from 'fastify'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { Capability } from '../../catalogue/capabilities/capability.ts'
import { COMPATIBLE_DAYS, DAY_MS, deprecate, lifeEvents, publish } from '../../catalogue/capabilities/life.ts'
import { versionsOf } from '../../catalogue/capabilities/releases.ts'
import { lifeStates } from '../../catalogue/lives.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { COUNT, MOMENT, REVISION } from './capability-parts.ts'
import { adminRoute } from './route.ts'

const PATH = '/admin/capabilities/:id'
/** For so long back those who called are listed. */
const CALLERS_DAYS = 90
const params = part.input({ id: part.text('编号', { maxLength: 130 }) }, ['id'])
const reason = part.text('原因（开发者可见）', { minLength: 2, maxLength: 150, pattern: '\\S' })
const successor = part.maybe('接替的能力', { maxLength: 130 })
const texts = (title: string) => part.list(title, part.text('名称'))
const life = {
  ...{ id: part.text('编号'), name: part.text('名称'), revision: REVISION, state: part.choice('状态', lifeStates) },
  ...{ deprecatedAt: MOMENT, sunsetAt: MOMENT, successor, reason: part.maybe('原因') },
}
const event = part.row({
  ...{ act: part.text('动作'), at: MOMENT, sunsetAt: MOMENT, successor, reason: part.maybe('原因'), by: part.text('操作人') },
})
const version = part.row({ version: part.text('版本号'), at: MOMENT, added: texts('新增'), removed: texts('去掉') })
const caller = part.row({ app: part.text('应用（空：本市的应用，或没有标明）'), calls: COUNT })
const whole = part.row({
  ...life,
  versions: part.list('历史版本：每一次改动', version),
  events: part.list('上下架记录', event),
  callers: part.list(`${CALLERS_DAYS} 天内的调用方`, caller),
})

const moment = (at: number | null) => (at === null ? null : beijing(at))

/** Versions and compatibility (contract annex 1.2.3.3.2): how long one is still offered, what took its place, and who still calls it. */
export function capabilityLifeRoutes(app: FastifyInstance): void {
  const { capabilities, catalogue, database } = app

  async function found(id: string): Promise<Capability> {
    await Promise.all([capabilities.load(), catalogue.load()])
    const capability = capabilities.find(id)
    if (!capability) throw new HubError('HUB_NO_RECORD', { detail: '没有这项能力。' })
    return capability
  }
  function present({ id, name, revision }: Capability) {
    const life = catalogue.lifeOf(id)
    return {
      ...{ id, name, revision, state: catalogue.stateOf(id), successor: life?.successor ?? null, reason: life?.reason ?? null },
      ...{ deprecatedAt: moment(life?.deprecatedAt ?? null), sunsetAt: moment(life?.sunsetAt ?? null) },
    }
  }
  async function callersOf(id: string) {
    const service = app.services.get(id)
    if (!service) return []
    const day = (at: number) => beijing(at).slice(0, 10)
    const span = { from: day(Date.now() - CALLERS_DAYS * DAY_MS), to: day(Date.now()) }
    const rows = await app.statistics.ask({ by: 'app', connector: service.connector.id, service: service.contract.id, ...span })
    return rows.map(({ key, calls }) => ({ app: key, calls }))
  }

  typed(app).get(
    PATH,
    adminRoute(app, {
      key: 'capabilities.read',
      summary: '一项能力的版本、兼容期和调用方',
      permission: 'catalogue.read',
      schema: { params, response: { 200: answerOf(whole) } },
    }),
    async (request) => {
      const capability = await found(request.params.id)
      const [connector = '', service = ''] = capability.id.split('.')
      const [versions, events, callers] = await Promise.all([
        versionsOf(database, connector, service),
        lifeEvents(database, capability.id),
        callersOf(capability.id),
      ])
      return answer(request, {
        ...present(capability),
        versions: versions.map((each) => ({ ...each, at: beijing(each.at) })),
        events: events.map((each) => ({ ...each, at: beijing(each.at), sunsetAt: moment(each.sunsetAt) })),
        callers,
      })
    },
  )

  typed(app).post(
    `${PATH}/deprecate`,
    adminRoute(app, {
      key: 'capabilities.deprecate',
      summary: `定下兼容期（至少 ${COMPATIBLE_DAYS} 天）：期内照常并提示，期满后停止`,
      permission: 'catalogue.change',
      schema: {
        params,
        body: part.input({ revision: REVISION, sunset: part.moment('停止的时间'), successor, reason, purpose }, [
          'revision',
          'sunset',
          'reason',
          'purpose',
        ]),
        response: { 200: answerOf(part.row(life)) },
      },
    }),
    async (request) => {
      const { revision, sunset, successor = null, reason } = request.body
      const { id } = await found(request.params.id)
      request.audit.target = id
      if (successor !== null && !capabilities.find(successor))
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/successor', detail: '没有这项能力' }] })
      const next = { sunsetAt: Date.parse(sunset), successor, reason: reason.trim() }
      await deprecate(database, id, next, { revision, by: callerOf(request).user.id, now: catalogue.clock() })
      return answer(request, present(await found(id)))
    },
  )

  typed(app).post(
    `${PATH}/publish`,
    adminRoute(app, {
      key: 'capabilities.publish',
      summary: '重新上架：取消兼容期，或恢复已经停止的能力',
      permission: 'catalogue.change',
      schema: {
        params,
        body: part.input({ revision: REVISION, purpose }, ['revision', 'purpose']),
        response: { 200: answerOf(part.row(life)) },
      },
    }),
    async (request) => {
      const { revision, purpose: why } = request.body
      const { id } = await found(request.params.id)
      request.audit.target = id
      await publish(database, id, why.slice(0, 200), { revision, by: callerOf(request).user.id, now: catalogue.clock() })
      return answer(request, present(await found(id)))
    },
  )
}
