import fp from 'fastify-plugin'
import Type from 'typebox'
import { HubError } from '../../core/base/errors.ts'
import { findOverview, groups } from '../kinds/filing/overview.ts'
import { findShown } from '../kinds/filing/shown.ts'
import { actSchema, historySchema, idSchema, nextStepSchema, partsSchema, payableAt } from '../kinds/filing/views.ts'
import { waitingOf, waitingSchema } from '../kinds/filing/waiting.ts'
import { answer, answerOf, callerOf, hubRoute, TAG_ME, typed } from '../route-kit/kit.ts'
import { paging, part } from '../route-kit/part.ts'

const overviewParts = {
  id: part.text('中枢申请编号'),
  connector: part.text('系统'),
  service: part.text('服务'),
  name: part.text('服务名称'),
  agency: part.text('办理机构'),
  state: part.text('状态'),
  stateName: part.text('状态名称'),
  final: part.flag('是否办结'),
  filedAt: part.moment('提交时间'),
  updatedAt: part.moment('最近变化时间'),
  receipt: part.maybe('回执编号'),
  statusUrl: part.text('进度查询地址'),
  nextStep: Type.Unsafe(nextStepSchema),
  waiting: Type.Unsafe(waitingSchema),
  filedBy: part.maybe('经办人（脱敏，仅法定代表人可见）'),
}
const overview = part.row(overviewParts)

const { filedBy: _, ...own } = overviewParts
/** Of a joint case every part with it; nothing of what was applied for. */
const whole = part.row({
  ...own,
  refusalReason: part.maybe('对方不予办理的理由'),
  act: Type.Unsafe(actSchema),
  history: Type.Unsafe(historySchema),
  parts: Type.Unsafe(partsSchema),
})

const count = (title: string) => Type.Unsafe<number>({ type: 'integer', title })
const data = part.row({
  counts: part.row({
    ...Object.fromEntries(Object.entries(groups).map(([group, title]) => [group, count(title)])),
    total: count('合计'),
  }),
  rows: part.list('申请', overview),
})

const querystring = part.input({
  connector: part.text('系统', { maxLength: 64 }),
  service: part.text('服务', { maxLength: 64 }),
  name: part.text('服务名称中的文字', { maxLength: 50 }),
  state: part.text('状态', { maxLength: 16 }),
  group: part.choice('分组', groups),
  since: part.moment('提交时间从'),
  until: part.moment('提交时间到'),
  ...paging,
})

/** `GET /v1/me/submissions` and `…/<id>`: 我的办件 over all systems, of whomever the token is for: oneself or an enterprise. */
export default fp(
  async (app) => {
    typed(app).get(
      '/v1/me/submissions',
      hubRoute(app, {
        key: 'me.submissions',
        summary: '我的办件',
        tag: TAG_ME,
        schema: { querystring, response: { 200: answerOf(data) } },
      }),
      async (request) => {
        const { connector, service, name, state, group, since, until, page, pageSize } = request.query
        const caller = callerOf(request)
        request.audit.enterprise = caller.claims.enterprise
        const shown = (await findShown(app, caller)).filter(
          ({ service: { connector: system, contract } }) =>
            (connector === undefined || system.id === connector) &&
            (service === undefined || contract.id === service) &&
            (name === undefined || contract.name.includes(name.trim())),
        )
        const at = (moment: string | undefined) => (moment === undefined ? undefined : Date.parse(moment))
        const filter = { state, group, since: at(since), until: at(until), page, pageSize }
        const { rows, total, counts } = await findOverview(app.database, app.vault, shown, filter)
        const waiting = rows.map(({ state, ...row }) => {
          const found = app.services.get(`${row.connector}.${row.service}`)
          return { ...row, state, waiting: found ? waitingOf(app.calendar, found, state) : null }
        })
        const told = answer(request, { counts, rows: waiting }, { number: page, size: pageSize, total })
        request.audit.rows = rows.length
        request.audit.fields = Object.keys(rows[0] ?? {})
        return told
      },
    )
    typed(app).get(
      '/v1/me/submissions/:id',
      hubRoute(app, {
        key: 'me.submissions.one',
        summary: '我的办件：一件的全部情况',
        tag: TAG_ME,
        schema: { params: idSchema, response: { 200: answerOf(whole) } },
      }),
      async (request) => {
        const caller = callerOf(request)
        const { id } = request.params
        request.audit.enterprise = caller.claims.enterprise
        const place = await app.database('submissions').where({ id }).first('connector', 'service')
        const found = place && (await findShown(app, caller)).find(({ service }) => service.key === `${place.connector}.${place.service}`)
        const submission = found && (await app.submissions.read(found.by, found.service, id))
        if (!submission) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这项申请。' })
        request.audit.submission = id
        const { connector, contract } = found.service
        const { state, stateName, final, receipt, refusalReason, nextStep = null, act = null, history, parts } = submission
        return answer(request, {
          id,
          connector: connector.id,
          service: contract.id,
          name: contract.name,
          agency: connector.agency,
          ...{ state, stateName, final, receipt, refusalReason, nextStep, act, history },
          waiting: waitingOf(app.calendar, found.service, state),
          filedAt: submission.createdAt,
          updatedAt: submission.updatedAt,
          statusUrl: `/v1/${connector.id}/${contract.id}/${id}`,
          parts: parts ? payableAt(found.service, parts) : [],
        })
      },
    )
  },
  { name: 'me-submissions', dependencies: ['submissions', 'identity', 'connectors', 'validation'] },
)
