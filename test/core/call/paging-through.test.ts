import t from 'tap'
import { execute } from '../../../core/call/execute.ts'
import { compileService } from '../../../core/call/service.ts'
import { type ConnectorDeclaration, field, input, type Paging, service } from '../../../core/connector.ts'
import { NOBODY } from '../../../core/contract/asker.ts'
import type { Outgoing } from '../../../core/upstream/dialect.ts'
import type { Upstream } from '../../../core/upstream/upstream.ts'
import { checkDeclarations } from '../../../plugins/declarations/check.ts'
import { kinds } from '../../../plugins/kinds/index.ts'
import { build } from '../../helper/hub.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'

const byPage: Paging = { style: 'page', page: 'p', size: 's', base: 1, rows: 50, through: true }
const byOffset: Paging = { style: 'offset', start: 'o', limit: 'n', base: 0, rows: 50, through: true }

/** A library with many titles. */
function library(paging: Paging, kind: 'list' | 'document' | 'query' = 'list', total = ['total']): ConnectorDeclaration {
  const base = minimalConnector()
  const titles = service({
    id: 'balance',
    name: '馆藏检索',
    section: '0',
    kind,
    audience: 'public',
    identity: 'none',
    inputs: { author: input.text('作者', { code: 'zz', field: 'author' }) },
    fields: { number: field.integer('序号', { code: 'xh', required: true }), author: field.text('作者', { code: 'zz' }) },
    upstream: { paging },
    timeoutMs: 2000,
    rate: { max: 1000, perSeconds: 60 },
  })
  return {
    ...base,
    upstream: { ...base.upstream, envelope: { ...base.upstream.envelope, total } },
    services: [titles],
    sandbox: { balance: () => Array.from({ length: 137 }, (_, index) => ({ xh: index + 1, zz: index % 2 === 0 ? '甲' : '乙' })) },
  }
}

/** An agency with as many titles; `asked` is what it was asked. */
function agency(total: number | null, rowsOf: (params: Record<string, unknown>) => Record<string, unknown>[]) {
  const asked: Record<string, unknown>[] = []
  const call = async (outgoing: Outgoing, read: (reply: { status: number; contentType: string; body: Buffer }) => object) => {
    asked.push(outgoing.params)
    const answer = { code: '0', data: rowsOf(outgoing.params), ...(total === null ? {} : { total }) }
    return { ...read({ status: 200, contentType: '', body: Buffer.from(JSON.stringify(answer)) }), status: 200, at: 0 }
  }
  return { asked, upstream: { call } as unknown as Upstream }
}

function compiled(paging: Paging) {
  const connector = library(paging)
  return compileService(connector, connector.services[0] as (typeof connector.services)[number])
}

const everything = { keep: () => true, sort: null, columns: null }
const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ xh: index + 1 }))

t.test('page 3 of 40,000 hits is one call', async (t) => {
  for (const [paging, expected] of [
    [byPage, { p: 3, s: 20 }],
    [byOffset, { o: 40, n: 20 }],
  ] as const) {
    const there = agency(40_000, () => rows(20))
    const answer = await execute(compiled(paging), there.upstream, NOBODY, {}, { ...everything, page: 3, pageSize: 20 })
    t.same(there.asked, [expected])
    t.match(answer, { total: 40_000, rows: { length: 20 } })
  }
})

t.test('page parameters may lie inside a body', async (t) => {
  const there = agency(1, () => rows(1))
  const nested: Paging = { ...byPage, page: 'page.no', size: 'page.size' }
  await execute(compiled(nested), there.upstream, NOBODY, {}, { ...everything, page: 2, pageSize: 20 })
  t.same(there.asked, [{ page: { no: 2, size: 20 } }])
})

t.test('an agency that answers another question is not believed', async (t) => {
  const page = { ...everything, page: 1, pageSize: 20 }
  const ask = (total: number | null, count: number, keep = () => true) =>
    execute(compiled(byPage), agency(total, () => rows(count)).upstream, NOBODY, {}, { ...page, keep })
  await t.rejects(ask(null, 20), { code: 'HUB_UPSTREAM_INVALID', extras: { agency: '演示单位' } }, 'no total')
  await t.rejects(ask(40_000, 21), { code: 'HUB_UPSTREAM_INVALID' }, 'more than a page')
  await t.rejects(
    ask(40_000, 20, () => false),
    { code: 'HUB_UPSTREAM_INVALID' },
    'rows that the inputs exclude',
  )
  t.same((await ask(0, 0)).rows, [])
})

t.test('a file holds all rows, or too many are refused after the first page', async (t) => {
  const many = agency(40_000, () => rows(50))
  await t.rejects(execute(compiled(byPage), many.upstream, NOBODY, {}, { ...everything, page: 1, pageSize: 20 }, true), {
    code: 'HUB_TOO_MANY_ROWS',
  })
  t.equal(many.asked.length, 1)
  const flood = agency(null, ({ p }) => (p === 1 ? rows(50) : rows(200_000).slice(1)))
  await t.rejects(execute(compiled(byPage), flood.upstream, NOBODY, {}, { ...everything, page: 1, pageSize: 20 }, true), {
    code: 'HUB_TOO_MANY_ROWS',
  })
  t.equal(flood.asked.length, 2, 'nor is more asked for after a page of 200,000')
  const few = agency(120, ({ p }) => rows(120).slice((Number(p) - 1) * 50, Number(p) * 50))
  const all = await execute(compiled(byPage), few.upstream, NOBODY, {}, { ...everything, page: 2, pageSize: 20 }, true)
  t.equal(all.rows.length, 120)
  t.same(
    few.asked.map(({ p, s }) => [p, s]),
    [
      [1, 50],
      [2, 50],
      [3, 50],
    ],
  )
  t.equal(all.total, undefined)
})

t.test('over HTTP: the agency’s pages, no filters of the hub’s own, and whole files', async (t) => {
  const hub = await build(t, { declarations: [library(byPage)] })
  const get = (query: string) => hub.app.inject(`/v1/demo/balance?${query}`)
  const third = (await get('page=3')).json()
  t.same(third.meta.page, { number: 3, size: 20, total: 137 })
  t.same([third.data.length, third.data[0].number], [20, 41])
  t.same((await get('author=乙&page=4')).json().meta.page.total, 68)
  t.equal((await get('page=99')).json().data.length, 0)
  for (const query of ['sort=number', 'number=5', 'number.from=5', 'pageSize=51']) t.equal((await get(query)).statusCode, 400, query)
  t.equal((await get('format=csv')).body.trim().split('\r\n').length, 138)
  const { parameters, description } = (await hub.app.inject('/openapi.json')).json().paths['/v1/demo/balance'].get
  const named = (name: string) => parameters.find((parameter: { name: string }) => parameter.name === name)
  t.match(description, /不支持按字段筛选和排序/)
  t.match(description, /超过 10000 条/)
  t.equal(named('sort'), undefined)
})

t.test('only a list with a total is turned by the agency', async (t) => {
  const problems = (connector: ConnectorDeclaration) => checkDeclarations([connector], kinds).join('\n')
  t.equal(problems(library(byPage)), '')
  t.match(problems(library(byPage, 'document')), /through is for lists/)
  t.match(problems(library(byPage, 'query')), /through is for lists/)
  t.match(problems(library(byPage, 'list', [])), /through needs envelope\.total/)
})
