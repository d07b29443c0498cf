import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { AGENCY_STORE } from '../../plugins/sandbox/agencies/store.ts'
import { cli } from '../helper/cli.ts'
import { build } from '../helper/hub.ts'
import { userId } from '../helper/identity.ts'
import { type Target, targets } from '../helper/targets.ts'

const newKey = () => randomBytes(32).toString('base64')

for (const target of targets) {
  t.test(`${target.name}: keys and what they open`, async (t) => {
    const { settings, drop } = await target.create({ bare: true })
    t.teardown(drop)
    const old = { ...settings, MASTER_KEY: `old:${newKey()}` }
    const run = cli(old)

    const before = JSON.parse((await run('migrate', '--status', '--json')).out)
    t.match(before, { applied: [], pending: ['001-people'] })
    const migrated = JSON.parse((await run('migrate', '--json')).out)
    t.same(migrated.applied, before.pending)
    t.match(await run('migrate', '--status'), { code: 0, out: /已升级 {2}001-people[\s\S]*已是最新结构/ })

    const hub = await build({ teardown: () => undefined }, { store: old })
    await hub.get('/v1/me')
    t.match(await run('audit', 'verify', '--progress'), { code: 0, out: /^审计链完好/, err: /已校验 1\/\d+ 条链/ })
    await hub.app.close()
    const lookup = (await run('keys', 'lookup')).out

    await t.test('other keys accuse nobody', async (t) => {
      const stranger = cli({ ...settings, MASTER_KEY: newKey() })
      const same = cli({ ...settings, MASTER_KEY: `old:${newKey()}` })
      for (const other of [stranger, same])
        for (const args of [
          ['audit', 'verify'],
          ['keys', 'rotate', '--reason', '试', '--yes'],
          ['clients', 'disable', 'sandbox-web', '--reason', '试', '--yes'],
        ])
          t.match(await other(...args), { code: 1, out: '', err: /^主密钥不对/ })
      const hashed = cli({ ...old, LOOKUP_KEY: newKey() })
      t.match(await hashed('audit', 'verify'), { code: 1, out: '', err: /^查找密钥不对/ })
      t.match(
        await cli({ ...settings, MASTER_KEY: newKey(), LOOKUP_KEY: lookup })('audit', 'verify'),
        { code: 0 },
        'the chains need no more',
      )
    })

    await t.test('a dry run counts and changes nothing', async (t) => {
      const [ring, MASTER_KEY] = [old.MASTER_KEY, `new:${newKey()}`]
      const next = cli({ ...settings, MASTER_KEY, MASTER_KEYS_OLD: ring, LOOKUP_KEY: lookup })
      const counted = JSON.parse((await next('keys', 'rotate', '--dry-run', '--json')).out)
      t.match(counted, { dryRun: true, key: 'new', failed: [] })
      t.ok(counted.done > 10)
      t.same(JSON.parse((await next('keys', 'rotate', '--dry-run', '--json')).out), counted)
      t.match(await next('keys', 'rotate', '--reason', '更换'), { code: 2, out: '', err: /--yes/ }, 'nobody to ask')
      const doubtful = cli({ ...settings, MASTER_KEY, MASTER_KEYS_OLD: ring, LOOKUP_KEY: lookup }, { answer: false })
      t.match(await doubtful('keys', 'rotate', '--reason', '更换'), { code: 1, out: '', err: /不能撤销[\s\S]*已取消/ })
      t.match(JSON.parse((await next('keys', 'rotate', '--reason', '更换', '--yes', '--json')).out), {
        dryRun: false,
        done: counted.done,
        failed: [],
      })
      t.match(JSON.parse((await next('keys', 'rotate', '--dry-run', '--json')).out), { done: 0 })
      t.match(await next('audit', 'verify', '--json'), { code: 0 })
    })
  })
}

t.test('a chain that was altered is accused all the same', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  const hub = await build(t, { store: settings })
  await hub.get('/v1/me')
  await hub.app.database('audit_chains').update({ seal: 'x' })
  t.match(await cli(settings)('audit', 'verify'), { code: 1, out: /seal，表头的签封不符/, err: '' })
})

