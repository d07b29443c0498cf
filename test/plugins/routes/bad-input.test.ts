import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import housingFund from '../../../connectors/housing-fund/index.ts'
import { build } from '../../helper/hub.ts'
import { withdrawalBody } from '../../helper/proper-filing.ts'
import { auditOf, clone, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const ACCOUNT = '/v1/housing-fund/personal-account'
const LIST = '/v1/housing-fund/personal-transactions'
const FILING = '/v1/housing-fund/rental-housing-withdrawal'
const KEY = { 'idempotency-key': 'bad-input-0001' }

const pointersOf = (response: LightMyRequestResponse) =>
  (response.json<{ errors?: { pointer: string }[] }>().errors ?? []).map(({ pointer }) => pointer).sort()

for (const target of targets) {
  t.test(target.name, async (t) => {
    const rare = clone('rare', ['personal-account', 'loan-information'], () => ({ rate: { max: 3, perSeconds: 60 } }))
    const hub = await build(t, { target, declarations: [housingFund, rare] })
    const authorization = `Bearer ${await hub.token()}`

    /** Sends it, and returns the answer with its audit rows. */
    async function send(options: InjectOptions) {
      const { traceId, headers } = trace()
      const response = await hub.app.inject({ ...options, headers: { authorization, ...headers, ...options.headers } })
      return { response, audit: await auditOf(hub, traceId), traceId }
    }

    /** A refused call: its status, code and pointers, a readable problem, one audit row. */
    async function refuses(t: Test, options: InjectOptions, status: number, code: string, pointers: string[] = []) {
      const name = `${options.method ?? 'GET'} ${String(options.url).slice(0, 100)}`
      const { response, audit, traceId } = await send(options)
      t.strictSame(verdict(response), [status, code], name)
      const problem = response.json()
      t.match(problem, { type: `/problems/${code}`, status, traceId, title: /[\u4e00-\u9fff]/, detail: /[\u4e00-\u9fff].*。$/ }, name)
      t.strictSame(pointersOf(response), [...pointers].sort(), name)
      t.equal(audit.length, 1, `${name}: one audit row`)
      t.match(audit[0], { outcome: code, status, rows: null, fields: [], upstreamStatus: null }, name)
      return response
    }

    t.test('what is not there', async (t) => {
      for (const url of [
        '/v1/nowhere/personal-account',
        '/v1/housing-fund/nothing',
        '/v1/housing-fund',
        '/v1/',
        '/v1/housing-fund/constructor',
      ])
        await refuses(t, { url }, 404, 'HUB_SERVICE_UNKNOWN')
      for (const url of [`${ACCOUNT}/1`, '/v1/housing-fund/%00', '/v1/housing-fund/%e5%85%ac', '/v1/%zz'])
        await refuses(t, { url }, 404, 'HUB_SERVICE_UNKNOWN')
      await refuses(t, { url: '/v1/rare/personal-account/x', method: 'POST', payload: {} }, 404, 'HUB_SERVICE_UNKNOWN')
    })

    t.test('a method that is not offered', async (t) => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
        const response = await refuses(t, { url: ACCOUNT, method }, 405, 'HUB_METHOD_NOT_ALLOWED')
        t.equal(response.headers['allow'], 'GET, HEAD', 'RFC 9110 §15.5.6')
      }
      const filing = await refuses(t, { url: FILING, method: 'DELETE' }, 405, 'HUB_METHOD_NOT_ALLOWED')
      t.equal(filing.headers['allow'], 'GET, HEAD, POST')
      const head = await send({ url: ACCOUNT, method: 'HEAD' })
      t.equal(head.response.statusCode, 200)
      t.equal(head.audit.length, 1)
    })

    t.test('queries: every fault has its pointer', async (t) => {
      const cases: [url: string, pointers: string[]][] = [
        [`${ACCOUNT}?idNumber=1&queryScope=x`, ['/query/idNumber', '/query/queryScope']],
        [`${ACCOUNT}?a%2Fb=1&c~d=1&%22=1`, ['/query/a~1b', '/query/c~0d', '/query/"']],
        [`${ACCOUNT}?timeRange=`, ['/query/timeRange']],
        [`${ACCOUNT}?timeRange=2026-01-01`, ['/query/timeRange']],
        [`${ACCOUNT}?timeRange=2025-02-30/..`, ['/query/timeRange']],
        [`${ACCOUNT}?timeRange=2026-02-01/2026-01-01`, ['/query/timeRange']],
        [`${ACCOUNT}?timeRange=../..&timeRange=../..`, ['/query/timeRange']],
        [`${ACCOUNT}?accountBalance=1`, ['/query/accountBalance']],
        [`${ACCOUNT}?page=1`, ['/query/page']],
        [`${ACCOUNT}?__proto__=1&constructor=1`, ['/query/__proto__', '/query/constructor']],
        [`${ACCOUNT}?fields=personName,nothing`, ['/query/fields']],
        [`${ACCOUNT}?fields=`, ['/query/fields']],
        [`${ACCOUNT}?format=pdf`, ['/query/format']],
        [`${LIST}?page=0&pageSize=501`, ['/query/page', '/query/pageSize']],
        [`${LIST}?page=1.5&pageSize=many`, ['/query/page', '/query/pageSize']],
        [`${LIST}?page=-1`, ['/query/page']],
        [`${LIST}?page=1e9`, ['/query/page']],
        [`${LIST}?sort=nothing`, ['/query/sort']],
        [`${LIST}?sort=--postingDate`, ['/query/sort']],
        [`${LIST}?transactionAmount=abc&postingDate=2025-13-01`, ['/query/transactionAmount', '/query/postingDate']],
        [`${LIST}?transactionAmount.from=x&postingDate.upto=2025-01-01`, ['/query/transactionAmount.from', '/query/postingDate.upto']],
        [`/v1/housing-fund/loan-account?loanAccountNumber=&installmentNumber=1`, ['/query/loanAccountNumber', '/query/installmentNumber']],
        [`/v1/housing-fund/loan-account?loanAccountNumber=${'9'.repeat(65)}`, ['/query/loanAccountNumber']],
        ['/v1/housing-fund/loan-transactions?installmentNumber=1x&businessType=77', ['/query/installmentNumber', '/query/businessType']],
      ]
      for (const [url, pointers] of cases) await refuses(t, { url }, 400, 'HUB_VALIDATION', pointers)
      const names = Array.from({ length: 60 }, (_, index) => `x${index}=1`).join('&')
      const { response, audit } = await send({ url: `${ACCOUNT}?${names}` })
      t.equal(response.statusCode, 400)
      t.ok(pointersOf(response).length > 0 && response.body.length < 4000, 'a problem stays short')
      t.equal(audit.length, 1)
      t.equal((await send({ url: `${ACCOUNT}/` })).response.statusCode, 200, 'a slash at the end is no other address')
    })

    t.test('submissions: body and type are checked before anything else', async (t) => {
      const post = (payload: unknown, headers: Record<string, string> = {}) =>
        ({ url: FILING, method: 'POST', payload: payload as string, headers: { ...KEY, ...headers } }) as const
      const json = { 'content-type': 'application/json' }
      for (const broken of ['{', '{"withdrawalAmount":', 'withdrawalAmount=1', '', '{"__proto__":{"x":1}}'])
        await refuses(t, post(broken, json), 400, 'HUB_VALIDATION', ['/body'])
      await refuses(t, post([1]), 400, 'HUB_VALIDATION', ['/body'])
      await refuses(t, post('"text"', json), 400, 'HUB_VALIDATION', ['/body'])
      const whole = { ...withdrawalBody('rental-housing-withdrawal'), verificationCode: '000000' }
      const extra = { ...whole, idNumber: '1', 'a/b~c': 1, withdrawalAmount: '5', targetBankAccount: 'abc' }
      const pointers = ['/body/idNumber', '/body/a~1b~0c', '/body/withdrawalAmount', '/body/targetBankAccount']
      await refuses(t, post(extra), 400, 'HUB_VALIDATION', pointers)
      for (const withdrawalAmount of [0, -1, 1e13, null, true])
        await refuses(t, post({ ...whole, withdrawalAmount }), 400, 'HUB_VALIDATION', ['/body/withdrawalAmount'])
      await refuses(t, post({ ...whole, withdrawalAmount: 1 }, { 'idempotency-key': 'short' }), 400, 'HUB_IDEMPOTENCY_KEY_MISSING')
      await refuses(t, { url: FILING, method: 'POST', payload: whole }, 400, 'HUB_IDEMPOTENCY_KEY_MISSING')
      for (const type of ['text/xml', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'json'])
        await refuses(t, post('<a/>', { 'content-type': type }), 415, 'HUB_MEDIA_TYPE')
      await refuses(t, post({ targetBankName: 'x'.repeat(70_000) }), 413, 'HUB_BODY_TOO_LARGE')
      await refuses(t, { url: `${FILING}/${'a'.repeat(300)}` }, 400, 'HUB_VALIDATION', ['/params/id'])
      await refuses(t, { url: `${FILING}/nothing` }, 400, 'HUB_VALIDATION', ['/params/id'])
      await refuses(t, { url: `${FILING}/${crypto.randomUUID()}` }, 404, 'HUB_NO_RECORD')
      await refuses(t, { url: `${FILING}?pageSize=101&x=1` }, 400, 'HUB_VALIDATION', ['/query/pageSize', '/query/x'])
    })

    t.test('a flood is held back, and only the flood', async (t) => {
      const url = '/v1/rare/personal-account'
      for (let call = 0; call < 3; call++) t.equal((await send({ url })).response.statusCode, 200)
      for (let call = 0; call < 2; call++) {
        const response = await refuses(t, { url }, 429, 'HUB_RATE_LIMITED')
        const seconds = Number(response.headers['retry-after'])
        t.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`)
        t.equal(response.json().retryAfter, seconds)
      }
      t.equal((await hub.get(url, { person: 2 })).statusCode, 200, 'another person')
      t.equal((await send({ url: '/v1/rare/loan-information' })).response.statusCode, 200, 'another service')
      t.equal((await send({ url: ACCOUNT })).response.statusCode, 200, 'another connector')
      const again = { authorization: `Bearer ${await hub.token()}` }
      t.equal((await hub.app.inject({ url, headers: again })).statusCode, 429, 'another token of the same person is no other person')
    })
  })
}
