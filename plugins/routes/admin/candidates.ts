import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import { differences } from '../../operations/candidates/compare.ts'
import { declaredKinds } from '../../operations/candidates/declared.ts'
import { candidateModes } from '../../operations/candidates/modes.ts'
import type { Candidate } from '../../operations/candidates/open.ts'
import { rounded } from '../../operations/statistics/few.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { part, purpose } from '../../route-kit/part.ts'
import { ask, asked } from './requests.ts'
import { adminRoute } from './route.ts'

const whole = (title: string) => Type.Unsafe<number>({ type: 'integer', title })
const ms = (title: string) => Type.Unsafe<number | null>({ type: ['integer', 'null'], title })
const share = (title: string) => Type.Unsafe<number>({ type: 'integer', minimum: 0, maximum: 100, title })
const people = (title: string) => Type.Unsafe<number | null>({ type: ['integer', 'null'], title: `${title}；取整，太少的为空` })
const answers = { calls: whole('调用次数'), errors: whole('出错'), unreadable: whole('无法识别'), empty: whole('没有查到任何记录') }
const latency = part.row({ p50: ms('中位数'), p95: ms('95%') })
const { missing, added, type, value } = differences

const row = part.row({
  connector: part.text('连接器'),
  running: part.maybe('现行版本'),
  version: part.text('候选版本'),
  mode: part.choice('用法', candidateModes),
  modeName: part.text('用法名称'),
  shadowShare: share('参加比对的查询（%）'),
  share: share('由候选版本答复的用户（%）'),
  reason: part.maybe('自动收回的原因'),
  changedBy: part.maybe('操作人（空：系统）'),
  changedAt: part.maybe('从何时起'),
  declared: part.list(
    '声明的差异',
    part.row({
      service: part.text('服务'),
      field: part.maybe('字段或者输入项'),
      difference: part.choice('差异', declaredKinds),
      differenceName: part.text('差异名称'),
    }),
  ),
  comparison: part.row({
    since: part.maybe('从何时起'),
    reads: whole('已比对的查询'),
    same: whole('一致'),
    different: whole('不一致'),
    skipped: whole('没有比对：对方繁忙、暂停或者异常'),
    callers: people('涉及的用户（约）'),
    fields: part.list(
      '字段，只记名称和次数',
      part.row({
        service: part.text('服务'),
        field: part.text('字段（*：记录条数）'),
        equal: whole('一致'),
        missing: whole(missing),
        added: whole(added),
        type: whole(type),
        value: whole(value),
      }),
    ),
    errors: part.list(
      '有一方出错的',
      part.row({
        service: part.text('服务'),
        running: part.text('现行版本：ok 或者错误码'),
        candidate: part.text('候选版本：ok 或者错误码'),
        count: whole('次数'),
      }),
    ),
    latency: part.row({ running: latency, candidate: latency }),
  }),
  answers: part.row({ running: part.row(answers), candidate: part.row(answers), callers: people('由候选版本答复的用户（约）') }),
  verdict: part.row({ ready: part.flag('可以答复全部用户'), reasons: part.list('还差什么', part.text('原因')) }),
})
const params = part.input({ id: part.text('连接器', { maxLength: 64 }) }, ['id'])
const body = part.input(
  {
    mode: part.choice('用法', candidateModes),
    shadowShare: share('参加比对的查询（%），默认 0'),
    share: share('由候选版本答复的用户（%），只用于灰度，默认 0'),
    purpose,
  },
  ['mode', 'purpose'],
)

/** A connector's candidate version: how it is used, how it does, and who may be answered by it (docs/candidates.md). */
export function candidateRoutes(app: FastifyInstance): void {
  const path = '/admin/connectors/:id/candidate'
  typed(app).get(
    path,
    adminRoute(app, {
      key: 'connectors.candidate',
      summary: '连接器的候选版本及其比对结果',
      permission: 'health.read',
      schema: { params, response: { 200: answerOf(row) } },
    }),
    async (request) => answer(request, await present(candidateOf(app, request, request.params.id))),
  )

  typed(app).put(
    path,
    adminRoute(app, {
      key: 'connectors.candidate.change',
      summary: '设置候选版本的用法和比例，五秒内在所有进程生效',
      permission: 'connectors.switch',
      schema: { params, body, response: { 200: answerOf(row) } },
    }),
    async (request) => {
      const candidate = candidateOf(app, request, request.params.id)
      const { mode, shadowShare = 0, share = 0 } = request.body
      await app.candidates.set(candidate, { mode, shadowShare, share, changedBy: callerOf(request).user.id })
      return answer(request, await present(candidate))
    },
  )

  typed(app).post(
    `${path}/promotion`,
    adminRoute(app, {
      key: 'connectors.candidate.promote',
      summary: '由候选版本答复全部用户，不论比对结果（须由另一位管理员确认）',
      permission: 'connectors.switch',
      schema: { params, body: part.input({ purpose }, ['purpose']), response: asked },
    }),
    async (request, reply) => {
      const { connector, version } = candidateOf(app, request, request.params.id)
      return ask(app, request, reply, 'connectors.candidate', { connector, version })
    },
  )

  async function present(candidate: Candidate) {
    const { connector, version, running, declared } = candidate
    const { since, comparison, answers, objections } = await app.candidates.report(candidate)
    const found = app.candidates.modeOf(candidate)
    const mode = found?.mode ?? 'off'
    const shown = (users: number) => rounded(users, app.settings.STATISTICS_FEWEST_PEOPLE)
    return {
      ...{ connector, running: running.version ?? null, version, mode, modeName: candidateModes[mode] },
      ...{ shadowShare: found?.shadowShare ?? 0, share: found?.share ?? 0, reason: found?.reason ?? null },
      ...{ changedBy: found?.changedBy ?? null, changedAt: found ? beijing(found.changedAt) : null },
      declared: declared.map((each) => ({ ...each, differenceName: declaredKinds[each.difference] })),
      comparison: { ...comparison, callers: shown(comparison.callers), since: since === null ? null : beijing(since) },
      answers: { ...answers, callers: shown(answers.callers) },
      verdict: { ready: objections.length === 0, reasons: objections },
    }
  }
}

/** Throws HUB_NO_RECORD where there is none, saying why one that is configured does not stand beside its connector. */
function candidateOf(app: FastifyInstance, request: FastifyRequest, id: string): Candidate {
  const candidate = app.candidates.of(id)
  if (!candidate) {
    const [trouble] = app.candidates.troublesOf(id)
    throw new HubError('HUB_NO_RECORD', { detail: `这个连接器没有候选版本${trouble === undefined ? '' : `：${trouble}`}。` })
  }
  request.audit.target = id
  return candidate
}
