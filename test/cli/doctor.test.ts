import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { listSettings, readSettings } from '../../config/settings.ts'
import { points } from '../../plugins/operations/assessment/points.ts'
import type { Finding } from '../../plugins/operations/doctor/finding.ts'
import { lookAtHost } from '../../plugins/operations/doctor/host.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import { cli } from '../helper/cli.ts'
import { build } from '../helper/hub.ts'
import { startListening } from '../helper/listening.ts'
import { type Target, targets } from '../helper/targets.ts'

const MASTER_KEY = 'main:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
const OTHER_KEY = 'main:MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
const target = targets.at(-1) as Target

t.test('what a hub needs is looked at, and what is wrong is said with what to do', async (t) => {
  const { settings, drop } = await target.create()
  t.teardown(drop)
  const store = { ...settings, MASTER_KEY }
  const look = async (more: Record<string, string> = {}) => {
    const { code, out, err } = await cli({ ...store, ...more })('doctor', '--json')
    const { findings } = JSON.parse(out || err) as { findings: Finding[] }
    return { code, of: (id: string) => findings.find((finding) => finding.id === id), findings }
  }
  await (await build({ teardown: () => undefined }, { store })).app.close()

  const sound = await look()
  t.equal(sound.code, 0, JSON.stringify(sound.findings.filter(({ state }) => state === 'fail')))
  for (const id of ['node', 'open-files', 'space:data', 'database', 'migrations', 'keys', 'queue', 'evidence'])
    t.match(sound.of(id), { state: /ok|warn/ }, id)
  t.match(sound.of('evidence'), { state: 'ok', said: /能写，第 \d+ 个/ })
  t.match(sound.of('agency:gas'), { state: 'skip', said: /沙箱/ })
  if (target.name === 'servers') {
    t.match(sound.of('database-clock'), { state: 'ok', said: /毫秒/ })
    t.match(sound.of('redis'), { state: /ok|warn/ })
  }
  for (const { state, todo } of sound.findings)
    t.equal(todo === null, state === 'ok' || state === 'skip', 'whatever is wrong says what to do')
  t.match(await cli(store)('doctor'), { code: 0, out: /正常 {2}数据库：[\s\S]*0 处故障，/ })

  await t.test('an agency that answers, refuses, is late by its clock, or is not there', async (t) => {
    const late = await startListening(t, (_request, response) =>
      response.writeHead(500, { date: new Date(Date.now() - 120_000).toUTCString() }).end(),
    )
    const file = join(settings.DATA_DIR, 'connectors.json')
    writeFileSync(file, JSON.stringify({ gas: { baseUrl: late, credentials: {} }, water: { enabled: false } }))
    const { of, code, findings } = await look({ CONNECTORS_FILE: file })
    t.equal(code, 1)
    t.match(of('agency:gas'), { state: 'fail', todo: String }, 'without its credentials')
    t.match(of('agency:gas:server'), { state: 'warn', said: /时钟相差 -1\d\d 秒/ })
    t.match(of('agency:water'), { state: 'skip', said: '没有启用' })
    t.notMatch(JSON.stringify(findings), late, 'an address may hold a secret, and is not repeated')

    const exchange = { EXCHANGE_BASE_URL: 'http://127.0.0.1:9', EXCHANGE_REQUESTER_ID: 'rid', EXCHANGE_APP_KEY: 'a-secret-of-mine' }
    const gone = await look(exchange)
    t.match(gone.of('agency:housing-fund'), { state: 'fail', todo: String })
    t.notMatch(JSON.stringify(gone.findings), 'a-secret-of-mine')
  })

  await t.test('a connector that the hub would leave out is said, and hides no other', async (t) => {
    const { code, of } = await look({ CONNECTOR_PACKAGES: 'library=not-installed' })
    t.equal(code, 1)
    t.match(of('connector:library'), { state: 'fail', said: /不启用/, todo: /hub connector check library/ })
    t.match(of('agency:gas'), { state: 'skip' })
  })

  await t.test('keys of another store, checkpoints that cannot be read, a Redis that is not there', async (t) => {
    t.match((await look({ MASTER_KEY: OTHER_KEY })).of('keys'), { state: 'fail', said: /^主密钥不对/ })
    const wrong = await look({
      REDIS_URL: 'redis://127.0.0.1:9',
      AUDIT_HEADS: `file:${join(settings.DATA_DIR, 'connectors.json', 'heads.ndjson')}`,
    })
    t.match(wrong.of('redis'), { state: 'fail', todo: /REDIS_URL/ })
    t.match(wrong.of('evidence'), { state: 'fail', todo: /AUDIT_HEADS/ })
  })

  t.match((await lookAtHost(readSettings({ NODE_ENV: 'test', ...store }), '20.1.0'))[0], { state: 'fail', said: /20\.1\.0/ })

  await t.test('the pack for an assessment has every point, with what is in force and no secret', async (t) => {
    const { code, out, err } = await cli(store)('evidence')
    t.equal(code, 0, err)
    for (const { clause, how, operator } of points) {
      t.match(out, `### ${clause} `, clause)
      t.match(out, `- 做法：${how ?? '不由应用提供'}`)
      t.match(out, operator)
    }
    t.match(out, /`LOCKOUT_FAILURES` = 5/)
    t.match(out, /`MASTER_KEY` = （已设置，不显示）/)
    t.notMatch(out, MASTER_KEY)
    t.match(out, /最新一条：链 \S+ 第 \d+ 条，哈希 [0-9a-f]{64}/)
    const { points: told } = JSON.parse((await cli(store)('evidence', '--json')).out)
    t.equal(told.length, points.length)
  })

  await t.test('a store that another has altered, or a newer version, is said to be so', async (t) => {
    const { DATABASE_URL = '', DATA_DIR } = settings
    const database = openDatabase({ url: DATABASE_URL, dataDir: DATA_DIR })
    t.teardown(() => database.destroy())
    const pack = async () => (await cli(store)('evidence')).out
    t.match(await pack(), /密钥（AUDIT_KEY_FILE 没有设置）签名（Ed25519，[0-9a-f]{16}）/, 'whose key signs')
    t.match(await cli(store)('backup', '--to', join(DATA_DIR, 'nowhere', 'x.age'), '--passphrase-file', '/dev/null'), { code: /[12]/ })
    t.match(await pack(), /记录里没有 hub backup/, 'a backup that could not begin is none')

    const last = await database('audit_rows').orderBy('at', 'desc').first('chain', 'seq')
    for (const record of ['{not json', '{"a\\n### 8.1.4.9 forged":1}', '[]']) {
      await database('audit_rows')
        .where(last)
        .update({ record, at: Date.now() + 60_000 })
      const told = await pack()
      t.match(told, /它的各项：读不出，.*hub audit verify/)
      t.notMatch(told, 'forged')
    }

    const later = { name: '999-of-a-later-version' }
    await database('knex_migrations').insert({ ...later, batch: 9, migration_time: new Date() })
    t.teardown(() => database('knex_migrations').where(later).delete())
    t.match((await look()).of('migrations'), { state: 'warn', said: /1 项升级是更新的版本做的/ })
  })

  const nowhere = join(settings.DATA_DIR, 'nowhere')
  t.match(await cli({ DATA_DIR: nowhere, MASTER_KEY })('doctor'), { code: 1, out: /还没有内嵌数据库/ })
  t.notOk(existsSync(join(nowhere, 'hub.sqlite')), 'a look leaves nothing behind')
})

