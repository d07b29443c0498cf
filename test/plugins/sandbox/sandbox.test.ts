import { execFile } from 'node:child_process'
import { createDecipheriv, createHash, createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Fastify from 'fastify'
import fp from 'fastify-plugin'
import { createLocalJWKSet, jwtVerify } from 'jose'
import t, { type Test } from 'tap'
import { readSettings } from '../../../config/settings.ts'
import { createVault } from '../../../core/base/vault.ts'
import { defineConnector, type Envelope, exchange, field, service } from '../../../core/connector.ts'
import { migrate } from '../../../migrations/index.ts'
import { createFaults, type Fault, type FaultKind, faultKinds } from '../../../plugins/sandbox/faults.ts'
import sandboxPlugin from '../../../plugins/sandbox/index.ts'
import { issueSandboxToken, jwks, SANDBOX_ISSUER } from '../../../plugins/sandbox/issuer.ts'
import { enterprises, mandates, people } from '../../../plugins/sandbox/people.ts'
import { seedSandbox } from '../../../plugins/sandbox/seed.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../plugins/sandbox/server.ts'
import { envelopeVariants } from '../../../plugins/sandbox/wrapping.ts'
import { openDatabase } from '../../../plugins/store/open.ts'
import { apply, statuses } from '../../helper/apply-service.ts'
import { clock } from '../../helper/clock.ts'
import { targets } from '../../helper/targets.ts'

const envelope: Envelope = {
  codeKeys: ['code'],
  messageKeys: ['message'],
  success: ['0'],
  successWithData: [],
  innerCodeKeys: [],
  empty: [],
  emptyTexts: ['没有数据'],
  data: ['data'],
  total: ['total'],
  jsonInString: true,
  charset: 'utf-8',
}
const common = { section: '0', identity: 'real-name', timeoutMs: 1000, rate: { max: 10, perSeconds: 1 } } as const

const demo = defineConnector({
  id: 'demo',
  name: '演示',
  agency: '演示中心',
  version: '1.0.0',
  section: '0',
  upstream: {
    dialect: exchange(),
    envelope,
    subject: { person: { xm: 'person.name', zjhm: 'person.idNumber' } },
    dateFormat: 'YYYYMMDD',
    maxConcurrent: 8,
  },
  services: [
    service({
      ...common,
      id: 'account',
      name: '账户',
      kind: 'query',
      single: '每人只有一个账户',
      audience: 'person',
      inputs: {},
      fields: {
        idNumber: field.text('证件号码', { code: 'zjhm', subject: 'person' }),
        openDate: field.date('开户日期', { code: 'khrq' }),
        balance: field.money('余额', { code: 'ye' }),
        accountStatus: field.code('状态', statuses, { code: 'zt' }),
        remark: field.text('备注', { code: 'bz' }),
      },
    }),
    apply,
  ],
  health: { service: 'account', intervalSeconds: 60 },
  sandbox: {
    account: ({ number }) => [{ zjhm: number, khrq: '20200131', ye: 12345.6, zt: '02', bz: '甲乙' }],
  },
})

const [first, second] = people as [(typeof people)[0], (typeof people)[0]]
const asker = { xm: first.name, zjhm: first.number }

async function start(t: Test, options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const dataDir = temporary(t)
  const sandbox = await startSandbox({ connectors: [demo], dataDir, headerPrefix: 'gjgxjhpt', ...options })
  t.teardown(() => sandbox.close())
  return sandbox
}

function temporary(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'hub-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A client written after standards.md §1.1 alone, so that it shares no mistake with the hub's. */
function clientOf({ exchange: { baseUrl, requesterId, appKey, headerPrefix } }: Sandbox) {
  const sha1 = (bytes: Buffer | string) => createHash('sha1').update(bytes).digest()
  function four(sid: string, key: string, { rid = requesterId, rtime = String(Date.now()), sign = '' } = {}): Record<string, string> {
    const mac = sign || createHmac('sha256', key).update(`${sid}${rid}${rtime}`).digest('base64')
    const entries = Object.entries({ rid, sid, rtime, sign: mac })
    return Object.fromEntries(entries.map(([name, value]) => [`${headerPrefix}_${name}`, value]))
  }
  async function refresh(sid: string, options = {}) {
    const body = JSON.stringify(four(sid, appKey, options))
    const response = await fetch(`${baseUrl}/sysapi/auth/refreshappsecret`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    return (await response.json()) as { code: string; message: string; data: { secret: string; secretEndTime: number } }
  }
  async function secret(sid: string): Promise<string> {
    const { data } = await refresh(sid)
    const decipher = createDecipheriv('aes-128-ecb', sha1(sha1(appKey)).subarray(0, 16), null)
    return decipher.update(data.secret, 'base64', 'utf8') + decipher.final('utf8')
  }
  function post(sid: string, key: string, params: object, options = {}, patienceMs = 30_000): Promise<Response> {
    return fetch(`${baseUrl}/httpproxy`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...four(sid, key, options) },
      body: JSON.stringify(params),
      signal: AbortSignal.timeout(patienceMs),
    })
  }
  function get(sid: string, key: string, params: Record<string, string>): Promise<Response> {
    return fetch(`${baseUrl}/httpproxy?${new URLSearchParams(params)}`, { headers: four(sid, key) })
  }
  return { refresh, secret, post, get }
}

type Answer = { code: string; message: string; data: Record<string, unknown> }
const json = async (response: Promise<Response>) => (await (await response).json()) as Answer

t.test('a client written from the standard gets a secret and an answer', async (t) => {
  const sandbox = await start(t, { headerPrefix: 'gjzwfwpt', appKey: 'demo-appkey' })
  const client = clientOf(sandbox)
  const { code, data } = await client.refresh('demo.account')
  t.equal(code, '0')
  t.ok(data.secretEndTime > Date.now() && data.secretEndTime < Date.now() + 2 * 86_400_000)
  t.equal(new Date(data.secretEndTime + 8 * 3_600_000).toISOString().slice(11), '23:59:59.000Z', 'the end of the day in Beijing')
  const secret = await client.secret('demo.account')
  t.match(secret, /^[0-9a-f]{32}$/)
  const answer = await json(client.post('demo.account', secret, asker))
  t.strictSame(answer, { code: '0', message: '成功', data: { zjhm: first.number, khrq: '20200131', ye: 12345.6, zt: '02', bz: '甲乙' } })
  t.strictSame(await json(client.get('demo.account', secret, asker)), answer, 'GET as well')
  t.equal(sandbox.refreshes('demo.account'), 2)
})

t.test('whoever is not known or not in time is refused', async (t) => {
  const sandbox = await start(t)
  const client = clientOf(sandbox)
  const sid = 'demo.account'
  const secret = await client.secret(sid)
  const refused = async (answer: Promise<{ code: string; message: string }>, code: string, message: RegExp) =>
    t.match(await answer, { code, message })
  await refused(client.refresh(sid, { rid: 'nobody' }), 'E-106', /授权/)
  await refused(client.refresh('demo.nothing'), '-1', /接口调用失败/)
  await refused(client.refresh(sid, { sign: 'bm90IHJpZ2h0' }), '-1', /签名/)
  await refused(client.refresh(sid, { rtime: String(Date.now() - 301_000) }), '-1', /时间/)
  await refused(client.refresh(sid, { rtime: 'yesterday' }), '-1', /时间/)
  await refused(json(client.post(sid, secret, asker, { rid: 'nobody' })), 'E-106', /授权/)
  await refused(json(client.post('demo.nothing', secret, asker)), '-1', /接口调用失败/)
  await refused(json(client.post(sid, `${secret}0`, asker)), '-1', /签名/)
  await refused(json(client.post('demo.apply', secret, asker)), '-1', /签名/)
  await refused(json(client.post(sid, secret, asker, { rtime: String(Date.now() + 301_000) })), '-1', /时间/)
  t.equal((await json(client.post(sid, secret, asker, { rtime: String(Date.now() + 290_000) }))).code, '0', 'a few minutes are tolerated')
  sandbox.timing.skewMs = 1000
  await refused(json(client.post(sid, secret, asker, { rtime: String(Date.now() - 2000) })), '-1', /时间/)
})

t.test('secrets end', async (t) => {
  const time = clock(t)
  const sandbox = await start(t, { timing: { secretLifeMs: 100 } })
  const client = clientOf(sandbox)
  const [old, young] = [await client.secret('demo.account'), await client.secret('demo.account')]
  t.not(old, young)
  t.equal((await json(client.post('demo.account', old, asker))).code, '0', 'the one before serves until its end')
  time.advance(101)
  t.match(await json(client.post('demo.account', young, asker)), { code: '-1', message: '密钥已过期' })
  sandbox.timing.secretLifeMs = 60_000
  sandbox.timing.oneSecretAtATime = true
  const next = await client.secret('demo.account')
  await client.secret('demo.account')
  t.match(await json(client.post('demo.account', next, asker)), { code: '-1', message: '签名验证失败' })
})

t.test('nobody but the asker is found, and name and number must agree', async (t) => {
  const client = clientOf(await start(t))
  const secret = await client.secret('demo.account')
  for (const params of [{}, { zjhm: first.number, xm: second.name }, { zjhm: '411002199001010009', xm: first.name }]) {
    t.strictSame((await json(client.post('demo.account', secret, params))).data, [])
  }
})

/** What a client sees of each kind; every kind must be here. */
const seen: Record<FaultKind, (response: Promise<Response>, t: Test) => Promise<unknown>> = {
  slow: async (response, t) => {
    const start = performance.now()
    t.equal((await json(response)).code, '0')
    t.ok(performance.now() - start >= 75)
  },
  timeout: async (response, t) => t.rejects(response, { name: 'TimeoutError' }),
  reset: async (response, t) => t.rejects(response, { message: 'fetch failed' }),
  'http-500': async (response, t) => t.match(await (await response).text(), /NullPointerException/),
  'http-503': async (response, t) => t.equal((await response).status, 503),
  html: async (response, t) => {
    const answer = await response
    t.equal(answer.status, 200)
    t.match(answer.headers.get('content-type'), /text\/html/)
    t.match(await answer.text(), /<html>/)
  },
  truncated: async (response, t) => t.rejects(json(response), { name: 'SyntaxError' }),
  gbk: async (response, t) => {
    const answer = await response
    t.equal(answer.headers.get('content-type'), 'application/json;charset=GBK')
    t.equal(JSON.parse(new TextDecoder('gbk', { fatal: true }).decode(await answer.arrayBuffer())).data.bz, '甲乙')
  },
  'gbk-undeclared': async (response, t) => {
    const answer = await response
    t.equal(answer.headers.get('content-type'), 'application/json;charset=UTF-8')
    const bytes = await answer.arrayBuffer()
    t.throws(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  },
  'gbk-unnamed': async (response, t) => {
    const answer = await response
    t.equal(answer.headers.get('content-type'), 'application/json')
    t.match(JSON.parse(new TextDecoder('gbk').decode(await answer.arrayBuffer())).data, { bz: '甲乙' })
  },
  // fetch unpacks.
  packed: async (response, t) => {
    t.equal((await response).headers.get('content-encoding'), 'gzip')
    t.equal((await json(response)).code, '0')
  },
  'packed-falsely': async (response, t) => t.rejects(json(response)),
  'packed-bomb': async (response, t) => {
    const { headers, body } = await response
    t.ok(Number(headers.get('content-length')) < 100_000)
    await body?.cancel()
  },
  login: async (response, t) => t.equal((await response).status, 404, 'fetch has followed'),
  'bad-sign': async (response, t) => t.match(await json(response), { code: '-1', message: /签名/ }),
  'clock-skew': async (response, t) => t.match(await json(response), { code: '-1', message: /时间/ }),
  'secret-expired': async (response, t) => t.match(await json(response), { code: '-1', message: /过期/ }),
  'secret-rotated': async (response, t) => t.match(await json(response), { code: '-1', message: /签名/ }),
  'error-code': async (response, t) => t.strictSame(await json(response), { code: '-1', message: '系统异常' }),
  'error-text': async (response, t) => {
    const answer = await response
    t.equal(answer.status, 200)
    t.equal(await answer.text(), '没有数据或者时间格式错误')
  },
  empty: async (response, t) => t.match(await json(response), { code: '0', data: [] }),
  'empty-as-error': async (response, t) => t.strictSame(await json(response), { code: '-1', message: '没有数据' }),
  many: async (response, t) => t.equal((await json(response)).data['length'], 2),
  envelope: async (response, t) => t.match(await json(response), { code: '00', msg: '成功', datas: { zjhm: first.number } }),
  'json-in-string': async (response, t) => t.match(JSON.parse(String((await json(response)).data)), { zjhm: first.number }),
  'root-array': async (response, t) => t.match(await json(response), [{ zjhm: first.number }]),
  'xml-in-json': async (response, t) => t.match((await json(response)).data, /^<\?xml .*<zjhm>41100219900101000X<\/zjhm>/),
  'wrong-types': async (response, t) => t.match((await json(response)).data, { khrq: '格式错误', ye: '格式错误', bz: { value: 1 } }),
  values: async (response, t) => t.match(await (await response).text(), /"ye":41000012345678901234,/),
  'wrong-person': async (response, t) => t.match((await json(response)).data, { zjhm: second.number }),
  'upper-case': async (response, t) => t.match((await json(response)).data, { ZJHM: first.number, YE: 12345.6 }),
  'lower-case': async (response, t) => t.match((await json(response)).data, { zjhm: first.number }),
  'camel-case': async (response, t) => t.match((await json(response)).data, { idNumber: first.number, openDate: '20200131' }),
  'string-numbers': async (response, t) => t.equal((await json(response)).data['ye'], '12345.6'),
  'dates-dashed': async (response, t) => t.equal((await json(response)).data['khrq'], '2020-01-31'),
  'dates-epoch': async (response, t) => t.equal((await json(response)).data['khrq'], Date.UTC(2020, 0, 30, 16)),
  'display-names': async (response, t) => t.equal((await json(response)).data['zt'], '通过'),
  'amounts-10k': async (response, t) => t.equal((await json(response)).data['ye'], '1.23456'),
  'accepted-then-reset': async (response, t) => t.rejects(response, { message: 'fetch failed' }),
  // These concern answers that come later, or filings, and leave this query alone.
  'never-ready': async (response, t) => t.equal((await json(response)).code, '0'),
  'refuse-later': async (response, t) => t.equal((await json(response)).code, '0'),
  'refuse-submission': async (response, t) => t.equal((await json(response)).code, '0'),
  'reject-submission': async (response, t) => t.equal((await json(response)).code, '0'),
  'hold-submission': async (response, t) => t.equal((await json(response)).code, '0'),
  'ask-supplement': async (response, t) => t.equal((await json(response)).code, '0'),
  'ask-suspension': async (response, t) => t.equal((await json(response)).code, '0'),
}

t.test('every kind of fault is seen by a client, and gone afterwards', async (t) => {
  const sandbox = await start(t)
  const client = clientOf(sandbox)
  const extras: Partial<Record<FaultKind, Partial<Fault>>> = {
    slow: { ms: 80 },
    values: { values: { ye: '41000012345678901234' } },
    envelope: { envelope: { code: '00', messageKey: 'msg', data: 'datas' } },
  }
  for (const kind of Object.keys(faultKinds) as FaultKind[]) {
    await t.test(kind, async (t) => {
      const secret = await client.secret('demo.account')
      sandbox.faults.set({ kind, sid: 'demo.account', times: 1, ...extras[kind] })
      const patienceMs = kind === 'timeout' ? 300 : undefined
      await seen[kind](client.post('demo.account', secret, asker, {}, patienceMs), t)
      t.strictSame(sandbox.faults.list(), [], 'used up')
      const next = await client.secret('demo.account')
      t.equal((await json(client.post('demo.account', next, asker))).code, '0')
    })
  }
})

t.test('every outer form that is seen behind exchange platforms', async (t) => {
  const sandbox = await start(t)
  const client = clientOf(sandbox)
  const secret = await client.secret('demo.account')
  for (const fault of envelopeVariants) {
    sandbox.faults.clear()
    sandbox.faults.set(fault)
    const answer = await json(client.post('demo.account', secret, asker))
    t.equal(answer.code, fault.envelope?.code)
    const rows = (fault.envelope?.data ?? '').split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], answer)
    t.match(rows, { zjhm: first.number }, JSON.stringify(fault.envelope))
  }
})

