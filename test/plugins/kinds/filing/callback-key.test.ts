import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { signedCallback } from '../../../../core/connector.ts'
import { build } from '../../../helper/hub.ts'
import { transfers } from '../../../helper/transfer.ts'

const WARNING = /"level":40.*"connector":"waterworks".*"setting":"waterworks\.credentials\.callbackKey".*没有配置验签密钥/

const callback = signedCallback({
  parts: ['path', 'time', 'nonce', 'body'],
  digest: { hmac: 'sm3' },
  place: { headers: { 'x-t': '{time}', 'x-n': '{nonce}', 'x-s': '{signature}' } },
  serial: 'lsh',
  answer: { taken: 'success', refused: 'fail' },
})
const declarations = [{ ...transfers, upstream: { ...transfers.upstream, callback } }]
const off = { SANDBOX: 'off', EXCHANGE_BASE_URL: 'http://127.0.0.1:1', EXCHANGE_REQUESTER_ID: 'x', EXCHANGE_APP_KEY: 'x' }

t.test('a hub that could believe no notice says so at its start, and which setting is missing', async (t) => {
  const hub = await build(t, { declarations, env: off })
  t.match(hub.logged(), WARNING)
  const notice = await hub.app.inject({ method: 'POST', url: '/v1/callbacks/waterworks', payload: {} })
  t.same([notice.statusCode, notice.body], [401, 'fail'])
})

t.test('one that has the key, or the sandbox’s, has nothing to say', async (t) => {
  const file = join(t.testdir(), 'connectors.json')
  writeFileSync(file, JSON.stringify({ waterworks: { credentials: { callbackKey: 'c'.repeat(32) } } }))
  const known = await build(t, { declarations, env: { ...off, CONNECTORS_FILE: file } })
  t.notMatch(known.logged(), '没有配置验签密钥')
  const sandbox = await build(t, { declarations })
  t.notMatch(sandbox.logged(), '没有配置验签密钥')
})
