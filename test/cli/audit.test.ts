import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { cli } from '../helper/cli.ts'
import { build } from '../helper/hub.ts'
import { type Target, targets } from '../helper/targets.ts'

const embedded = targets[0] as Target

t.test('a database that was put back from a backup is found, and so are checkpoints that went with it', async (t) => {
  const { settings, drop } = await embedded.create()
  t.teardown(drop)
  const run = cli(settings)
  const file = join(settings.DATA_DIR, 'hub.sqlite')
  const heads = join(settings.DATA_DIR, 'evidence', 'heads.ndjson')
  const start = () => build({ teardown: () => undefined }, { store: settings })
  await (await start()).app.close()
  copyFileSync(file, `${file}.old`)
  copyFileSync(heads, `${heads}.old`)

  const hub = await start()
  await hub.get('/v1/me')
  const { evidence } = (await hub.app.inject('/health')).json().checks
  t.match(evidence, [{ status: 'pass', observedValue: Number, hash: /^[0-9a-f]{64}$/ }])
  await hub.app.close()
  const proved = JSON.parse((await run('audit', 'verify', '--json')).out)
  t.match(proved, { faults: [], checkpoints: { first: 1, last: { hash: /^[0-9a-f]{64}$/ } } })
  const { hash } = proved.checkpoints.last
  t.match(await run('audit', 'verify', '--expect', hash), { code: 0, out: new RegExp(`最新的检查点：第 \\d+ 个，${hash}`) })

  await t.test('with the export, the checkpoints and the public key alone', async (t) => {
    const at = (name: string) => join(settings.DATA_DIR, name)
    t.match(await run('audit', 'export', '--to', at('all.ndjson.gz'), '--reason', '交审计'), { code: 0, out: /已导出 \d+ 行/ })
    writeFileSync(at('public.pem'), (await run('audit', 'key')).out)
    const nowhere = cli({ DATA_DIR: at('all.ndjson.gz') })
    const alone = ['audit', 'verify', '--export', at('all.ndjson.gz'), '--public-key', at('public.pem'), '--heads', heads]
    t.match(await nowhere(...alone, '--expect', hash), { code: 0, out: /^审计链完好/, err: '' })
    t.match(await nowhere(...alone, '--expect', 'f'.repeat(64)), { code: 1, out: /heads：没有要找的检查点/ })
    t.match(await nowhere(...alone.slice(0, 4)), { code: 2, err: /--public-key/ })
    t.match(await run('audit', 'export', '--to', at('all.ndjson.gz')), { code: 1 }, 'no file is written over')
    t.match(await run('audit', 'export', '--to', at('x'), '--from', '5 月'), { code: 2, err: /--from 须是日期/ })
  })

  for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
  copyFileSync(`${file}.old`, file)
  t.match(await run('audit', 'verify'), { code: 1, out: /chain-missing，整条链不在库里：被删除，或数据库恢复到了早先的状态/ })
  writeFileSync(join(settings.DATA_DIR, 'noted'), `${readFileSync(heads, 'utf8').trimEnd().split('\n').at(-1)}\n`)
  copyFileSync(`${heads}.old`, heads)
  t.match(await run('audit', 'verify'), { code: 0 }, 'both places put back: only what an auditor noted tells')
  for (const noted of [hash, join(settings.DATA_DIR, 'noted')])
    t.match(await run('audit', 'verify', '--expect', noted), { code: 1, out: /没有要找的检查点/ })
  rmSync(heads)
  t.match(await run('audit', 'verify'), { code: 1, out: /没有检查点/ })
  t.match(await run('audit', 'verify', '--expect', 'soon'), { code: 2, err: /--expect/ })
})

t.test('a second place that cannot be written is a warning, and the hub serves', async (t) => {
  const { settings, drop } = await embedded.create()
  t.teardown(drop)
  const hub = await build(t, { store: { ...settings, AUDIT_HEADS: `file:${join(settings.DATA_DIR, 'master.key', 'heads')}` } })
  t.equal((await hub.get('/v1/me')).statusCode, 200)
  const health = await hub.app.inject('/health')
  t.match([health.statusCode, health.json()], [200, { status: 'warn', checks: { evidence: [{ status: 'warn' }] } }])
  t.match(hub.logged(), /检查点未能写入/)
  t.rejects(build(t, { store: { ...settings, AUDIT_KEY_FILE: join(settings.DATA_DIR, 'master.key') } }), { message: /AUDIT_KEY_FILE/ })
})

t.test('rows younger than six full months stay; a setting can only make it longer', async (t) => {
  const { settings, drop } = await embedded.create()
  t.teardown(drop)
  const args = ['audit', 'archive', '--to', join(settings.DATA_DIR, 'archive'), '--reason', '归档', '--yes', '--before']
  const month = (back: number) => {
    const [year = 0, number = 0] = new Date(Date.now() + 8 * 3_600_000).toISOString().split('-').map(Number)
    return new Date(Date.UTC(year, number - 1 - back, 1)).toISOString().slice(0, 7)
  }
  t.match(await cli(settings)(...args, month(5)), { code: 2, err: /最近 6 个整月的记录须留在数据库里/ })
  t.match(await cli(settings)(...args, '2026-13'), { code: 2, err: /须是月份/ })
  t.match(await cli(settings)(...args, month(6)), { code: 0, out: /没有可以归档的记录/ })
  t.match(await cli({ ...settings, AUDIT_RETENTION_MONTHS: '12' })(...args, month(11)), { code: 2, err: /最近 12 个整月/ })
  t.match(await cli({ ...settings, AUDIT_RETENTION_MONTHS: '5' })(...args, month(6)), { code: 1, err: /AUDIT_RETENTION_MONTHS/ })
})