t.test('the secret refresh can fail on its own', async (t) => {
  const sandbox = await start(t)
  const client = clientOf(sandbox)
  const secret = await client.secret('demo.account')
  sandbox.faults.set({ kind: 'http-503', on: 'refresh' })
  await t.rejects(client.refresh('demo.account'))
  t.equal((await json(client.post('demo.account', secret, asker))).code, '0')
})

t.test('faults are set, listed and cleared over HTTP', async (t) => {
  const { origin, faults } = await start(t)
  const url = `${origin}/sandbox/faults`
  const post = (body: unknown, type = 'application/json') =>
    fetch(url, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) })
  t.equal((await post({ kind: 'slow', ms: 5, sid: 'demo.account' })).status, 200)
  t.strictSame(faults.list(), [{ kind: 'slow', ms: 5, sid: 'demo.account' }])
  t.match(await (await fetch(url)).json(), { faults: [{ kind: 'slow' }], kinds: { slow: String } })
  for (const wrong of [
    {},
    { kind: 'gremlins' },
    { kind: 'slow', ms: -1 },
    { kind: 'slow', times: 0 },
    { kind: 'slow', colour: 'red' },
    [],
  ]) {
    t.equal((await post(wrong)).status, 400, JSON.stringify(wrong))
  }
  t.equal((await post({ kind: 'slow' }, 'text/plain')).status, 415)
  t.equal((await fetch(url, { method: 'DELETE' })).status, 200)
  t.strictSame(faults.list(), [])
  t.equal((await fetch(`${origin}/elsewhere`)).status, 404)
})

