import t from 'tap'
import realEstate from '../../../connectors/real-estate/index.ts'
import { askLater } from '../../../core/call/later.ts'
import type { Asynchronous, ConnectorDeclaration, ServiceContract } from '../../../core/connector.ts'
import type { Outgoing } from '../../../core/upstream/dialect.ts'
import type { Opened } from '../../../core/upstream/envelope.ts'
import type { Upstream } from '../../../core/upstream/upstream.ts'
import { checkDeclarations } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import type { FaultKind } from '../../../plugins/sandbox/faults.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { best } from '../../helper/best.ts'
import { build } from '../../helper/hub.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'

/** The asynchronous form of registers: a query number, then its states. */
const policy: Asynchronous = {
  number: 'cxsqdh',
  resultSid: 'real-estate.result',
  state: 'zt',
  running: ['1', '2'],
  done: ['3'],
  refused: ['4', '5'],
  rows: 'jg',
  pollMs: 20,
}

/** 不动产 as if its register answered later. */
function answeringLater(change: Partial<ServiceContract> = {}, async = policy): ConnectorDeclaration {
  const services = realEstate.services.map((service) =>
    service.contract.id === 'property-registration'
      ? { ...service, contract: { ...service.contract, ...change, upstream: { async, ...change.upstream } } }
      : service,
  )
  return { ...realEstate, services }
}

/** An agency that gives one answer after the other; `asked` is what it was asked. */
function agency(answers: readonly Record<string, unknown>[]) {
  const asked: Outgoing[] = []
  const call: Upstream['call'] = async (outgoing, read) => {
    asked.push(outgoing)
    const answer = answers[Math.min(asked.length, answers.length) - 1]
    return { ...read({ status: 200, contentType: '', body: Buffer.from(JSON.stringify(answer)) }), status: 200, at: Date.now() }
  }
  return { asked, upstream: { call } as Upstream }
}
const open = ({ body }: { body: Buffer }): Opened => {
  const row = JSON.parse(body.toString())
  return { rows: Object.keys(row).length === 0 ? [] : [row], total: null }
}
const ask = ({ upstream }: { upstream: Upstream }, ms = 2000) =>
  askLater({ policy, agency: '示例', open }, upstream, { sid: 'ask', method: 'POST', params: { ZJH: 'x' } }, (opened) => opened, {
    deadline: performance.now() + ms,
    retries: 0,
    cacheSeconds: 0,
  })

t.test('is applied for once and fetched by its number', async (t) => {
  const there = agency([
    { cxsqdh: 7, zt: 1 },
    { cxsqdh: 7, zt: '2' },
    { CXSQDH: 7, ZT: '3', JG: [{ a: 1 }] },
  ])
  t.match(await ask(there), { rows: [{ a: 1 }], status: 200 })
  t.same(
    there.asked.map(({ sid, method, params }) => [sid, method, params]),
    [
      ['ask', 'POST', { ZJH: 'x' }],
      ['real-estate.result', 'GET', { cxsqdh: '7' }],
      ['real-estate.result', 'GET', { cxsqdh: '7' }],
    ],
  )
  t.match(await ask(agency([{ zt: '3', jg: { a: 1 } }])), { rows: [{ a: 1 }] }, 'an answer may be there at once')
  t.match(await ask(agency([{ a: 1 }])), { rows: [{ a: 1 }] }, 'or the agency answers without any number')
  t.same((await ask(agency([{}]))).rows, [])
  t.same((await ask(agency([{ zt: '3', jg: null }]))).rows, [])
})

t.test('no answer is better than a wrong one', async (t) => {
  await t.rejects(ask(agency([{ cxsqdh: '7', zt: '1' }]), 100), { code: 'HUB_UPSTREAM_TIMEOUT', extras: { agency: '示例' } })
  await t.rejects(
    ask(
      agency([
        { cxsqdh: '7', zt: '1' },
        { cxsqdh: '7', zt: '5' },
      ]),
    ),
    { code: 'HUB_UPSTREAM_REFUSED' },
  )
  await t.rejects(ask(agency([{ zt: '6' }])), { code: 'HUB_UPSTREAM_INVALID' }, 'a state that nobody declared')
  await t.rejects(ask(agency([{ zt: '1' }])), { code: 'HUB_UPSTREAM_INVALID' }, 'no number')
  await t.rejects(ask(agency([{ zt: '3', jg: 'x' }])), { code: 'HUB_UPSTREAM_INVALID' }, 'no rows')
  const paged = answeringLater({ upstream: { async: policy, paging: { style: 'page', page: 'p', size: 's', base: 1, rows: 10 } } })
  t.match(checkDeclarations([paged], kinds), [/async is for queries/])
  t.match(checkDeclarations([answeringLater({}, { ...policy, running: [], done: ['4'], pollMs: 8000 })], kinds), [
    /at work/,
    /two meanings/,
    /pollMs/,
  ])
})

const URL = '/v1/real-estate/property-registration'
const SID = 'real-estate.property-registration'

