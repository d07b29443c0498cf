import t from 'tap'
import realEstate from '../connectors/real-estate/index.ts'
import { askLater } from '../core/asynchronous.ts'
import type { Asynchronous, ConnectorDeclaration, ServiceContract } from '../core/connector.ts'
import { checkDeclarations } from '../core/declaration/check.ts'
import type { Outgoing } from '../core/upstream/dialect.ts'
import type { Opened } from '../core/upstream/envelope.ts'
import type { Upstream } from '../core/upstream/upstream.ts'
import { build } from './helper/hub.ts'

/** The asynchronous form of registers: a query number, then its states. */
const policy: Asynchronous = {
  number: 'cxsqdh',
  resultSid: 'real-estate.result',
  state: 'zt',
  running: ['1', '2'],
  done: ['3'],
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
  await t.rejects(ask(agency([{ zt: '1' }])), { code: 'HUB_UPSTREAM_INVALID' }, 'no number')
  await t.rejects(ask(agency([{ zt: '3', jg: 'x' }])), { code: 'HUB_UPSTREAM_INVALID' }, 'no rows')
  const paged = answeringLater({ upstream: { async: policy, paging: { style: 'page', page: 'p', size: 's', base: 1, rows: 10 } } })
  t.match(checkDeclarations([paged]), [/async is for queries/])
})

t.test('through the hub', async (t) => {
  const url = '/v1/real-estate/property-registration'
  const hub = await build(t, { declarations: [answeringLater()] })
  const [mine, nothing] = await Promise.all([hub.get(url), hub.get(url, { person: 7 })])
  t.equal(mine.json().data?.length, 2, mine.body)
  t.same(nothing.json().data, [])

  const slow = await build(t, { declarations: [answeringLater({ timeoutMs: 400 }, { ...policy, pollMs: 300 })] })
  t.match((await slow.get(url)).json(), { status: 504, code: 'HUB_UPSTREAM_TIMEOUT' }, 'still running at the deadline')
})
