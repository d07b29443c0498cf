import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { layOut } from '../../../core/dialects/exchange-request.ts'
import { createUpstream } from '../../../core/upstream/upstream.ts'
import { createRetryBudget } from '../../../plugins/operations/retry-budget.ts'

/** An agency that answers with these statuses in turn, the last one for ever, and the way to it. */
async function setUp(t: Test, statuses: number[]) {
  let sends = 0
  const server = createServer((_request, response) => {
    const status = statuses[Math.min(sends++, statuses.length - 1)] ?? 200
    response.writeHead(status, status === 503 ? { 'retry-after': '0' } : {}).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const budget = createRetryBudget()
  const upstream = createUpstream({
    agency: '图书馆',
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    maxConcurrent: 8,
    breaker: { minCalls: 100_000 },
    retry: budget.decide,
    observe: budget.called,
    createSigner: () => ({
      sign: (call) => layOut({ path: `/${call.sid}`, carriers: ['header'], bodyFormat: 'json' }, call, {}),
      refused: () => false,
      renew: async () => undefined,
      probe: async () => undefined,
    }),
  })
  t.teardown(async () => {
    await upstream.close()
    server.closeAllConnections()
    server.close()
  })
  const call = (method: 'GET' | 'POST' = 'GET') =>
    upstream
      .call({ sid: 'loans', method, params: {}, userId: 'u' }, () => ({ rows: [], total: null }), {
        deadline: performance.now() + 5000,
        retries: 2,
        cacheSeconds: 0,
      })
      .then(
        () => 'ok',
        (error: { code: string }) => error.code,
      )
  return { call, budget, sends: () => sends }
}

t.test('an agency that is down is sent a tenth more than it is asked, whatever a service may repeat', async (t) => {
  const { call, budget, sends } = await setUp(t, [503])
  const CALLS = 200
  for (let turn = 0; turn < CALLS / 8; turn++)
    t.same(new Set(await Promise.all(Array.from({ length: 8 }, () => call()))), new Set(['HUB_UPSTREAM_UNAVAILABLE']))
  t.ok(sends() > CALLS && sends() <= CALLS * 1.1 + 3, `${sends()} sends for ${CALLS} calls`)
  t.equal(sends(), CALLS + budget.sent)
  t.ok(budget.denied >= CALLS - budget.sent)
})

t.test('one hiccup is got over; what is no hiccup and what is no question is sent once', async (t) => {
  const first = await setUp(t, [503, 200])
  t.equal(await first.call(), 'ok')
  t.equal(first.sends(), 2)
  for (const [status, method] of [
    [404, 'GET'],
    [503, 'POST'],
  ] as const) {
    const { call, sends } = await setUp(t, [status, 200])
    t.not(await call(method), 'ok')
    t.equal(sends(), 1, `${status} ${method}`)
  }
})

t.test('a repeat waits as long as the agency asks, and ends with its retries', async (t) => {
  const { call, budget } = await setUp(t, [503, 503, 503, 200])
  t.equal(await call(), 'HUB_UPSTREAM_UNAVAILABLE', 'two repeats are two')
  t.equal(budget.sent, 2)
  t.equal(budget.denied, 0)
})
