import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { apiKey } from '../../../core/connector.ts'
import { build } from '../../helper/hub.ts'
import { clone, trace } from '../../helper/queries.ts'

const PATH = '/personal-account'

/** Whoever is asked on loopback, and what he was asked. */
async function listen(t: Test) {
  const asked: { headers: IncomingMessage['headers']; body: string }[] = []
  const server = createServer(async (request, response) => {
    asked.push({ headers: request.headers, body: await text(request) })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  attributes: { key: string; value: object }[]
}

/** Declared to take traces, declared not to, and one whose operator knows better. */
async function agencies(t: Test) {
  const agency = await listen(t)
  const settings = Object.fromEntries(
    ['takes', 'does-not', 'told'].map((id) => [
      id,
      { baseUrl: agency.url, credentials: { apiKey: 'k' }, ...(id === 'told' ? { traceparent: true } : {}) },
    ]),
  )
  const file = `${t.testdir({ 'connectors.json': JSON.stringify(settings) })}/connectors.json`
  const declarations = Object.keys(settings).map((id) => {
    const connector = clone(id, ['personal-account'])
    const upstream = { ...connector.upstream, dialect: apiKey() }
    return { ...connector, upstream: id === 'takes' ? { ...upstream, traceparent: true } : upstream }
  })
  return { agency, options: { declarations, env: { CONNECTORS_FILE: file } } }
}

t.test('a trace goes on to agencies that take it, and to no others', async (t) => {
  const { agency, options } = await agencies(t)
  const hub = await build(t, options)
  for (const id of ['takes', 'told', 'does-not']) {
    const { traceId, headers } = trace()
    agency.asked.length = 0
    await hub.get(`/v1/${id}${PATH}`, { headers })
    t.equal(agency.asked.length, 1)
    const told = agency.asked[0]?.headers['traceparent']
    if (id === 'does-not') t.equal(told, undefined)
    else {
      t.match(told, new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
      t.not(told, headers.traceparent, 'as a span of its own')
    }
  }
  await hub.app.upstreams
    .get('takes')
    ?.probe('x', 1000)
    .catch(() => undefined)
  t.equal(agency.asked.at(-1)?.headers['traceparent'], undefined, 'what the hub asks of itself is nobody’s call')
})

t.test('with a collector: spans of the call and of what it asked, without a word of the caller’s', async (t) => {
  const collector = await listen(t)
  const { options } = await agencies(t)
  const env = { ...options.env, TRACES_URL: `${collector.url}/v1/traces`, TRACES_SHARE: '1' }
  const hub = await build(t, { ...options, env })
  const { traceId, headers } = trace()
  await hub.get(`/v1/takes${PATH}?fields=balance&secret-word=41100219900101000X`, { headers })
  const own = await hub.get('/v1/me')
  await hub.app.close()
  const bodies = collector.asked.map(({ body }) => body)
  t.notMatch(bodies.join(), /secret-word|41100219900101000X/)
  const spans = bodies.flatMap((body) =>
    (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans),
    ),
  )
  const call = spans.find((span) => span.traceId === traceId && span.name === `GET /v1/takes${PATH}`)
  t.ok(call, 'in the trace that the caller brought')
  t.ok(
    spans.some(({ parentSpanId, name }) => parentSpanId === call?.spanId && /^(GET|POST)$/.test(name)),
    'what the call asked of the agency',
  )
  t.ok(
    spans.some((span) => span.traceId === own.json().meta.traceId),
    'of a call without one, in the trace that its answer names',
  )
})