t.test('faults count down, one request at a time', async (t) => {
  const faults = createFaults()
  faults.set({ kind: 'empty', times: 2 })
  faults.set({ kind: 'slow', sid: 'a.b' })
  t.strictSame([...faults.take('call', 'a.b').keys()], ['empty', 'slow'])
  t.strictSame([...faults.take('call', 'c.d').keys()], ['empty'])
  t.strictSame([...faults.take('call', 'c.d').keys()], [])
  t.strictSame([...faults.take('refresh', 'a.b').keys()], [])
  t.throws(() => faults.set({ kind: 'slow', times: 1.5 }), RangeError)
})

t.test('a filing is filed once, counted each time, and found by its serial number', async (t) => {
  const sandbox = await start(t, { timing: { progressStepMs: 100_000 } })
  const client = clientOf(sandbox)
  const secret = await client.secret('demo.apply')
  const filing = { ...asker, lsh: 'S-1', je: 100 }
  const answer = await json(client.post('demo.apply', secret, filing))
  t.match(answer.data, { sqbh: /^SX\d+$/, zt: '01', je: 100 })
  t.strictSame(await json(client.post('demo.apply', secret, filing)), answer, 'the same filing again')
  t.equal(sandbox.filings().get('S-1'), 2, 'but it is counted')
  t.strictSame(await (await fetch(`${sandbox.origin}/sandbox/filings`)).json(), { 'S-1': 2 })

  const progress = await client.secret('demo.progress')
  t.strictSame((await json(client.get('demo.progress', progress, { ...asker, lsh: 'S-1' }))).data, answer.data)
  t.strictSame((await json(client.get('demo.apply', secret, { ...asker, lsh: 'S-1' }))).data, answer.data)
  t.strictSame((await json(client.get('demo.progress', progress, { ...asker, lsh: 'S-2' }))).data, [], 'unknown')
  t.strictSame(
    (await json(client.get('demo.progress', progress, { xm: second.name, zjhm: second.number, lsh: 'S-1' }))).data,
    [],
    'another asker',
  )
  t.equal((await json(client.post('demo.apply', secret, asker))).code, '-1', 'no serial number')
  t.equal(sandbox.filings().size, 1)
})

