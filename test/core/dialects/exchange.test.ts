import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { HubError } from '../../../core/base/errors.ts'
import { createVault } from '../../../core/base/vault.ts'
import { type ExchangeOptions, exchange } from '../../../core/dialects/exchange.ts'
import { defaultForm, sealSecret, signature } from '../../../core/dialects/exchange-crypto.ts'
import type { Outgoing, RawReply, SignedRequest } from '../../../core/upstream/dialect.ts'
import { migrate } from '../../../migrations/index.ts'
import { openDatabase } from '../../../plugins/store/open.ts'
import { clock } from '../../helper/clock.ts'

const sid = 's_demo_0001'
const rid = 'rid-demo'
const appKey = 'demo-appkey'
const secret = '0123456789abcdef0123456789abcdef'
const query: Outgoing = { sid, method: 'GET', params: { grzh: '41100001', xm: '张 三&', blank: null, none: undefined, list: [1] } }
const filing: Outgoing = { sid, method: 'POST', params: { lsh: 'T-1', je: 12.5 } }
const endOfLife = () => new Date(Date.now() + 3_600_000).toISOString()
const good = () => ({ code: '0', message: '成功', data: { secret: sealSecret(secret, appKey), secretEndTime: endOfLife() } })

t.test('a GET: four headers, parameters in the query string, behind the path of the base address', async (t) => {
  const { signer, send, refreshes, seen } = await platform(t, good)
  await send(await signer.sign(query))
  const [refresh, call] = seen as [Seen, Seen]
  t.equal(`${refresh.method} ${refresh.url}`, 'POST /share/sysapi/auth/refreshappsecret')
  t.match(refresh.headers, { 'content-type': 'application/json; charset=utf-8' })
  const asked = JSON.parse(refresh.body)
  t.strictSame(Object.keys(asked), ['gjgxjhpt_rid', 'gjgxjhpt_sid', 'gjgxjhpt_rtime', 'gjgxjhpt_sign'])
  t.equal(asked.gjgxjhpt_sign, signature({ sid, rid, rtime: asked.gjgxjhpt_rtime }, appKey), 'signed with the app key')

  t.equal(`${call.method} ${call.url}`, `GET /share/httpproxy?grzh=41100001&xm=${encodeURIComponent('张 三&')}&list=%5B1%5D`)
  const { gjgxjhpt_rtime: rtime = '' } = call.headers as Record<string, string>
  t.match(call.headers, { gjgxjhpt_rid: rid, gjgxjhpt_sid: sid, gjgxjhpt_rtime: /^\d{13}$/ })
  t.equal(call.headers['gjgxjhpt_sign'], signature({ sid, rid, rtime }, secret), 'signed with the secret')
  t.ok(Math.abs(Date.now() - Number(rtime)) < 5000)

  const next = signer.sign(filing)
  t.notOk(next instanceof Promise, 'with a secret at hand, signing is synchronous')
  t.equal(refreshes(), 1)
})

t.test('a POST: JSON body, none of the four values in it', async (t) => {
  const { signer, send, seen } = await platform(t, good)
  await send(await signer.sign(filing))
  t.match(seen[1], { method: 'POST', url: '/share/httpproxy', body: '{"lsh":"T-1","je":12.5}', headers: { gjgxjhpt_rid: rid } })
  t.equal(seen[1]?.headers['content-type'], 'application/json; charset=utf-8')
})

