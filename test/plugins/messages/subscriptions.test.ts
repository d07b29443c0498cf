import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { type ConnectorDeclaration, field, service } from '../../../core/connector.ts'
import { checkDeclarations } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { build } from '../../helper/hub.ts'
import { call, enterpriseId, userId } from '../../helper/identity.ts'
import { NEVER } from '../../helper/message-gateway.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'

const SUBSCRIPTIONS = '/v1/me/subscriptions'
const HOUR = 3_600_000
const DAY = 24 * HOUR
const INVALID = [400, 'HUB_VALIDATION']
const dayIn = (days: number) => new Date(Date.now() + days * DAY + 8 * 3_600_000).toISOString().slice(0, 10)

/** Papers that end, and marks that come: what the agency answers, the test says. */
function papers(rows: { papers: object[]; marks: object[] }): ConnectorDeclaration {
  const demo = minimalConnector()
  const common = {
    section: '0',
    kind: 'list',
    audience: 'person',
    agents: true,
    identity: 'real-name',
    inputs: {},
    timeoutMs: 2000,
    rate: { max: 1000, perSeconds: 60 },
  } as const
  const paper = service({
    ...common,
    id: 'paper',
    name: '证照查询',
    subscriptions: { expiry: { title: '证照到期提醒', on: 'date', field: 'endsOn', daysBefore: [30, 7] } },
    fields: { number: field.text('编号', { code: 'bh', required: true }), endsOn: field.date('有效期至', { code: 'yxq' }) },
  })
  const mark = service({
    ...common,
    id: 'mark',
    name: '记录查询',
    subscriptions: { news: { title: '新记录提醒', on: 'news', key: ['number'] } },
    fields: { number: field.text('编号', { code: 'bh', required: true }) },
  })
  return {
    ...demo,
    upstream: { ...demo.upstream, subject: { ...demo.upstream.subject, enterprise: { qymc: 'enterprise.name' } } },
    services: [...demo.services, paper, mark],
    sandbox: { paper: () => rows.papers as Record<string, unknown>[], mark: () => rows.marks as Record<string, unknown>[] },
  }
}

async function open(t: Test) {
  const rows = { papers: [] as object[], marks: [] as object[] }
  const clock = { ahead: 0 }
  const hub = await build(t, {
    declarations: [papers(rows), housingFund],
    env: { MESSAGE_QUIET_HOURS: '00:00-00:00' },
    messagesPace: { sweepMs: NEVER, now: () => Date.now() + clock.ahead },
  })
  const subscribe = (person: number, body: object, more: object = {}) => call(hub, 'POST', SUBSCRIPTIONS, { person, body, ...more })
  return {
    hub,
    rows,
    clock,
    subscribe,
    held: async (person: number, more: object = {}) =>
      (await call(hub, 'GET', SUBSCRIPTIONS, { person, ...more })).json().data as {
        id: string
        state: string
        endBy?: string
        endedBy: string | null
      }[],
    told: async (person: number) =>
      (
        (await call(hub, 'GET', '/v1/me/messages?kind=subscription&pageSize=100', { person })).json().data as {
          title: string
          body: string
        }[]
      ).map(({ title, body }) => `${title}|${body}`),
    /** The evening of a later day, by when everything has had its turn. */
    async nextDay(days = 1) {
      const midnight = Math.floor((Date.now() + clock.ahead + 8 * HOUR) / DAY) * DAY - 8 * HOUR
      clock.ahead = midnight + days * DAY + 20.5 * HOUR - Date.now()
      await hub.app.messages.settle()
    },
  }
}

