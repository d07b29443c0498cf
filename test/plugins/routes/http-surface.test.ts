import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { errorTable } from '../../../core/base/errors.ts'
import { listServices } from '../../../plugins/catalog.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { figuresOf } from '../../helper/figures.ts'
import { build } from '../../helper/hub.ts'
import { auditOf, clone, services, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

type Json = Record<string, unknown>

const ACCOUNT = '/v1/housing-fund/personal-account'
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const FIGURES = /successRate|latency|calls|observedValue":(0|1)\b|p95/
const HEALTH = /^application\/health\+json/

/** What a reference within the document stands for. */
function named(
  document: { components: { schemas: Record<string, Json> } },
  { $ref = '' }: { $ref?: string },
): Record<string, Record<string, Json>> {
  return (document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}) as Record<string, Record<string, Json>>
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const sick = clone('sick', ['personal-account'])
    const hub = await build(t, { target, declarations: [housingFund, sick] })
    const get = (url: string, headers: Record<string, string> = {}) => hub.app.inject({ url, headers })

    t.test('openapi.json is OpenAPI 3.1 and has every service with every field’s title', async (t) => {
      const response = await get('/openapi.json')
      t.match(response.headers['content-type'], /^application\/json/)
      const document = response.json()
      t.match(document.openapi, /^3\.1\./)
      const { valid, errors } = await new Validator().validate(structuredClone(document))
      t.ok(valid, JSON.stringify(errors))
      const operations = new Set<string>()
      for (const { id, name, kind, fields } of services) {
        const operation = document.paths[`/v1/housing-fund/${id}`]?.[kind === 'submit' ? 'post' : 'get']
        t.equal(operation?.summary, name, id)
        operations.add(operation.operationId)
        const { data } = operation.responses[kind === 'submit' ? '202' : '200'].content['application/json'].schema.properties
        const { properties } = named(document, data.type === 'array' ? data.items : data)
        for (const [field, title] of fields) t.equal(properties?.[field]?.['title'], title, `${id}.${field}`)
        t.ok(operation.security?.length, `${id} needs a token`)
        t.ok(operation.responses.default, `${id} describes its errors`)
      }
      t.equal(operations.size, 15)
      const types = Object.keys(document.paths[ACCOUNT].get.responses['200'].content)
      t.strictSame(types, ['application/json'], 'one media type, so that clients know the type of data')
      const files = document.paths['/v1/{connector}/{service}'].get
      t.strictSame(Object.keys(files.responses['200'].content), ['text/csv', XLSX, 'application/pdf'])
      const [connector, service, format] = files.parameters
      t.strictSame(connector.schema.enum, ['housing-fund', 'sick'])
      t.ok(service.schema.enum.includes('personal-account'))
      t.match(format, { name: 'format', required: true })
      const ids = Object.values<Json>(document.paths).flatMap((path) =>
        Object.values(path).map((operation) => (operation as Json)['operationId']),
      )
      t.equal(new Set(ids.filter(Boolean)).size, ids.filter(Boolean).length, 'operation ids are unique')
      t.notMatch(response.body, /127\.0\.0\.1|"\$id"/)
    })

    t.test('openapi.json says what a client must send, may get and how it is refused', async (t) => {
      const document = (await get('/openapi.json')).json()
      const problem = (operation: Json, status: string) => {
        const { $ref = '' } = (operation['responses'] as Record<string, { $ref?: string }>)[status] ?? {}
        return document.components.responses[$ref.split('/').at(-1) ?? '']
      }
      const codes = (operation: Json, status: string) =>
        problem(operation, status)?.content['application/problem+json'].schema.allOf[1].properties.code.enum ?? []
      const ask = document.paths[ACCOUNT].get
      t.strictSame(codes(ask, '401'), ['HUB_TOKEN_MISSING', 'HUB_TOKEN_INVALID', 'HUB_USER_UNKNOWN'])
      for (const [status, code] of [
        ['400', 'HUB_VALIDATION'],
        ['403', 'HUB_FACE_REQUIRED'],
        ['404', 'HUB_NO_RECORD'],
        ['429', 'HUB_RATE_LIMITED'],
        ['502', 'HUB_UPSTREAM_INVALID'],
        ['503', 'HUB_UPSTREAM_BUSY'],
      ] as const)
        t.ok(codes(ask, status).includes(code), `${status} ${code}`)
      for (const status of ['429', '503']) t.ok(problem(ask, status).headers['Retry-After'], `${status} Retry-After`)

      const file = document.paths['/v1/housing-fund/retirement-withdrawal'].post
      t.match(
        file.parameters.find(({ name }: { name: string }) => name === 'Idempotency-Key'),
        { in: 'header', required: true },
      )
      t.ok(file.responses['202'].headers.Location)
      t.ok(file.requestBody.content['application/json'].example)
      for (const code of ['HUB_IDEMPOTENCY_KEY_MISSING', 'HUB_VALIDATION']) t.ok(codes(file, '400').includes(code), code)
      t.notOk(codes(file, '404').length)
      t.ok(codes(file, '409').includes('HUB_FILING_UNFIT') && codes(file, '502').length, 'the agency is asked before')

      t.strictSame(document.paths['/v1/catalog'].get.security, [], 'public')
      t.strictSame(document.paths['/v1/verify/{code}'].get.security, [])
      const tags = new Set(document.tags.map(({ name }: { name: string }) => name))
      const admin = (await get('/openapi-admin.json')).json()
      for (const [path, methods] of Object.entries<Record<string, Json>>(document.paths)) {
        t.notOk(path.startsWith('/admin/'), path)
        for (const { tags: own } of Object.values(methods)) for (const tag of own as string[]) t.ok(tags.has(tag), `${tag} is declared`)
      }
      t.ok(Object.keys(admin.paths).length > 20)
      for (const path of Object.keys(admin.paths)) t.ok(path.startsWith('/admin/'), path)
      for (const code of Object.values<{ content: Record<string, { schema: { allOf?: Json[] } }> }>(document.components.responses).flatMap(
        ({ content }) =>
          (content['application/problem+json']?.schema.allOf?.[1] as { properties?: { code: { enum: string[] } } })?.properties?.code
            .enum ?? [],
      ))
        t.ok(Object.hasOwn(errorTable, code), code)
    })

    t.test('the documents are built once and need not be sent twice', async (t) => {
      for (const url of ['/openapi.json', '/openapi-admin.json']) {
        const first = await get(url)
        const again = await get(url, { 'if-none-match': String(first.headers.etag) })
        t.strictSame([first.statusCode, again.statusCode, again.body], [200, 304, ''])
        t.match(first.headers, { 'cache-control': /max-age=[1-9]/, vary: 'accept-encoding' })

        const unpack = { br: brotliDecompressSync, gzip: gunzipSync }
        for (const coding of ['br', 'gzip'] as const) {
          const packed = await get(url, { 'accept-encoding': `deflate, ${coding};q=0.5` })
          t.equal(packed.headers['content-encoding'], coding)
          t.ok(packed.rawPayload.length * 4 < first.rawPayload.length, `${coding} is smaller`)
          t.equal(unpack[coding](packed.rawPayload).toString(), first.body)
          t.not(packed.headers.etag, first.headers.etag, 'a tag of its own')
          for (const tag of [packed.headers.etag, `W/${packed.headers.etag}, "x"`])
            t.equal((await get(url, { 'accept-encoding': coding, 'if-none-match': String(tag) })).statusCode, 304)
        }
        t.equal((await get(url, { 'accept-encoding': 'br;q=0, gzip;q=0' })).headers['content-encoding'], undefined)
      }
    })

    t.test('the documentation can be read in a browser', async (t) => {
      const page = await get('/docs')
      const landed = page.statusCode === 200 ? page : await get(new URL(String(page.headers.location), 'http://hub/docs').pathname)
      t.equal(landed.statusCode, 200)
      t.match(landed.headers['content-type'], /^text\/html/)
      t.equal((await get('/docs/json')).json().openapi, '3.1.0')
    })

    t.test('the catalogue is what the declarations say', async (t) => {
      const [own, ...others] = (await get('/v1/catalog')).json().data
      t.equal(others.length, 1)
      t.match(own, { id: 'housing-fund', name: '公积金', agency: '许昌市住房公积金管理中心', state: 'pass' })
      const told = own.services.map(
        ({ section: _, face: __, path: ___, card: ____, hours, closed, ...rest }: Json & { hours: string[] }) => {
          t.same([hours.length > 0, closed], [true, null], 'when it is there')
          return { connector: 'housing-fund', ...rest }
        },
      )
      t.strictSame(told, JSON.parse(JSON.stringify(listServices([housingFund]))))
      for (const { path } of own.services) t.ok((await get(path)).statusCode === 401, `${path} is there`)
      const contract = services.map(({ id, fields }) => [id, fields.map(([name, title]) => ({ name, title }))])
      // What the contract doesn't promise follows what it does: services that others rest on, and further fields.
      const promised = new Map<string, unknown[]>(contract as [string, unknown[]][])
      const kept = own.services.filter(({ service }: { service: string }) => promised.has(service))
      t.strictSame(
        Object.fromEntries(
          kept.map(({ service, fields }: { service: string; fields: unknown[] }) => [
            service,
            fields.slice(0, promised.get(service)?.length),
          ]),
        ),
        Object.fromEntries(contract),
      )
    })

    t.test('every error code explains itself', async (t) => {
      for (const [code, [status, title, detail]] of Object.entries(errorTable)) {
        const response = await get(`/problems/${code}`)
        t.equal(response.statusCode, 200)
        t.strictSame(response.json(), { type: `/problems/${code}`, status, title, detail })
      }
      for (const code of ['HUB_NOTHING', 'constructor', '__proto__', 'toString', 'hub_validation', `${'x'.repeat(500)}`])
        t.strictSame(verdict(await get(`/problems/${code}`)), [404, 'HUB_SERVICE_UNKNOWN'], code.slice(0, 20))
    })

    t.test('a trace goes on where the caller began it', async (t) => {
      const { traceId, headers } = trace()
      t.equal((await hub.get(ACCOUNT, { headers })).json().meta.traceId, traceId)
      t.equal((await get(ACCOUNT, headers)).json().traceId, traceId)
      t.equal((await auditOf(hub, traceId)).length, 2)
      const strange = [
        '',
        'x',
        '00-0-0-0',
        `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
        `00-${'A'.repeat(32)}-00f067aa0ba902b7-01`,
        '00-..%0a',
      ]
      const own = new Set<string>()
      for (const traceparent of strange) {
        const { traceId: id } = (await get(ACCOUNT, { traceparent, 'x-request-id': 'mine', 'request-id': 'mine' })).json()
        t.match(id, /^[0-9a-f]{32}$/, traceparent)
        t.notOk(traceparent.includes(id))
        own.add(id)
      }
      t.equal(own.size, strange.length, 'every call its own')
    })

    t.test('health: alive, ready, and what real calls say of an agency', async (t) => {
      const live = await get('/health/live')
      t.match(live.headers['content-type'], HEALTH)
      t.strictSame([live.statusCode, live.json()], [200, { status: 'pass' }])
      const ready = await get('/health/ready')
      t.match(ready.headers['content-type'], HEALTH)
      t.strictSame([ready.statusCode, ready.json().status], [200, 'pass'])
      t.strictSame(Object.keys(ready.json().checks), ['database', 'queue', 'audit', 'evidence'], 'its own parts, no agency')
      t.equal(ready.json().checks.queue[0].mode, target.name === 'servers' ? 'bull' : 'process')

      for (let call = 0; call < 5; call++) await hub.get(ACCOUNT)
      const shown = (await get('/health/connectors/housing-fund')).json()
      t.match(shown, {
        status: 'pass',
        id: 'housing-fund',
        agency: '许昌市住房公积金管理中心',
        breaker: 'closed',
        state: 'up',
        stateName: '正常',
      })
      t.notMatch(JSON.stringify(shown), FIGURES, 'figures are for operators')
      const one = (await figuresOf(hub, 'housing-fund')).main
      t.match(one, { status: 'pass', system: 'housing-fund', state: 'up', breaker: 'closed', successRate: 1, certificateEnds: null })
      t.ok(Math.abs(Date.parse(one.since) - Date.now()) < 60_000)
      t.ok(one.calls >= 5)
      t.ok(one.latency.p50 > 0 && one.latency.p50 <= one.latency.p95 && one.latency.p95 <= one.latency.p99, JSON.stringify(one.latency))
      t.ok(Math.abs(Date.parse(one.lastSuccess) - Date.now()) < 10_000)
      t.match(one.probe, { ok: true, code: null })
      const untouched = (await figuresOf(hub, 'sick')).main
      t.match(untouched, { status: 'pass', calls: 0, successRate: null, latency: null, lastSuccess: null })
      t.strictSame(verdict(await get('/health/connectors/nothing')), [404, 'HUB_SERVICE_UNKNOWN'])

      const every = await get('/health/connectors')
      t.match(every.headers['content-type'], HEALTH)
      t.match(every.json(), {
        status: 'pass',
        connectors: [
          { id: 'housing-fund', state: 'up' },
          { id: 'sick', state: 'up' },
        ],
      })
      const startup = await get('/health/startup')
      t.strictSame([startup.statusCode, startup.json()], [200, { status: 'pass' }])

      const all = await get('/health')
      // How old the last checkpoint is, in seconds, is the hub's own and no figure of an agency.
      const { evidence: _, ...others } = all.json().checks
      t.notMatch(JSON.stringify(others) + every.body, FIGURES)
      t.match(all.headers['content-type'], HEALTH)
      t.match(all.json(), { status: 'pass', serviceId: 'xuchang-hub', version: /^\d+\.\d+\.\d+/ })
      t.ok(['connector:housing-fund', 'connector:sick'].every((name) => all.json().checks[name]?.[0].status === 'pass'))
    })

    t.test('a sick agency is a warning and no reason to take the hub out', async (t) => {
      const { faults, origin } = hub.app.sandbox as Sandbox
      faults.set({ kind: 'http-503', sid: 'sick.personal-account' })
      for (let call = 0; call < 10; call++) await hub.get('/v1/sick/personal-account', { person: (call % 3) + 1 })
      const all = await get('/health')
      t.strictSame([all.statusCode, all.json().status], [200, 'warn'])
      t.equal(all.json().checks['connector:sick'][0].status, 'fail')
      t.equal(all.json().checks['connector:housing-fund'][0].status, 'pass')
      t.strictSame([(await get('/health/ready')).statusCode, (await get('/health/ready')).json().status], [200, 'pass'])
      const one = (await get('/health/connectors/sick')).json()
      t.match(one, { status: 'fail', state: 'down', services: [{ breaker: 'open' }], affected: ['personal-account'] })
      t.match((await figuresOf(hub, 'sick')).main, { successRate: 0, lastFailure: { code: 'HUB_UPSTREAM_UNAVAILABLE' } })
      t.match(all.json().checks['connector:sick'], [{ state: 'down', output: '不可用', affectedEndpoints: ['/v1/sick/personal-account'] }])
      t.notMatch(all.body + JSON.stringify(one), new RegExp(new URL(origin).host), 'no address')
      t.equal((await get('/v1/catalog')).json().data[1].state, 'fail')
    })

    t.test('what is public needs no token and costs no audit row outside /v1', async (t) => {
      const { traceId, headers } = trace()
      for (const url of ['/health/live', '/health/ready', '/health', '/openapi.json', '/problems/HUB_VALIDATION'])
        t.equal((await get(url, headers)).statusCode, 200, url)
      t.strictSame(await auditOf(hub, traceId), [])
      t.equal((await get('/v1/catalog', headers)).statusCode, 200)
      t.equal((await auditOf(hub, traceId)).length, 1)
    })
  })
}
