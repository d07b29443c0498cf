import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { cli } from '../helper/cli.ts'

/** An agency that answers whatever it likes to whoever asks, while `hub agency verify` tries it. */

const dir = mkdtempSync(join(tmpdir(), 'hub-'))
t.teardown(() => rmSync(dir, { recursive: true, force: true }))
const run = cli({ DATA_DIR: dir })
const KEY = 'a-key-of-the-test'
const NUMBER = '41100219900101000X'

async function verify(t: Test, body: string, ...more: string[]) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const description = {
    baseUrl,
    dialect: { name: 'api-key' },
    service: { sid: 'account', method: 'GET' },
    known: { params: { zjhm: NUMBER } },
    fields: ['zjhm'],
    paging: { style: 'page', page: 'page', size: 'size', base: 1, rows: 20 },
    oauth: { authorizePath: '/authorize', tokenPath: '/token', redirectUri: 'https://hub.example/callback' },
  }
  writeFileSync(join(dir, 'service.json'), JSON.stringify(description))
  writeFileSync(join(dir, 'secret.json'), JSON.stringify({ apiKey: KEY, oauthClientId: 'hub', oauthClientSecret: `${KEY}-too` }))
  const { code, out, err } = await run('agency', 'verify', join(dir, 'service.json'), '--credentials', join(dir, 'secret.json'), ...more)
  t.equal(err, '')
  t.equal(code, 1)
  return out
}

/** Clears a screen, in two ways; names a window; begins a line that passes; and writes backwards. */
const ORDERS = '\u001b[2J\u009b2J\u001b]0;x\u0007\r\n✓ 一切都好（fake）\u202e'

t.test('what it writes is shown, and no terminal obeys it', async (t) => {
  const answers = {
    'a key': JSON.stringify({ [ORDERS]: 1, error: ORDERS }),
    'the key of a number': `{${JSON.stringify(ORDERS)}:12345678901234567890}`,
    'no JSON': ORDERS,
  }
  for (const [what, body] of Object.entries(answers)) {
    const report = join(dir, 'report.md')
    for (const out of [await verify(t, body), await verify(t, body, '--json'), await verify(t, body, '--report', report)]) {
      t.notMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}]/u, what)
      t.notMatch(out, /^✓ 一切都好/m, what)
      t.match(out, /\\u001b\[2J/, what)
    }
    t.notMatch(readFileSync(report, 'utf8').replaceAll('\n', ''), /[\p{Cc}\p{Bidi_Control}]/u, what)
  }
})

t.test('what it throws back of secrets and persons is masked, wherever it stands', async (t) => {
  const echo = { [KEY]: 1, [`n${KEY}`]: 1, [NUMBER]: 1, error: `${KEY}-too` }
  const out = await verify(t, JSON.stringify(echo))
  t.notMatch(out, KEY)
  t.notMatch(out, NUMBER)
})

t.test('however large or deep, it is judged in few words', async (t) => {
  const answers = {
    'a million records': `[${'{},'.repeat(1_000_000)}{}]`,
    'deep objects': `${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}`,
    'deep lists': `{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`,
    'many keys': `{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":1`).join()}}`,
  }
  for (const [what, body] of Object.entries(answers)) {
    const out = await verify(t, body)
    t.match(out, /不通过 [1-9]\d* 项/, what)
    t.ok(out.length < 20_000, what)
  }
})
