import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { layOut } from '../../../core/dialects/exchange-request.ts'
import type { RawReply } from '../../../core/upstream/dialect.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { createUpstream, type UpstreamOptions } from '../../../core/upstream/upstream.ts'

interface Teardown {
  teardown(work: () => unknown): void
}

/** An agency on loopback and the way to it. */
async function setUp(t: Teardown, answer: RequestListener, options: Partial<UpstreamOptions> = {}) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const upstream = createUpstream({
    agency: '图书馆',
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    maxConcurrent: 4,
    createSigner: () => ({
      sign: (call) => layOut({ path: `/${call.sid}`, carriers: ['header'], bodyFormat: 'json' }, call, {}),
      refused: () => false,
      renew: async () => undefined,
      probe: async () => undefined,
    }),
    ...options,
  })
  t.teardown(async () => {
    await upstream.close()
    server.closeAllConnections()
    server.close()
  })
  const call = (userId: string | undefined, more: { timeoutMs?: number; isGone?: () => boolean; sid?: string } = {}) =>
    upstream
      .call({ sid: more.sid ?? 'loans', method: 'POST', params: {}, userId }, (reply: RawReply) => ({ rows: read(reply), total: null }), {
        deadline: performance.now() + (more.timeoutMs ?? 5000),
        retries: 0,
        cacheSeconds: 0,
        ...(more.isGone ? { isGone: more.isGone } : {}),
      })
      .then(
        () => 'ok',
        (error: UpstreamError) => error.code,
      )
  return { upstream, call }
}

function answerAll(held: (() => void)[]) {
  for (const answer of held.splice(0)) answer()
}

function read({ body, status }: RawReply) {
  const text = body.toString()
  if (text === '--') throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status }, { field: 'balance' })
  // As a connector's own code may fail on a record that it didn't expect.
  if (text === 'odd') throw new TypeError('of undefined')
  return []
}

t.test('a redirect to the log-in page, 401 and 403 are refused credentials, not unreadable answers', async (t) => {
  let status = 302
  const { upstream, call } = await setUp(t, (_request, response) => {
    response.writeHead(status, { location: '/login' }).end('<html></html>')
  })
  for (status of [301, 302, 303, 307, 401, 403]) t.equal(await call('a'), 'HUB_UPSTREAM_CREDENTIAL', String(status))
  t.match(upstream.summary(), { calls: 6, unreadable: 0, unauthorised: 6, lastFailure: { code: 'HUB_UPSTREAM_CREDENTIAL' } })
})

t.test('what cannot be read, even by a connector’s own code, is told by service and moves no breaker', async (t) => {
  const lines: object[] = []
  const { upstream, call } = await setUp(t, (_request, response) => response.end(lines.length > 0 ? 'odd' : '--'), {
    log: { warn: (fields: object | string) => void lines.push(fields as object) },
  })
  for (let index = 0; index < 30; index++) t.equal(await call(`user ${index}`), 'HUB_UPSTREAM_INVALID')
  t.same([upstream.state, [...upstream.breakers()]], ['closed', [['loans', 'closed']]])
  t.match(upstream.services().get('loans'), { calls: 30, unreadable: 30, successRate: 0 })
  t.same(lines, [{ agency: '图书馆', sid: 'loans', unreadable: 1, field: 'balance' }])
})

t.test('calls beyond the places wait, in turn; callers without a name have a share', async (t) => {
  const waiting: (() => void)[] = []
  let most = 0
  const { call } = await setUp(
    t,
    (_request, response) => {
      waiting.push(() => response.end('{}'))
      most = Math.max(most, waiting.length)
    },
    { anonymous: 1 },
  )
  const drain = setInterval(() => answerAll(waiting), 20)
  t.teardown(() => clearInterval(drain))
  const nobody = Array.from({ length: 8 }, () => call(undefined))
  t.ok((await Promise.all(nobody)).every((outcome) => outcome === 'ok'))
  t.equal(most, 1, 'one place for all who are not named')
  const named = Array.from({ length: 20 }, (_, index) => call(`user ${index}`))
  t.ok((await Promise.all(named)).every((outcome) => outcome === 'ok'))
  t.equal(most, 4)
})

t.test('a service with a limit of its own leaves the rest of the places to the others', async (t) => {
  const held: (() => void)[] = []
  const { call } = await setUp(
    t,
    (request, response) => {
      if (request.url === '/slow') held.push(() => response.end('{}'))
      else response.end('{}')
    },
    { limits: new Map([['slow', 2]]) },
  )
  const slow = Array.from({ length: 6 }, (_, index) => call(`user ${index}`, { sid: 'slow' }))
  while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  for (const other of ['other', 'another']) t.equal(await call(other), 'ok')
  t.equal(held.length, 2)
  const drain = setInterval(() => answerAll(held), 10)
  t.ok((await Promise.all(slow)).every((outcome) => outcome === 'ok'))
  clearInterval(drain)
})

t.test('what cannot be answered in time is refused at once, and a client that has left frees its turn', async (t) => {
  const held: (() => void)[] = []
  const { upstream, call } = await setUp(t, (_request, response) => void held.push(() => response.end('{}')), { maxConcurrent: 1 })
  const answer = async () => {
    while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    held.shift()?.()
  }
  const first = call('a')
  await new Promise((resolve) => setTimeout(resolve, 100))
  await answer()
  t.equal(await first, 'ok')
  const second = call('a')
  const gone = call('b', { isGone: () => true })
  const soon = new Promise((resolve) => setImmediate(resolve, 'later'))
  t.equal(await Promise.race([call('c', { timeoutMs: 60 }), soon]), 'HUB_UPSTREAM_BUSY', 'one such call takes 100 ms')
  t.equal(await gone, 'HUB_UPSTREAM_BUSY')
  await answer()
  t.equal(await second, 'ok')
  t.equal(upstream.expectedWait(), 0)
  t.equal(upstream.summary().calls, 2, 'what was not sent is no call of the agency')
})