t.test('a filing whose answer is lost has been filed; a refused one has not', async (t) => {
  const sandbox = await start(t)
  const client = clientOf(sandbox)
  const secret = await client.secret('demo.apply')
  sandbox.faults.set({ kind: 'accepted-then-reset', times: 1 })
  await t.rejects(client.post('demo.apply', secret, { ...asker, lsh: 'lost' }))
  t.match((await json(client.get('demo.apply', secret, { ...asker, lsh: 'lost' }))).data, { sqbh: String })
  sandbox.faults.set({ kind: 'refuse-submission', times: 1 })
  t.equal((await json(client.get('demo.apply', secret, { ...asker, lsh: 'lost' }))).code, '0', 'who only asks does not suffer it')
  t.match(await json(client.post('demo.apply', secret, { ...asker, lsh: 'no' })), { code: '-1', message: /不予受理/ })
  sandbox.faults.set({ kind: 'reset', times: 1 })
  await t.rejects(client.post('demo.apply', secret, { ...asker, lsh: 'never' }))
  t.strictSame([...sandbox.filings()], [['lost', 1]])
})

t.test('filings outlive the process and are shared between processes', async (t) => {
  const dataDir = temporary(t)
  const [a, b] = [await start(t, { dataDir }), await start(t, { dataDir })]
  const [atA, atB] = [clientOf(a), clientOf(b)]
  await atA.post('demo.apply', await atA.secret('demo.apply'), { ...asker, lsh: 'S-1' })
  t.match((await json(atB.get('demo.apply', await atB.secret('demo.apply'), { ...asker, lsh: 'S-1' }))).data, { sqbh: String })
  const later = await start(t, { dataDir })
  t.strictSame([...later.filings()], [['S-1', 1]])
  t.equal(statSync(join(dataDir, 'sandbox-filings.jsonl')).mode & 0o777, 0o600)
})