t.test('the sandbox', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create({ bare: true })
  t.teardown(drop)
  const run = cli(settings)
  t.match(await run('sandbox', 'reset', '--yes'), { code: 0, out: /没有什么要删/ })
  const hub = await build({ teardown: () => undefined }, { store: settings })

  await t.test('an application at a desk', async (t) => {
    const uris = ['http://127.0.0.1:5173/callback', 'http://localhost:5173/callback', 'http://[::1]:5173/callback']
    const about = ['--reason', '开发', '--name', '开发试用', '--purpose', '开发时核对身份', ...uris.flatMap((uri) => ['--redirect', uri])]
    for (const kind of ['web', 'native']) t.match(await run('clients', 'add', `desk-${kind}`, ...about, '--kind', kind), { code: 0 })
    t.same(JSON.parse((await run('clients', 'show', 'desk-web', '--json')).out).redirectUris, uris)
    const off = { SANDBOX: 'off', EXCHANGE_BASE_URL: 'https://x.example', EXCHANGE_REQUESTER_ID: 'x', EXCHANGE_APP_KEY: 'x' }
    t.match(await cli({ ...settings, ...off })('clients', 'add', 'desk-off', ...about), { code: 1, err: /--redirect 第 1 项：.*https/ })
    t.match(await run('clients', 'add', 'far', ...about.slice(0, 6), '--redirect', 'http://192.168.1.2/'), { code: 1, err: /第 1 项/ })
  })

  await t.test('secrets of the seeded clients, and of no others', async (t) => {
    const { secret } = JSON.parse((await run('clients', 'show', 'sandbox-web', '--secret', '--json')).out)
    const authorization = `Basic ${Buffer.from(`sandbox-web:${secret}`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    const reply = await hub.app.inject({ method: 'POST', url: '/oauth/token', headers, payload: 'grant_type=client_credentials' })
    t.equal(reply.statusCode, 200)
    t.notMatch((await run('clients', 'show', 'sandbox-web', '--json')).out, secret)
    for (const id of ['desk-web', 'sandbox-public', 'nobody']) t.match(await run('clients', 'show', id, '--secret'), { code: 1, out: '' })
    await run('clients', 'rotate', 'sandbox-web', '--reason', '试', '--yes')
    t.match(await run('clients', 'show', 'sandbox-web', '--secret'), { code: 1, err: /已更换过/ })
  })

  await t.test('nothing that matters happens unasked', async (t) => {
    for (const args of [
      ['clients', 'disable', 'desk-web'],
      ['clients', 'rotate', 'desk-web'],
      ['administrators', userId(4), 'admin'],
    ])
      t.match(await run(...args, '--reason', '试'), { code: 2, out: '', err: /请加 --yes/ })
    t.match(await run('accounts', 'merge', userId(4), userId(5), '--reason', '同一人'), { code: 2, err: /请加 --yes/ })
    t.match(await cli(settings, { answer: true })('clients', 'disable', 'desk-web', '--reason', '试'), { code: 0, out: /已停用/ })
    for (const ids of [
      [userId(4).toUpperCase(), userId(5)],
      [userId(4), userId(5).toUpperCase()],
    ])
      t.match(await run('accounts', 'merge', ...ids, '--reason', '同一人', '--yes'), { code: 1, err: /没有这个用户.*字母用小写/ })
    t.match(await run('submissions', 'resolve', 'nothing', 'refused', '--yes'), { code: 1, out: /没有这项/ })
    t.same(JSON.parse((await run('submissions', '--json')).out), [])
    t.match(await run('accounts', 'merge', userId(4), userId(5), '--reason', '同一人', '--despite', '号码更正', '--yes'), {
      code: 0,
      out: /编号 1/,
    })
    t.match(await run('accounts', 'undo', '1', '--reason', '并错了'), { code: 0 })
    const acts = await hub.app.database('audit_rows').where({ connector: 'admin' }).pluck('service')
    t.same([...new Set(acts)].sort(), ['accounts.merge', 'accounts.undo', 'clients.disable', 'clients.register', 'clients.rotate'])
  })

  await t.test('everything back to where it began', async (t) => {
    t.match(await run('sandbox', 'reset', '--yes'), { code: 1, out: '', err: /正在使用/ }, 'a hub runs')
    t.equal((await hub.get('/v1/me')).statusCode, 200, 'which takes no harm')
    await hub.app.close()
    const tokens = join(settings.DATA_DIR, AGENCY_STORE)
    writeFileSync(tokens, '')
    t.match(await run('sandbox', 'reset'), { code: 2, err: /--yes/ })
    t.match(await run('sandbox', 'reset', '--yes'), { code: 0, out: /回到最初/ })
    t.notOk(existsSync(tokens), 'the agencies forget whom they let in')
    const fresh = await build(t, { store: settings })
    t.equal((await fresh.get('/v1/me')).statusCode, 200)
    t.match(await run('clients', 'show', 'desk-web'), { code: 1, err: /没有这个应用/ })
    t.match(await run('clients', 'show', 'sandbox-web', '--secret'), { code: 0, out: /^密钥：/m })
  })
  t.match(await cli({ ...settings, DATABASE_URL: 'mysql://x@127.0.0.1/x' })('sandbox', 'reset', '--yes'), { code: 2, err: /DATABASE_URL/ })
})

t.test('what is absent is named, with the setting and without a password', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  const onUrl = (DATABASE_URL: string) => cli({ ...settings, DATABASE_URL })('clients')
  t.match(await onUrl('mysql://hub:hidden@127.0.0.1:9/hub'), { code: 1, err: /^连不上数据库 127\.0\.0\.1:9（.*DATABASE_URL/ })
  t.notMatch((await onUrl('mysql://hub:hidden@127.0.0.1:9/hub')).err, 'hidden')
  const file = join(settings.DATA_DIR, 'file')
  writeFileSync(file, 'no folder')
  for (const own of [{ MASTER_KEY: newKey() }, {}])
    t.match(await cli({ ...settings, ...own, DATA_DIR: file })('clients'), { code: 1, err: /DATA_DIR/ })
  const servers = targets[1]
  if (!servers) return
  const { settings: own, drop: dropOwn } = await servers.create()
  t.teardown(dropOwn)
  const url = new URL(own.DATABASE_URL)
  url.pathname = '/hub_test_nothing'
  t.match(await onUrl(url.href), { code: 1, err: /没有库 hub_test_nothing/ })
  url.username = 'hub_test_nobody'
  url.password = 'hidden'
  const denied = await onUrl(url.href)
  t.match(denied, { code: 1, err: /不接受用户 hub_test_nobody 登录/ })
  t.notMatch(denied.err, 'hidden')
})