t.test('subscriptions', async (t) => {
  const { hub, rows, clock, subscribe, held, told, nextDay } = await open(t)
  const { database, sandbox } = hub.app
  const EXPIRY = { connector: 'demo', service: 'paper', subscription: 'expiry' }
  const NEWS = { connector: 'demo', service: 'mark', subscription: 'news' }

  t.test('a day that comes near is told once, however often it is asked', async (t) => {
    rows.papers = [{ bh: 'A', yxq: dayIn(40).replaceAll('-', '') }, { bh: 'B', yxq: dayIn(-3).replaceAll('-', '') }, { bh: 'C' }]
    t.equal((await subscribe(4, EXPIRY)).statusCode, 201)
    await nextDay()
    t.same(await told(4), [], 'too early')
    await nextDay(10)
    await nextDay()
    await nextDay()
    const date = dayIn(40)
    t.same(await told(4), [`证照到期提醒|您订阅的“证照到期提醒”：证照查询（演示单位）的有效期至是 ${date}，请留意。`])
    const looks = await auditOf(
      hub,
      (
        await database('subscriptions')
          .where({ user_id: userId(4) })
          .first()
      ).trace_id,
    )
    t.equal(looks.filter(({ service }) => service === 'paper').length, 4, 'each look is on record')
    t.match(looks.at(-1), { connector: 'demo', service: 'paper', outcome: 'ok', rows: 3 })
    clock.ahead = 0
  })

  t.test('what is new is told, and not what was there', async (t) => {
    rows.marks = [{ bh: '1' }]
    await subscribe(5, NEWS)
    await nextDay()
    t.same(await told(5), [])
    sandbox?.faults.set({ kind: 'values', sid: 'demo.mark', values: { bh: '"2"' } })
    await nextDay()
    await nextDay()
    t.same(await told(5), ['新记录提醒|您订阅的“新记录提醒”：记录查询（演示单位）有新的记录，请登录查看。'])
    await nextDay()
    t.equal((await told(5)).length, 1, 'known from then on')
    sandbox?.faults.clear()
    clock.ahead = 0
  })

  t.test('an agency in trouble is asked again, and nothing is told of it', async (t) => {
    rows.marks = [{ bh: '1' }]
    await subscribe(6, NEWS)
    sandbox?.faults.set({ kind: 'http-500', sid: 'demo.mark' })
    await nextDay()
    const row = () =>
      database('subscriptions')
        .where({ user_id: userId(6) })
        .first()
    t.match(await row(), { state: 'active', failures: 1 })
    sandbox?.faults.clear()
    sandbox?.faults.set({ kind: 'values', sid: 'demo.mark', values: { bh: '"3"' } })
    await nextDay()
    sandbox?.faults.clear()
    t.match(await row(), { state: 'active', failures: 0 })
    t.equal((await told(6)).length, 1)
    clock.ahead = 0
  })

  t.test('with a face behind the consent, and not without; the message says nothing of the record', async (t) => {
    const LOAN = { connector: 'housing-fund', service: 'loan-account', subscription: 'repayment-reminder' }
    t.same(verdict(await subscribe(1, LOAN, { face: false })), [403, 'HUB_FACE_REQUIRED'])
    const answer = await call(hub, 'GET', '/v1/housing-fund/loan-account')
    const several = answer.statusCode === 409 ? (answer.json().choices.values as string[]) : []
    const key = several[0] ?? null
    if (key !== null) t.same(verdict(await subscribe(1, LOAN)), [409, 'HUB_SEVERAL_RECORDS'])
    const loan = key === null ? answer : await call(hub, 'GET', `/v1/housing-fund/loan-account?loanAccountNumber=${key}`)
    const { dueDate } = loan.json().data as { dueDate: string }
    t.equal((await subscribe(1, { ...LOAN, daysBefore: 5, ...(key === null ? {} : { key }) })).statusCode, 201)
    const [sealed] = await database('subscriptions').where({ connector: 'housing-fund' })
    t.notMatch(JSON.stringify(sealed), key ?? dueDate, 'sealed at rest')
    const sid = hub.app.services.get('housing-fund.loan-account')?.sid ?? ''
    sandbox?.faults.set({ kind: 'values', sid, values: { dqyhrq: JSON.stringify(dayIn(4).replaceAll('-', '')) } })
    await nextDay()
    sandbox?.faults.clear()
    t.same(await told(1), ['还款提醒|您订阅的“还款提醒”有新情况，请登录并完成人脸核验后查看。'])
    clock.ahead = 0
  })

  t.test('whoever is not entitled, or asks for what there is not', async (t) => {
    for (const [body, verdictOf] of [
      [{ ...EXPIRY, subscription: 'x' }, INVALID],
      [{ ...EXPIRY, service: 'x' }, INVALID],
      [{ ...EXPIRY, daysBefore: 8 }, INVALID],
      [{ ...EXPIRY, daysBefore: -1 }, INVALID],
      [{ ...EXPIRY, key: 'A' }, INVALID],
      [{ ...NEWS, daysBefore: 1 }, INVALID],
      [{ ...NEWS, subscription: 'a'.repeat(65) }, INVALID],
      [{}, INVALID],
    ] as const)
      t.same(verdict(await subscribe(4, body)), verdictOf, JSON.stringify(body))
    const [own] = await held(4)
    t.same(verdict(await call(hub, 'DELETE', `${SUBSCRIPTIONS}/${own?.id}`, { person: 5 })), [404, 'HUB_NO_RECORD'])
    t.same(verdict(await call(hub, 'DELETE', `${SUBSCRIPTIONS}/${randomUUID()}`, { person: 5 })), [404, 'HUB_NO_RECORD'])
    t.equal((await subscribe(4, EXPIRY)).json().data.id, own?.id, 'the same again is the one there is')
    const offers = (await call(hub, 'GET', `${SUBSCRIPTIONS}/offers`)).json().data as { service: string; face: boolean }[]
    t.match(offers, [{ service: 'paper', face: false }, { service: 'mark' }, ...offers.slice(2)])
    t.ok(offers.some(({ service, face }) => service === 'loan-account' && face))
  })

  t.test('it ends with the consent, the mandate, the account', async (t) => {
    const { headers } = trace()
    const mandate = { id: randomUUID(), user_id: userId(7), enterprise_id: enterpriseId(2), role: 'agent', scope: 'demo' }
    await database('mandates').insert({ ...mandate, status: 'active', granted_by: 'test', starts_at: 0, ends_at: Date.now() + 1e11 })
    t.equal((await subscribe(7, NEWS, { enterprise: 2, headers })).statusCode, 201)
    t.same(await held(7), [], 'not his own')
    t.equal((await held(7, { enterprise: 2 })).length, 1)
    await database('mandates').where({ id: mandate.id }).update({ status: 'disabled' })
    await nextDay()
    t.match(
      await database('subscriptions')
        .where({ user_id: userId(7) })
        .first(),
      { state: 'ended', end_code: 'HUB_MANDATE_REQUIRED' },
    )
    t.same(await told(7), ['订阅已停止：新记录提醒|您订阅的“新记录提醒”已停止：您对该单位的授权已终止。需要时请重新订阅。'])

    await call(hub, 'POST', `/admin/users/${userId(5)}/disable`, { person: 1, body: { purpose: '例行检查' } })
    await nextDay(10)
    t.match(
      await database('subscriptions')
        .where({ user_id: userId(5) })
        .first(),
      { state: 'ended', end_code: 'HUB_USER_DISABLED' },
    )

    await nextDay(400)
    t.match(await held(4), [{ state: 'ended', endedBy: 'CONSENT-OVER' }])
    const [own] = await held(4)
    t.equal((await call(hub, 'DELETE', `${SUBSCRIPTIONS}/${own?.id}`, { person: 4 })).statusCode, 204)
    t.same(await held(4), [])
  })
})