t.test('closing ends requests that would never be answered', async (t) => {
  const sandbox = await start(t)
  const client = clientOf(sandbox)
  const secret = await client.secret('demo.account')
  sandbox.faults.set({ kind: 'timeout', times: 1 })
  sandbox.faults.set({ kind: 'slow', ms: 60_000, on: 'refresh' })
  const requests: Promise<unknown>[] = [client.post('demo.account', secret, asker), client.refresh('demo.account')]
  const pending = requests.map((request) => t.rejects(request))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const began = performance.now()
  await sandbox.close()
  await Promise.all(pending)
  t.ok(performance.now() - began < 10_000, 'long before either would have been given up')
})

t.test('processes that start together agree on the issuer key', async (t) => {
  const dataDir = temporary(t)
  const script = "import('./plugins/sandbox/issuer.ts').then(({ jwks }) => console.log(JSON.stringify(jwks(process.argv[1]))))"
  const outputs = await Promise.all(
    [1, 2, 3].map(() => promisify(execFile)(process.execPath, ['-e', script, dataDir], { env: { ...process.env, NODE_OPTIONS: '' } })),
  )
  const [key, ...others] = outputs.map(({ stdout }) => JSON.parse(stdout))
  for (const other of others) t.strictSame(other, key)
  t.strictSame(jwks(dataDir), key)
  t.notOk('d' in key.keys[0], 'the private part stays inside')
  t.equal(statSync(join(dataDir, 'sandbox-issuer.json')).mode & 0o777, 0o600)
})