t.test('options', async (t) => {
  const sign = async (t: Test, options: ExchangeOptions, outgoing: Outgoing) => (await platform(t, good, options)).signer.sign(outgoing)

  await t.test('prefix: the setting’s, or the connector’s own', async (t) => {
    const { headers } = await sign(t, { headerPrefix: 'gjzwfwpt' }, query)
    t.strictSame(Object.keys(headers), ['gjzwfwpt_rid', 'gjzwfwpt_sid', 'gjzwfwpt_rtime', 'gjzwfwpt_sign'])
    const declared = exchange().credentials['headerPrefix']
    t.match(declared, { setting: 'EXCHANGE_HEADER_PREFIX', secret: false })
    t.match(exchange().credentials['appKey'], { setting: 'EXCHANGE_APP_KEY', secret: true })
    t.equal(exchange().baseUrlSetting, 'EXCHANGE_BASE_URL')
  })

  await t.test('unit of time, order and digest', async (t) => {
    const form = { order: ['rtime', 'rid', 'sid'], digest: 'HEX', algorithm: 'sm3' } as const
    const { headers } = await sign(t, { timeUnit: 's', signature: form }, query)
    const rtime = headers['gjgxjhpt_rtime'] ?? ''
    t.match(rtime, /^\d{10}$/)
    t.equal(headers['gjgxjhpt_sign'], signature({ sid, rid, rtime }, secret, { ...defaultForm, ...form }))
  })

  await t.test('where the four values travel', async (t) => {
    const four = /^gjgxjhpt_rid=rid-demo&gjgxjhpt_sid=s_demo_0001&gjgxjhpt_rtime=\d{13}&gjgxjhpt_sign=[\w%]+$/
    const inQuery = await sign(t, { carriers: ['query'] }, filing)
    t.match(inQuery.path.split('?')[1], four)
    t.strictSame(Object.keys(inQuery.headers), ['content-type'])
    t.equal(inQuery.body, '{"lsh":"T-1","je":12.5}')

    const both = await sign(t, { carriers: ['header', 'body'] }, filing)
    t.equal(both.path, '/share/httpproxy')
    t.match(JSON.parse(both.body ?? ''), { lsh: 'T-1', gjgxjhpt_sign: both.headers['gjgxjhpt_sign'] })

    const form = await sign(t, { carriers: ['body'], bodyFormat: 'form' }, filing)
    t.equal(form.headers['content-type'], 'application/x-www-form-urlencoded')
    t.match(form.body?.replace('lsh=T-1&je=12.5&', ''), four)

    const read = await sign(t, { carriers: ['body'] }, { ...query, params: {} })
    t.match(read.path.split('?')[1], four, 'a GET has no body: the query string')
    t.equal(read.body, null)
  })

  await t.test('paths', async (t) => {
    const { signer, seen } = await platform(t, good, { proxyPath: '/wsproxy?v=2', refreshPath: '/auth/new' })
    t.match((await signer.sign({ ...query, params: { a: 1 } })).path, /^\/share\/wsproxy\?v=2&a=1$/)
    t.equal(seen[0]?.url, '/share/auth/new')
    t.equal((await sign(t, { proxyPath: '' }, { ...query, params: {} })).path, '/share')
  })

  await t.test('success codes of the refresh', async (t) => {
    const answer = () => ({ ...good(), code: '1' })
    await t.rejects(async () => (await platform(t, answer)).signer.sign(query), { code: 'HUB_UPSTREAM_CREDENTIAL' })
    t.ok(await (await platform(t, answer, { refreshSuccess: ['1'] })).signer.sign(query))
  })

  await t.test('a static secret: the app key signs, nothing is refreshed', async (t) => {
    const { signer, refreshes } = await platform(t, good, { secret: 'static' })
    const { headers } = await signer.sign(query)
    t.equal(headers['gjgxjhpt_sign'], signature({ sid, rid, rtime: headers['gjgxjhpt_rtime'] ?? '' }, appKey))
    t.notOk(signer.refused(reply(401, '')), 'renewing cannot help')
    t.equal(refreshes(), 0)
  })
})

