import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { AlertRow } from '../../operations/alerts/rows.ts'
import { signals, wordsOf } from '../../operations/alerts/rules.ts'
import type { Silence } from '../../operations/alerts/silences.ts'
import { alertTitles } from '../../operations/alerts/states.ts'
import { answer, answerOf, callerOf, typed } from '../../route-kit/kit.ts'
import { paging, part, purpose } from '../../route-kit/part.ts'
import { adminRoute } from './route.ts'

const severities = { critical: '严重', warning: '警告', info: '提示' } as const
const number = (title: string) => Type.Unsafe<number>({ type: 'number', title })
const whole = (title: string) => Type.Unsafe<number>({ type: 'integer', title })
const alert = {
  id: part.text('编号'),
  rule: part.text('规则'),
  title: part.text('告警'),
  target: part.text('对象'),
  severity: part.choice('程度', severities),
  state: part.choice('状态', alertTitles),
  stateName: part.text('状态名称'),
  words: part.text('现况'),
  since: part.moment('自何时'),
  seenAt: part.moment('最近一次发现'),
  toldAt: part.maybe('最近一次通知'),
  escalatedAt: part.maybe('何时升级'),
  acknowledgedBy: part.maybe('谁在处理'),
  acknowledgedAt: part.maybe('何时确认'),
  endedAt: part.maybe('何时结束'),
  quiet: part.flag('是否静默或在计划停机中'),
}
const event = part.row({ at: part.moment('时间'), event: part.text('事件'), by: part.maybe('操作人'), detail: part.maybe('说明') })
const silence = part.row({
  id: part.text('编号'),
  rule: part.maybe('规则（空：所有）'),
  target: part.maybe('对象（空：所有）'),
  from: part.moment('从'),
  until: part.moment('到'),
  reason: part.text('原因'),
  createdBy: part.text('设置人'),
})
const rule = part.row({
  id: part.text('规则'),
  title: part.text('告警'),
  signal: part.text('看什么'),
  when: part.choice('哪一边算异常', { above: '高于', below: '低于' }),
  threshold: number('界限'),
  forSeconds: whole('须持续的秒数'),
  severity: part.choice('程度', severities),
  repeatMinutes: whole('无人确认时多少分钟后再次通知'),
  escalateMinutes: whole('无人确认时多少分钟后升级'),
})
const word = (title: string) => part.text(title, { minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' })
const tried = part.row({ kind: part.text('渠道'), error: part.maybe('没有送出的原因') })

/** Alerts, who is at them, when they are not told, and whether they would arrive (docs/monitoring.md). */
export function alertRoutes(app: FastifyInstance): void {
  const { alerts } = app
  const rules = new Map(alerts.rules.map((each) => [each.id, each]))

  async function shown(row: AlertRow) {
    const known = rules.get(row.rule)
    return {
      ...{ id: row.id, rule: row.rule, title: known?.title ?? row.rule, target: row.target, severity: row.severity },
      ...{ state: row.state, stateName: alertTitles[row.state], words: known ? wordsOf(known.signal, row.value) : String(row.value) },
      since: beijing(row.since),
      seenAt: beijing(row.seen_at),
      toldAt: moment(row.told_at),
      escalatedAt: moment(row.escalated_at),
      acknowledgedBy: row.acknowledged_by,
      acknowledgedAt: moment(row.acknowledged_at),
      endedAt: moment(row.ended_at),
      quiet: row.ended_at === null && (await alerts.isQuiet(row)),
    }
  }

  async function detailed(id: string) {
    const found = await alerts.find(id)
    if (!found) throw new HubError('HUB_NO_RECORD', { detail: '没有这条告警。' })
    const events = found.events.map(({ at, ...rest }) => ({ at: beijing(at), ...rest }))
    return { ...(await shown(found.row)), events }
  }

  typed(app).get(
    '/admin/alerts',
    adminRoute(app, {
      key: 'alerts.list',
      summary: '告警，最近的在前',
      permission: 'alerts.read',
      schema: {
        querystring: part.input({
          state: part.choice('状态', alertTitles),
          severity: part.choice('程度', severities),
          rule: word('规则'),
          ...paging,
        }),
        response: { 200: answerOf(part.list('告警', part.row(alert))) },
      },
    }),
    async (request) => {
      const { page, pageSize } = request.query
      const { rows, total } = await alerts.list(request.query)
      return answer(request, await Promise.all(rows.map(shown)), { number: page, size: pageSize, total })
    },
  )

  typed(app).get(
    '/admin/alerts/:id',
    adminRoute(app, {
      key: 'alerts.read',
      summary: '一条告警及其经过',
      permission: 'alerts.read',
      schema: {
        params: part.input({ id: part.id('编号') }, ['id']),
        response: { 200: answerOf(part.row({ ...alert, events: part.list('经过', event) })) },
      },
    }),
    async (request) => answer(request, await detailed(request.params.id)),
  )

  typed(app).post(
    '/admin/alerts/:id/acknowledge',
    adminRoute(app, {
      key: 'alerts.acknowledge',
      summary: '确认一条告警：有人在处理，不再重复通知',
      permission: 'alerts.change',
      schema: {
        params: part.input({ id: part.id('编号') }, ['id']),
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(part.row({ ...alert, events: part.list('经过', event) })) },
      },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      const taken = await alerts.acknowledge(id, callerOf(request).user.id, request.body.purpose)
      if (!taken) throw new HubError('HUB_NO_RECORD', { detail: '没有这条告警，或它已经确认或恢复。' })
      return answer(request, await detailed(id))
    },
  )

  typed(app).get(
    '/admin/alert-rules',
    adminRoute(app, {
      key: 'alerts.rules',
      summary: '告警的规则',
      permission: 'alerts.read',
      schema: { response: { 200: answerOf(part.list('规则', rule)) } },
    }),
    async (request) =>
      answer(
        request,
        alerts.rules.map((each) => ({ ...each, signal: signals[each.signal].title })),
      ),
  )

  typed(app).get(
    '/admin/alert-silences',
    adminRoute(app, {
      key: 'alerts.silences',
      summary: '现在和将来的静默',
      permission: 'alerts.read',
      schema: { response: { 200: answerOf(part.list('静默', silence)) } },
    }),
    async (request) => answer(request, (await alerts.silences.list()).map(shownSilence)),
  )

  typed(app).post(
    '/admin/alert-silences',
    adminRoute(app, {
      key: 'alerts.silence',
      summary: '一段时间内不通知某种告警、某个对象的告警，或所有告警',
      permission: 'alerts.change',
      schema: {
        body: part.input(
          {
            rule: word('规则（不填：所有）'),
            target: word('对象，系统的编号也代表它的各个系统（不填：所有）'),
            from: part.moment('从（不填：现在）'),
            minutes: Type.Unsafe<number>({ type: 'integer', minimum: 1, maximum: 10_080, title: '多少分钟' }),
            purpose,
          },
          ['minutes', 'purpose'],
        ),
        response: { 201: answerOf(silence) },
      },
    }),
    async (request, reply) => {
      const { rule = null, target = null, from, minutes, purpose: reason } = request.body
      const begin = from === undefined ? Date.now() : Date.parse(from)
      const own = { rule, target, from: begin, until: begin + minutes * 60_000, reason, createdBy: callerOf(request).user.id }
      const added = await alerts.silences.add(own)
      request.audit.target = added.id
      return reply.code(201).send(answer(request, shownSilence(added)))
    },
  )

  typed(app).post(
    '/admin/alert-silences/:id/end',
    adminRoute(app, {
      key: 'alerts.unsilence',
      summary: '提前结束一段静默',
      permission: 'alerts.change',
      schema: {
        params: part.input({ id: part.id('编号') }, ['id']),
        body: part.input({ purpose }, ['purpose']),
        response: { 200: answerOf(part.row({ id: part.text('编号') })) },
      },
    }),
    async (request) => {
      const { id } = request.params
      request.audit.target = id
      if (!(await alerts.silences.end(id, callerOf(request).user.id)))
        throw new HubError('HUB_NO_RECORD', { detail: '没有这段静默，或它已经结束。' })
      return answer(request, { id })
    },
  )

  typed(app).post(
    '/admin/alert-tests',
    adminRoute(app, {
      key: 'alerts.test',
      summary: '向一个接收人的每个渠道发一条测试',
      permission: 'alerts.change',
      rate: { max: 6, perSeconds: 60 },
      schema: {
        body: part.input({ receiver: part.text('接收人', { minLength: 1, maxLength: 64 }), purpose }, ['receiver', 'purpose']),
        response: { 200: answerOf(part.list('各渠道', tried)) },
      },
    }),
    async (request) => {
      const found = await alerts.test(request.body.receiver)
      if (!found) throw new HubError('HUB_NO_RECORD', { detail: '没有这个接收人。' })
      return answer(request, found)
    },
  )
}

const moment = (at: number | null) => (at === null ? null : beijing(at))

function shownSilence({ from, until, ...rest }: Silence) {
  return { ...rest, from: beijing(from), until: beijing(until) }
}