t.test('tokens say who asks, never an id number', async (t) => {
  const dataDir = temporary(t)
  const keys = createLocalJWKSet(jwks(dataDir) as Parameters<typeof createLocalJWKSet>[0])
  const verify = async (token: string) =>
    (await jwtVerify(token, keys, { issuer: SANDBOX_ISSUER, audience: 'hub', algorithms: ['ES256'] })).payload
  const plain = await verify(await issueSandboxToken({ dataDir, audience: 'hub' }))
  t.match(plain, { sub: 'sandbox-person-1', client_id: 'sandbox-app', jti: String, iat: Number })
  t.equal((plain.exp ?? 0) - (plain.iat ?? 0), 3600)
  t.notOk('face_verified_at' in plain || 'enterprise' in plain)
  const full = await verify(await issueSandboxToken({ dataDir, audience: 'hub', person: 3, face: true, faceAgeSeconds: 60, enterprise: 3 }))
  t.match(full, { sub: 'sandbox-person-3', enterprise: enterprises[2]?.id, face_verification_id: String })
  t.equal(Number(full['face_verified_at']), (full.iat ?? 0) - 60)
  t.notMatch(JSON.stringify(full), /\d{17}[\dX]|91411000/)
  await t.rejects(issueSandboxToken({ dataDir, audience: 'hub', enterprise: 4 }), RangeError)
  await t.rejects(verify(await issueSandboxToken({ dataDir, audience: 'hub', expiresInSeconds: -1 })), { code: 'ERR_JWT_EXPIRED' })
  await t.rejects(verify(await issueSandboxToken({ dataDir, audience: 'hub', claims: { iss: 'urn:other' } })))
})