t.test('answers to a refresh', async (t) => {
  const data = (change: object) => ({ code: 0, data: { ...good().data, ...change } })
  const usable: [string, unknown][] = [
    ['a numeric code', data({})],
    ['data in a string', { CODE: '200', DATA: JSON.stringify(good().data) }],
    ['no end time', data({ secretEndTime: null })],
    ['an end in Beijing time', data({ secretEndTime: '2099-12-31 23:59:59' })],
  ]
  for (const [name, answer] of usable) t.ok(await (await platform(t, () => answer)).signer.sign(query), name)

  const bad: [string, unknown, string, number?][] = [
    ['code -1', { code: '-1', message: 'marked 接口调用失败' }, 'HUB_UPSTREAM_CREDENTIAL'],
    ['code E-106', { code: 'E-106', message: 'marked', data: null }, 'HUB_UPSTREAM_CREDENTIAL'],
    ['no code', { data: good().data }, 'HUB_UPSTREAM_CREDENTIAL'],
    ['no secret', { code: '0', data: {} }, 'HUB_UPSTREAM_CREDENTIAL'],
    ['no data', { code: '0', data: 'marked' }, 'HUB_UPSTREAM_CREDENTIAL'],
    ['a secret for another key', data({ secret: sealSecret(secret, 'another key') }), 'HUB_UPSTREAM_CREDENTIAL'],
    ['a secret that is past its end', data({ secretEndTime: Date.now() - 1000 }), 'HUB_UPSTREAM_CREDENTIAL'],
    ['HTTP 403', good(), 'HUB_UPSTREAM_CREDENTIAL', 403],
    ['HTTP 500', good(), 'HUB_UPSTREAM_INVALID', 500],
    ['HTTP 503', good(), 'HUB_UPSTREAM_UNAVAILABLE', 503],
    ['HTTP 504', good(), 'HUB_UPSTREAM_TIMEOUT', 504],
    ['a page', '<html>marked</html>', 'HUB_UPSTREAM_INVALID'],
    ['a list', [], 'HUB_UPSTREAM_INVALID'],
  ]
  for (const [name, answer, code, status] of bad) {
    const { signer, lines } = await platform(t, () => answer, {}, status)
    const error = await Promise.resolve(signer.sign(query)).catch((error) => error)
    t.match(error, { code }, name)
    t.ok(error instanceof HubError)
    const written = `${error.stack}${JSON.stringify(error)}${lines.join('')}`
    t.notMatch(written, new RegExp(`marked|${appKey}|${secret}|127\\.0\\.0\\.1`), `${name}: nothing leaks`)
    t.equal(lines.length, 1, 'logged once')
    await t.rejects(async () => signer.sign(query), { code: 'HUB_UPSTREAM_UNAVAILABLE', extras: { retryAfter: 1 } }, 'then it cools down')
  }
})

t.test('an agency that cannot be reached', async (t) => {
  const { signer, server, lines } = await platform(t, good)
  server.close()
  const error = await Promise.resolve(signer.sign(query)).catch((error) => error)
  t.match(error, { code: 'HUB_UPSTREAM_UNREACHABLE' })
  t.notMatch(`${error.stack}${error.cause}${lines.join('')}`, /127\.0\.0\.1|fetch failed/)
})

