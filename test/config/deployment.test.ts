import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { buildApp } from '../../app.ts'
import { readSettings } from '../../config/settings.ts'
import type { SettingsError } from '../../config/settings-error.ts'
import { build } from '../helper/hub.ts'
import { targets } from '../helper/targets.ts'

const DATA_DIR = mkdtempSync(join(tmpdir(), 'hub-deployment-'))
t.teardown(() => rmSync(DATA_DIR, { recursive: true, force: true }))

const evidenceKey = join(DATA_DIR, 'evidence.pem')
writeFileSync(evidenceKey, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))

const exchange = { EXCHANGE_REQUESTER_ID: 'hub', EXCHANGE_APP_KEY: 'key' }
const tokens = { TOKEN_ISSUER: 'https://issuer.invalid', TOKEN_JWKS_URL: 'https://issuer.invalid/jwks' }
const production = {
  NODE_ENV: 'production',
  MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  PUBLIC_URL: 'https://hub.invalid',
  ADMIN_ADDRESSES: '10.1.0.0/16',
  EXCHANGE_BASE_URL: 'https://gateway.invalid',
  AUDIT_HEADS: `file:${join(DATA_DIR, 'heads.ndjson')}`,
  AUDIT_KEY_FILE: evidenceKey,
  ...exchange,
  ...tokens,
}

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readSettings({ DATA_DIR, ...env })
    return []
  } catch (error) {
    return (error as SettingsError).problems
  }
}

function connectorsFile(settings: object): string {
  const path = join(DATA_DIR, 'connectors.json')
  writeFileSync(path, JSON.stringify(settings))
  return path
}

t.test('where NODE_ENV was forgotten, a real setting turns the sandbox off all the same', async (t) => {
  t.equal(readSettings({ DATA_DIR }).sandbox, true, 'a desk')
  t.equal(readSettings({ DATA_DIR, EXCHANGE_BASE_URL: 'http://127.0.0.1:9000', ...exchange }).sandbox, true, 'a stand-in on this machine')
  const real: Record<string, string>[] = [
    tokens,
    { EXCHANGE_BASE_URL: 'http://10.1.2.3' },
    { SIGN_ON_BASE_URL: 'https://app.invalid', SIGN_ON_APP_ID: 'x', SIGN_ON_APP_SECRET: 'x' },
    { FACE_BASE_URL: 'https://face.invalid', FACE_APP_ID: 'x', FACE_APP_SECRET: 'x' },
    { PUBLIC_URL: 'https://hub.invalid' },
    { DATABASE_URL: 'mysql://hub:secret@db.invalid/hub' },
    { REDIS_URL: 'rediss://redis.invalid' },
    { CONNECTORS_FILE: connectorsFile({ demo: { baseUrl: 'https://agency.invalid' } }) },
    { CONNECTORS_FILE: connectorsFile({ demo: { systems: { other: { baseUrl: 'https://agency.invalid' } } } }) },
  ]
  for (const env of real) {
    const complete = { EXCHANGE_BASE_URL: 'http://127.0.0.1:9000', ...exchange, DATA_DIR, ...env }
    t.equal(readSettings(complete).sandbox, false, Object.keys(env).join())
    t.equal(readSettings({ ...complete, SANDBOX: 'on' }).sandbox, true, 'unless somebody means it')
  }
  t.match(
    problemsOf(tokens).join(),
    /EXCHANGE_BASE_URL: required without the sandbox, which TOKEN_ISSUER turns off/,
    'and the error says why',
  )
})

t.test('production speaks TLS to issuers and agencies, but for the hosts that its operator names', async (t) => {
  t.same(problemsOf(production), [])
  const plain = {
    TOKEN_JWKS_URL: 'http://issuer.invalid/jwks',
    EXCHANGE_BASE_URL: 'http://gateway.invalid',
    SIGN_ON_BASE_URL: 'http://app.invalid',
    SIGN_ON_APP_ID: 'x',
    SIGN_ON_APP_SECRET: 'x',
    FACE_BASE_URL: 'http://face.invalid',
    FACE_APP_ID: 'x',
    FACE_APP_SECRET: 'x',
    CONNECTORS_FILE: connectorsFile({ demo: { baseUrl: 'http://agency.invalid', oauthBaseUrl: 'http://agency.invalid' } }),
  }
  const named = problemsOf({ ...production, ...plain }).map((problem) => problem.split(':')[0])
  t.same(named, [
    'TOKEN_JWKS_URL',
    'EXCHANGE_BASE_URL',
    'SIGN_ON_BASE_URL',
    'FACE_BASE_URL',
    'CONNECTORS_FILE /demo/baseUrl',
    'CONNECTORS_FILE /demo/oauthBaseUrl',
  ])
  const PLAIN_HTTP_HOSTS = 'issuer.invalid,gateway.invalid,app.invalid,face.invalid,agency.invalid'
  t.same(problemsOf({ ...production, ...plain, PLAIN_HTTP_HOSTS }), [])
  t.same(problemsOf({ ...production, EXCHANGE_BASE_URL: 'http://127.0.0.1:9000' }), [], 'a proxy on this machine that speaks TLS for it')
  t.same(problemsOf({ EXCHANGE_BASE_URL: 'http://gateway.invalid', ...exchange, ...tokens }), [], 'elsewhere nobody minds')
})

t.test('/admin has an audience of its own and, in production, a list of addresses', async (t) => {
  const { ADMIN_ADDRESSES, ...open } = production
  t.same(problemsOf(open), ['ADMIN_ADDRESSES: required when NODE_ENV=production'])
  for (const list of [ADMIN_ADDRESSES, '0.0.0.0/0,::/0', '192.0.2.7', 'fd00::/8, 10.0.0.0/8'])
    t.same(problemsOf({ ...production, ADMIN_ADDRESSES: list }), [], list)
  const wrong = [
    '10.1.0.0/33',
    '10.1.0/16',
    '::/129',
    '10.1.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.1,',
    'desk.invalid',
    '10.0.0.0/-1',
    '*',
    'fe80::1%eth0',
  ]
  for (const list of wrong) t.match(problemsOf({ ADMIN_ADDRESSES: list }), [/^ADMIN_ADDRESSES: .*address/], list)
  t.equal(problemsOf({ ADMIN_ADDRESSES: 'x,10.0.0.1,y' }).length, 2, 'each of them is named')
  t.equal(readSettings({ DATA_DIR }).ADMIN_AUDIENCE, 'xuchang-hub-admin')
  t.equal(readSettings({ DATA_DIR, TOKEN_AUDIENCE: 'city' }).ADMIN_AUDIENCE, 'city-admin')
  t.same(problemsOf({ ADMIN_AUDIENCE: 'xuchang-hub' }), ['ADMIN_AUDIENCE: must be another audience than TOKEN_AUDIENCE'])
})

t.test('production does not start on a store that had the sandbox', async (t) => {
  const target = targets[0]
  if (!target) return
  const store = await target.create()
  t.teardown(() => store.drop())
  const { app } = await build(t, { store: store.settings, declarations: [] })
  await app.close()
  const settings = readSettings({
    ...store.settings,
    ...production,
    LOG_LEVEL: 'silent',
    MASTER_KEY: app.settings.masterKey.toString('base64'),
  })
  await t.rejects(buildApp({ settings, declarations: [] }), /DATABASE_URL: .*沙箱/)
})