/** GB/T 22239-2019 8.1.4, as far as it is listed for an application, and what goes with it. */
const CLAUSES = [
  ...['a', 'b', 'c', 'd'].map((letter) => `8.1.4.1 ${letter}`),
  ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `8.1.4.2 ${letter}`),
  ...['a', 'b', 'c', 'd'].map((letter) => `8.1.4.3 ${letter}`),
  ...['8.1.4.4 a-b', '8.1.4.4 c', '8.1.4.4 d', '8.1.4.4 e-f', '8.1.4.5', '8.1.4.6', '8.1.4.7 a-b', '8.1.4.8 a-b'],
  ...['8.1.4.9', '8.1.4.10', '8.1.4.11', 'GB/T 39786 第三级'],
]

t.test('every point of the standard is there once, and proves what it says by tests that are there', async (t) => {
  t.same(
    points.map(({ clause }) => clause),
    CLAUSES,
  )
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const settings = new Set(listSettings().map(({ name }) => name))
  for (const { clause, how, tests = [], settings: named = [], operator } of points) {
    for (const test of tests) t.match(readFileSync(join(root, test), 'utf8'), /\bt\.test\(|\bt\.(equal|same|match)\(/, `${clause}: ${test}`)
    t.equal(how === null, tests.length === 0, `${clause}: what the hub does is tested`)
    t.same(
      named.filter((name) => !settings.has(name)),
      [],
    )
    t.ok(operator.length > 4, clause)
  }
})