t.test('through the hub, as declared but sooner', async (t) => {
  const declared = realEstate.services.find(({ contract }) => contract.id === 'property-registration')?.contract.upstream?.async
  t.match(declared, { number: 'cxsqdh', state: 'zt', running: ['1', '2'], done: ['3'], refused: ['4', '5'] })
  const hub = await build(t, { declarations: [answeringLater({}, { ...(declared as Asynchronous), pollMs: 20 })] })
  const sandbox = hub.app.sandbox as Sandbox
  const looks = () => [...sandbox.questions().values()]

  t.test('applied for once, looked up until it is there', async (t) => {
    const { traceId, headers } = trace()
    const mine = await hub.get(URL, { headers })
    t.equal(mine.json().data?.length, 2, mine.body)
    t.notMatch(mine.body, /cxsqdh|CX0/i, 'the agency’s number stays inside')
    t.strictSame(looks(), [2], 'one application, at work at the first look')
    t.match(await auditOf(hub, traceId), [{ outcome: 'ok', upstreamStatus: 200, rows: 2 }])
    t.same((await hub.get(URL, { person: 7 })).json().data, [], 'nothing found is an answer too')
    t.strictSame(looks(), [2, 2])
    const csv = await hub.get(`${URL}?format=csv`)
    t.match(csv.body, '不动产坐落')
  })

  t.test('somebody else’s number answers nobody', async (t) => {
    for (const times of [1, 9]) {
      sandbox.faults.set({ kind: 'wrong-person', sid: SID, times })
      const response = await hub.get(URL)
      t.match(response.json(), { status: 502, code: 'HUB_UPSTREAM_WRONG_SUBJECT', agency: realEstate.agency })
      t.notMatch(response.body, /示例路|样本大道/)
      sandbox.faults.clear()
    }
    const [mine, theirs] = await Promise.all([hub.get(URL), hub.get(URL, { person: 3 })])
    t.equal(mine.json().data.length, 2)
    t.equal(theirs.json().data.length, 1, 'two who ask at once get their own')
  })

  t.test('a refusal, and troubles of either step, are the promised errors', async (t) => {
    const before = sandbox.questions().size
    const cases: [kind: FaultKind, times: number, status: number, code: string][] = [
      ['refuse-later', 1, 502, 'HUB_UPSTREAM_REFUSED'],
      ['wrong-types', 9, 502, 'HUB_UPSTREAM_INVALID'],
      ['error-code', 1, 502, 'HUB_UPSTREAM_REFUSED'],
      ['html', 1, 502, 'HUB_UPSTREAM_INVALID'],
    ]
    for (const [kind, times, ...expected] of cases) {
      sandbox.faults.set({ kind, sid: SID, times })
      const response = await hub.get(URL)
      t.strictSame(verdict(response), expected, kind)
      t.equal(response.json().agency, realEstate.agency)
      sandbox.faults.clear()
    }
    t.equal(sandbox.questions().size, before + 3, 'what failed was not applied for again')
    for (const kind of ['upper-case', 'gbk', 'json-in-string'] as const) {
      sandbox.faults.set({ kind, sid: SID })
      t.equal((await hub.get(URL)).json().data?.length, 2, kind)
      sandbox.faults.clear()
    }
  })
})

t.test('what is not there in time is given up, within the budget', async (t) => {
  const timeoutMs = 1500
  const hub = await build(t, { declarations: [answeringLater({ timeoutMs }, { ...policy, pollMs: 50 })] })
  const sandbox = hub.app.sandbox as Sandbox
  t.equal((await hub.get(URL)).json().data?.length, 2, 'a result with a service id of its own')
  let asked = 0
  const givenUpAfter = async () => {
    sandbox.faults.set({ kind: 'never-ready', sid: SID, times: 1 })
    const start = performance.now()
    const response = await hub.get(URL)
    const ms = performance.now() - start
    t.match(response.json(), { status: 504, code: 'HUB_UPSTREAM_TIMEOUT', agency: realEstate.agency })
    t.equal(sandbox.questions().size, 1 + ++asked, 'and was applied for once')
    return ms
  }
  const ms = await best(givenUpAfter, timeoutMs + 99)
  t.ok(ms < timeoutMs + 100, `gave up after ${Math.round(ms)} ms`)
  t.ok(([...sandbox.questions().values()].at(-1) ?? 0) > 2, 'but looked up several times')
  sandbox.faults.set({ kind: 'slow', ms: 3000, sid: 'real-estate.result', times: 1 })
  t.match((await hub.get(URL)).json(), { status: 504, code: 'HUB_UPSTREAM_TIMEOUT' }, 'a look that hangs ends at the same time')
})

t.test('switched off, the register answers at once', async (t) => {
  const services = realEstate.services.map((service) =>
    service.contract.upstream?.async ? { ...service, contract: { ...service.contract, upstream: {} } } : service,
  )
  const hub = await build(t, { declarations: [{ ...realEstate, services }] })
  t.equal((await hub.get(URL)).json().data?.length, 2)
  t.equal(hub.app.sandbox?.questions().size, 0)
})