t.test('people are those of the standard, in its order, with valid numbers', async (t) => {
  t.strictSame(
    people.map(({ number }) => number),
    [
      '41100219900101000X',
      '411003198512319991',
      '41102319600315999X',
      '411024200108150006',
      '411025197811099996',
      '411081200002290008',
      '411082199912310005',
      '411002195509070005',
    ],
  )
  t.strictSame(
    enterprises.map(({ number }) => number),
    ['91411000MA0000015J', '91411000MA0000023D', '91411000MA00000318'],
  )
  t.equal(new Set([...people, ...enterprises, ...mandates].map(({ id }) => id)).size, people.length + enterprises.length + mandates.length)
})

for (const target of targets) {
  t.test(`seeding on ${target.name} twice, and by two processes at once, is harmless`, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const open = () => {
      const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
      t.teardown(() => database.destroy())
      return database
    }
    const [one, two] = [open(), open()]
    await migrate(one)
    const vault = createVault(Buffer.alloc(32, 1))
    await Promise.all([seedSandbox(one, vault), seedSandbox(two, vault), seedSandbox(one, vault)])
    const users = await one('users').orderBy('id')
    t.strictSame(
      users.map(({ id, name_sealed }) => vault.open(name_sealed, `users.name:${id}`)),
      people.map(({ name }) => name),
    )
    t.strictSame(
      users.map(({ id, id_number_sealed }) => vault.open(id_number_sealed, `users.id_number:${id}`)),
      people.map(({ number }) => number),
    )
    t.match(users[0], { issuer: SANDBOX_ISSUER, subject: 'sandbox-person-1', status: 'active', level: 'real-name', id_type: '01' })
    t.strictSame(
      (await one('enterprises').orderBy('id')).map(({ uscc }) => uscc),
      enterprises.map(({ number }) => number),
    )
    t.equal((await one('mandates').where({ user_id: first.id })).length, 3)
    t.equal((await one('mandates')).length, 5)

    await one('users').where({ id: second.id }).update({ status: 'suspended' })
    await seedSandbox(two, vault)
    t.equal((await one('users').where({ id: second.id }).first()).status, 'suspended', 'what a developer changed stays')
    t.strictSame(await one('users').where({ id: first.id }).first(), users[0], 'and nothing is written anew')

    const other = createVault(Buffer.alloc(32, 2))
    await seedSandbox(one, other)
    const again = await one('users').where({ id: first.id }).first()
    t.equal(other.open(again.name_sealed, `users.name:${first.id}`), first.name, 'another master key: people are sealed anew')
  })
}

t.test('as a plugin: on, off and never in production', async (t) => {
  const dataDir = temporary(t)
  const build = async (changes: object) => {
    const app = Fastify()
    t.teardown(() => app.close())
    const database = openDatabase({ url: '', dataDir })
    app.addHook('onClose', () => database.destroy())
    await migrate(database)
    const settings = { ...readSettings({ DATA_DIR: dataDir, NODE_ENV: 'test' }), ...changes }
    const vault = createVault(settings.masterKey)
    const provide = (name: string, values: object) =>
      app.register(
        fp(
          async (scope) => {
            for (const [key, value] of Object.entries(values)) scope.decorate(key, value)
          },
          { name },
        ),
      )
    provide('settings', { settings })
    provide('connectors', {
      connectors: [demo],
      services: new Map([['demo.account', { sid: 's_1' }]]),
      internal: { connectors: [], services: new Map() },
    })
    provide('database', { database, vault })
    app.register(sandboxPlugin)
    return app
  }
  // An awaited Fastify instance is a ready one.
  const on = await build({})
  const { sandbox } = on
  t.match(sandbox, { exchange: { requesterId: 'sandbox-requester', headerPrefix: 'gjgxjhpt' }, issuer: { issuer: SANDBOX_ISSUER } })
  t.equal(Number((await on.database('users').count({ n: '*' }))[0]?.['n']), people.length)
  t.strictSame(await (await fetch(sandbox?.issuer.jwksUrl ?? '')).json(), jwks(dataDir))
  if (sandbox) t.equal((await clientOf(sandbox).refresh('s_1')).code, '0', 'a configured service id')
  await on.close()
  await t.rejects(fetch(sandbox?.origin ?? ''), 'closed with the hub')

  const off = await build({ sandbox: false })
  t.equal(off.sandbox, null)
  await t.rejects(build({ NODE_ENV: 'production' }), { message: /NODE_ENV=production/ })
  t.ok(readFileSync(join(dataDir, 'sandbox-issuer.json')).length > 0)
})