t.test('a subscription that cannot work is found at the start', async (t) => {
  const demo = papers({ papers: [], marks: [] })
  const [balance] = demo.services
  const wrong = (contract: object) =>
    checkDeclarations(
      [{ ...demo, services: [{ handler: null, contract: { ...balance?.contract, ...contract } as never }], sandbox: {} }],
      kinds,
    )
  const policy = { title: '提醒', on: 'date', field: 'amount', daysBefore: [3] }
  t.match(wrong({ subscriptions: { due: policy } }), ['demo.balance.subscriptions.due: must name a field of type date or until: amount'])
  t.match(wrong({ subscriptions: { due: { ...policy, on: 'news', key: [] } } }), ['demo.balance.subscriptions.due: key must name a field'])
  t.match(wrong({ subscriptions: { due: { ...policy, on: 'news', key: ['x'] } } }), ['demo.balance.subscriptions.due: no such field: x'])
  t.match(wrong({ subscriptions: { Due: { title: '', on: 'news', key: ['amount'] } } }), [/kebab-case/, /missing title/])
  t.match(wrong({ identity: 'none', audience: 'public', subscriptions: { due: { title: '提', on: 'news', key: ['amount'] } } }), [
    /need a user/,
  ])
  t.match(wrong({ face: { maxAgeSeconds: 300, once: true }, subscriptions: { due: { title: '提', on: 'news', key: ['amount'] } } }), [
    /spent/,
  ])
})
