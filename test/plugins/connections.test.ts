import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { build, type Hub } from '../helper/hub.ts'
import { exchangeBytes, readAnswer } from '../helper/raw.ts'
import { targets } from '../helper/targets.ts'

async function listening(t: Test, options: Parameters<typeof build>[1] = {}) {
  const hub = await build(t, options)
  await hub.app.listen({ host: '127.0.0.1', port: 0 })
  return { hub, port: (hub.app.server.address() as AddressInfo).port }
}

/** Audit records of an outcome. */
async function recordsOf({ app }: Hub, outcome: string): Promise<{ rows: number; clientIp: string; status: number }[]> {
  const rows: { record: string }[] = await app.database('audit_rows').where({ outcome }).select('record')
  return rows.map(({ record }) => JSON.parse(record))
}

for (const target of targets) {
  t.test(`${target.name}: what the parser refuses is answered as a problem and is on record`, async (t) => {
    const { hub, port } = await listening(t, { target })
    const head = 'Host: hub\r\nConnection: close\r\n\r\n'
    const cases: [name: string, bytes: string | Buffer, status: number, code: string][] = [
      ['raw Chinese in the path', `GET /v1/公积金 HTTP/1.1\r\n${head}`, 400, 'HUB_REQUEST_UNREADABLE'],
      ['raw Chinese in the query', `GET /v1/catalog?name=许昌 HTTP/1.1\r\n${head}`, 400, 'HUB_REQUEST_UNREADABLE'],
      [
        'Chinese in GBK',
        Buffer.concat([Buffer.from('GET /v1/'), Buffer.from('d0edb2fd', 'hex'), Buffer.from(` HTTP/1.1\r\n${head}`)]),
        400,
        'HUB_REQUEST_UNREADABLE',
      ],
      ['a space in the path', `GET /v1/a b HTTP/1.1\r\n${head}`, 400, 'HUB_REQUEST_UNREADABLE'],
      ['no HTTP at all', `hello\r\n\r\n`, 400, 'HUB_REQUEST_UNREADABLE'],
      ['headers too long', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n${head}`, 431, 'HUB_HEADERS_TOO_LARGE'],
      ['an address too long', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${head}`, 431, 'HUB_HEADERS_TOO_LARGE'],
      ['two lengths', `POST /v1/x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n${head}`, 400, 'HUB_REQUEST_UNREADABLE'],
      [
        'a length and chunks',
        `POST /v1/x HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n${head}`,
        400,
        'HUB_REQUEST_UNREADABLE',
      ],
    ]
    for (const [name, bytes, status, code] of cases) {
      const answer = readAnswer((await exchangeBytes(port, bytes)).text)
      t.match(
        answer,
        { status, type: 'application/problem+json', body: { code, status, type: `/problems/${code}`, traceId: /^[0-9a-f]{32}$/ } },
        name,
      )
      t.match(answer.body['detail'], /[\u4e00-\u9fff].*。$/, name)
    }
    const unread = readAnswer((await exchangeBytes(port, `GET /v1/公积金 HTTP/1.1\r\n${head}`)).text)
    t.match(unread.body['detail'], /百分号编码/, 'says what to do')
    const kept = await exchangeBytes(port, `GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\nGET /v1/公积金 HTTP/1.1\r\n${head}`)
    t.match(kept.text, /^HTTP\/1\.1 200 /, 'what came before it is answered')
    await hub.app.refusals.close()
    const records = await recordsOf(hub, 'HUB_REQUEST_UNREADABLE')
    t.match(records[0], { rows: 1, status: 400, clientIp: '127.0.0.1' })
    t.equal(
      records.reduce((sum, { rows }) => sum + rows, 0),
      9,
      'every one is counted',
    )
    t.equal(records.length, 2, 'further ones of a minute are one row')
    t.notOk(hub.logged().includes('公积金'))
  })
}

t.test('headers and bodies that never come are not waited for', async (t) => {
  const env = { REQUEST_TIMEOUT_SECONDS: '2', HEADERS_TIMEOUT_SECONDS: '1', KEEP_ALIVE_SECONDS: '1' }
  const { hub, port } = await listening(t, { env })
  const token = await hub.token()
  const slow: [name: string, bytes: string][] = [
    ['nothing but a line', 'GET /v1/catalog HTTP/1.1\r\n'],
    ['headers without end', 'GET /v1/catalog HTTP/1.1\r\nHost: hub\r\nX: '],
    [
      'a body',
      `POST /v1/housing-fund/rental-housing-withdrawal HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    ],
  ]
  for (const [name, bytes] of slow) {
    const { text, ms } = await exchangeBytes(port, bytes)
    t.match(readAnswer(text), { status: 408, type: 'application/problem+json', body: { code: 'HUB_REQUEST_TIMEOUT' } }, name)
    t.ok(ms < 10_000, `${name} took ${ms} ms`)
  }
  const idle = await exchangeBytes(port, 'GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\n')
  t.match(idle.text, /^HTTP\/1.1 200/)
  t.ok(idle.ms < 10_000, 'an idle connection is closed')
  t.notMatch(hub.logged(), /unexpected error/)
})

t.test('connections beyond the greatest number are not taken', async (t) => {
  const { hub, port } = await listening(t, { env: { MAX_CONNECTIONS: '1', KEEP_ALIVE_SECONDS: '1' } })
  const first = exchangeBytes(port, 'GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\n')
  const second = await exchangeBytes(port, 'GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\n').catch(() => ({ text: '' }))
  const texts = [(await first).text, second.text].sort()
  t.equal(texts[0], '')
  t.match(texts[1], /^HTTP\/1.1 200/)
  t.equal(hub.app.server.maxConnections, 1)
})
