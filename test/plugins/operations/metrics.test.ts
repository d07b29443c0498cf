import { readFileSync } from 'node:fs'
import t from 'tap'
import { createCounts, createHistogram } from '../../../plugins/operations/metrics/histogram.ts'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { build, type Hub } from '../../helper/hub.ts'

/** Values by name and labels, as Prometheus reads them. */
async function scrape(hub: Hub): Promise<Map<string, number>> {
  const response = await fetch(String(await hub.app.metricsUrl))
  t.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

t.test('what calls were like, agencies, background work and the audit log', async (t) => {
  const hub = await build(t, { env: { METRICS_PORT: '0' } })
  await hub.app.listen({ port: 0 })
  t.match(await hub.app.metricsUrl, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  await hub.get('/v1/social-security/benefit-eligibility')
  const { faults } = hub.app.sandbox as Sandbox
  faults.set({ kind: 'http-500', sid: 'social-security.basic-information' })
  await hub.get('/v1/social-security/basic-information')
  await hub.get('/v1/me/accounts/nobody-knows/bindings')

  const found = await scrape(hub)
  const at = (name: string) => found.get(name)
  t.equal(at('hub_requests_total{connector="social-security",service="benefit-eligibility",outcome="ok"}'), 1)
  t.equal(at('hub_requests_total{connector="social-security",service="basic-information",outcome="HUB_UPSTREAM_INVALID"}'), 1)
  t.equal(at('hub_request_duration_seconds_count{connector="social-security",service="benefit-eligibility"}'), 1)
  t.equal(at('hub_upstream_calls_total{system="social-security",service="benefit-eligibility",outcome="ok"}'), 1)
  t.equal(at('hub_upstream_duration_seconds_bucket{system="social-security",service="benefit-eligibility",le="+Inf"}'), 1)
  t.equal(at('hub_upstream_wait_seconds_count{system="social-security"}'), 2)
  t.equal(at('hub_credential_renewals_total{system="social-security",of="agency",outcome="ok"}'), 2, 'one for each service')
  t.equal(at('hub_breaker_state{system="social-security",service=""}'), 0)
  t.equal(at('hub_upstream_calls_under_way{system="social-security"}'), 0)
  t.equal(at('hub_jobs{type="submissions",state="due"}'), 0)
  t.equal(at('hub_dead_letters{type="notices"}'), 0)
  t.equal(at('hub_orders{state="exception"}'), 0)
  t.equal(at('hub_filings{state="attention"}'), 0)
  t.equal(at('hub_audit_writable'), 1)
  t.equal(at('hub_audit_heads_writable'), 1)
  t.ok((at('hub_audit_rows_total') ?? 0) >= 3)
  t.equal(at('hub_database_connections{state="pending"}'), 0)
  t.ok([...found.keys()].some((name) => name.startsWith('nodejs_eventloop_lag_p99_seconds')))
  t.notOk(
    [...found.keys()].some((name) => name.includes('nobody-knows')),
    'no label is a caller’s word',
  )
  t.equal((await fetch(String(await hub.app.metricsUrl).replace('/metrics', '/'))).status, 404)
})

t.test('without METRICS_PORT nothing is counted; a port that is taken stops nobody', async (t) => {
  const hub = await build(t)
  await hub.app.listen({ port: 0 })
  t.equal(hub.app.seen, null)
  t.equal(await hub.app.metricsUrl, null)
  const port = new URL(hub.app.listeningOrigin).port
  const second = await build(t, { env: { METRICS_PORT: port } })
  await second.app.listen({ port: 0 })
  t.equal(await second.app.metricsUrl, null)
  t.match(second.logged(), /EADDRINUSE.*不能在 METRICS_PORT 上监听/s)
  t.equal((await second.get('/v1/me')).statusCode, 200)
})

t.test('a secret that cannot be fetched is counted by what went wrong', async (t) => {
  const hub = await build(t, {
    env: { METRICS_PORT: '0', EXCHANGE_BASE_URL: 'http://127.0.0.1:9', EXCHANGE_REQUESTER_ID: 'hub', EXCHANGE_APP_KEY: 'key' },
  })
  await hub.app.listen({ port: 0 })
  const { code } = (await hub.get('/v1/social-security/basic-information')).json()
  t.equal((await scrape(hub)).get(`hub_credential_renewals_total{system="social-security",of="agency",outcome="${code}"}`), 1, code)
})

t.test('credentials whose end is noted, certificates that are there', async (t) => {
  const file = `${t.testdir({ 'connectors.json': JSON.stringify({ 'housing-fund': { credentialsExpire: '2027-03-01' } }) })}/connectors.json`
  const hub = await build(t, { env: { CONNECTORS_FILE: file } })
  t.same(await hub.app.expiries(), [{ kind: 'credential', subject: 'housing-fund', at: Date.parse('2027-03-01T15:59:59Z') }])
})

t.test('however many labels come, series are bounded', async (t) => {
  const counts = createCounts('x_total', '', 2)
  const histogram = createHistogram('x_seconds', '', 1)
  for (const service of ['a', 'b', 'c', 'd', 'a']) {
    counts.add(service, () => ({ service }))
    histogram.observe(service, () => ({ service }), 30)
  }
  t.same(await counts.read(), [
    { labels: { service: 'a' }, value: 2 },
    { labels: { service: 'b' }, value: 1 },
    { labels: { service: 'other' }, value: 2 },
  ])
  const sums = (await histogram.read()).filter(({ name }) => name === 'x_seconds_count')
  t.same(
    sums.map(({ labels, value }) => [labels['service'], value]),
    [
      ['a', 2],
      ['other', 3],
    ],
  )
  const bucket = (le: string) => async () =>
    (await histogram.read()).find(({ labels }) => labels['le'] === le && labels['service'] === 'other')?.value
  t.equal(await bucket('0.025')(), 0)
  t.equal(await bucket('0.05')(), 3, 'cumulative from its own bound')
})

t.test('every metric that the dashboard and the rules name is there', async (t) => {
  const hub = await build(t, { env: { METRICS_PORT: '0' } })
  await hub.app.listen({ port: 0 })
  const text = await (await fetch(String(await hub.app.metricsUrl))).text()
  const known = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [String(name), type]))
  const dashboard = JSON.parse(read('dashboard.json')) as { panels: { targets?: { expr: string }[] }[] }
  const expressions = [
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...[...read('rules.yaml').matchAll(/^ *expr: (?:>-?\n)?((?:.|\n {10,})+)/gm)].map(([, expr]) => String(expr)),
  ]
  t.ok(expressions.length > 25)
  const named = new Set(expressions.flatMap((expr) => expr.match(/\b(hub|nodejs|process)_[a-z0-9_]+/g) ?? []))
  t.ok(named.size > 20)
  for (const name of named) {
    const base = name.replace(/_(bucket|sum|count)$/, '')
    t.ok(known.has(name) || known.get(base) === 'histogram', name)
  }
  for (const name of known.keys()) if (name.startsWith('hub_')) t.match(read('../monitoring.md'), name, `${name} is in docs/monitoring.md`)
})

function read(name: string): string {
  return readFileSync(new URL(`../../../docs/monitoring/${name}`, import.meta.url), 'utf8')
}