t.test('due, but valid: the call does not wait, and the secret is renewed behind it', async (t) => {
  const time = clock(t)
  const { signer, refreshes } = await platform(t, () => ({ ...good(), data: { ...good().data, secretEndTime: Date.now() + 600 } }))
  await signer.sign(query)
  time.advance(350)
  t.notOk(signer.sign(query) instanceof Promise)
  t.notOk(signer.sign(query) instanceof Promise)
  while (refreshes() < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal(refreshes(), 2)
})

t.test('refused, renewed, sent again', async (t) => {
  let current = secret
  const { signer, send, refreshes, reject } = await platform(t, () => ({ ...good(), data: { secret: sealSecret(current, appKey) } }))
  const old = await signer.sign(query)
  const twin = await signer.sign(query)
  current = 'fedcba9876543210fedcba9876543210'
  reject((headers) => headers['gjgxjhpt_sign'] !== signature({ sid, rid, rtime: String(headers['gjgxjhpt_rtime']) }, current))

  const refusal = await send(old)
  t.ok(signer.refused(refusal))
  await signer.renew(sid, old)
  const again = await signer.sign(query)
  t.notOk(signer.refused(await send(again)))
  t.equal(refreshes(), 2)

  await signer.renew(sid, twin)
  t.notOk(signer.sign(query) instanceof Promise, 'a call of before the renewal does not undo it')
  await signer.renew('another sid', again)
  t.notOk(signer.sign(query) instanceof Promise)
  t.notMatch(JSON.stringify(again) + Object.values(again).join(), current, 'a request does not carry its secret')
})

t.test('what counts as a refusal', async (t) => {
  const { signer } = await platform(t, good)
  for (const [status, body] of [
    [401, ''],
    [403, '<html></html>'],
    [200, '{"code":"E-106","message":"x"}'],
    [200, '{"code":"-1","message":"签名验证失败","data":null}'],
    [200, '{"CODE":500,"MSG":"secret已过期"}'],
    [200, '{"errCode":"1","errMsg":"请求时间超出允许范围"}'],
    [200, '{"message":"Invalid signature"}'],
    [200, '{"message":"Clock skew exceeded"}'],
    [200, '密钥无效'],
  ] as const) {
    t.ok(signer.refused(reply(status, body)), body)
  }
  const gbk = Buffer.concat([Buffer.from('{"code":"9","message":"'), Buffer.from('c7a9c3fbb4edcef3', 'hex'), Buffer.from('"}')])
  t.ok(signer.refused({ status: 200, contentType: 'application/json', body: gbk }), '签名错误 in GBK')
  for (const [status, body] of [
    [500, 'oops'],
    [200, ''],
    [200, '{"code":"0","message":"成功","data":{"note":"签名错误"}}'],
    [200, '{"code":"-1","message":"接口调用失败"}'],
    [200, '{"code":"1","message":"电话号码错误"}'],
    [200, '[{"message":"签名错误"}]'],
    [200, '没有数据或者时间格式错误'],
    [200, '<html>signature error</html>'],
    [200, JSON.stringify({ message: '签名错误', data: 'x'.repeat(600) })],
  ] as const) {
    t.notOk(signer.refused(reply(status, body)), body.slice(0, 60))
  }
  const own = await platform(t, good, { refusal: { statuses: [], codes: ['77'], message: /^坏签$/ } })
  t.ok(own.signer.refused(reply(200, '{"code":77}')))
  t.ok(own.signer.refused(reply(200, '{"message":"坏签"}')))
  t.notOk(own.signer.refused(reply(401, '')))
})

t.test('the probe', async (t) => {
  const { signer, seen, refreshes, server } = await platform(t, good)
  await signer.probe(sid)
  t.equal(refreshes(), 1, 'obtains a secret')
  const held = (await signer.sign(query)).headers
  await signer.probe(sid)
  t.equal(refreshes(), 1, 'and keeps a valid one')
  t.match(seen[1], { method: 'GET', url: '/share/sysapi/auth/refreshappsecret' })
  t.notMatch(JSON.stringify(seen[1]), held['gjgxjhpt_sign'] ?? '', 'asking only whether somebody answers')
  server.close()
  await t.rejects(signer.probe(sid), { code: 'HUB_UPSTREAM_UNREACHABLE' })

  const refusing = await platform(t, () => ({ code: '-1' }))
  await t.rejects(refusing.signer.probe(sid), { code: 'HUB_UPSTREAM_CREDENTIAL' })
  const fixed = await platform(t, good, { secret: 'static' })
  await fixed.signer.probe(sid)
  t.equal(fixed.seen.length, 1)
})

interface Seen {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

/** A platform that answers refreshes with `answer`, calls with an empty success, and writes down what it sees. */
async function platform(t: Test, answer: () => unknown, options: ExchangeOptions = {}, status = 200) {
  const seen: Seen[] = []
  let rejects = (_headers: IncomingMessage['headers']) => false
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers, body: await text(request) })
    const isRefresh = method === 'POST' && /auth/.test(url)
    const body = isRefresh ? answer() : rejects(headers) ? { code: '-1', message: '签名错误' } : { code: '0', data: [] }
    response.writeHead(isRefresh ? status : 200, { connection: 'close' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const dataDir = mkdtempSync(join(tmpdir(), 'hub-'))
  const database = openDatabase({ url: '', dataDir })
  await migrate(database)
  t.teardown(async () => {
    server.close()
    await database.destroy()
    rmSync(dataDir, { recursive: true, force: true })
  })

  async function send({ method, path, headers, body }: SignedRequest): Promise<RawReply> {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body })
    return { status: answer.status, contentType: answer.headers.get('content-type') ?? '', body: Buffer.from(await answer.arrayBuffer()) }
  }

  const lines: string[] = []
  const signer = exchange(options).createSigner({
    baseUrl: `http://127.0.0.1:${port}/share/`,
    credentials: { requesterId: rid, appKey, headerPrefix: 'gjgxjhpt' },
    database,
    vault: createVault(randomBytes(32)),
    log: pino({}, { write: (line: string) => void lines.push(line) }),
    send,
  })
  const refreshes = () => seen.filter(({ method, url }) => method === 'POST' && /auth/.test(url)).length
  return { signer, send, seen, server, lines, refreshes, reject: (rule: typeof rejects) => (rejects = rule) }
}

function reply(status: number, body: string): RawReply {
  return { status, contentType: 'application/json', body: Buffer.from(body) }
}
