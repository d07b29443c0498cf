import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import t from 'tap'
import { readSettings } from '../../config/settings.ts'
import { troubleOf } from '../../config/trouble.ts'
import { build } from '../helper/hub.ts'
import { type Target, targets } from '../helper/targets.ts'

/** → how a start ends that fails. */
function start(settings: Record<string, string>): Promise<{ code: number; err: string }> {
  const env = { ...process.env, PORT: '0', ...settings, NODE_ENV: 'test', LOG_LEVEL: 'silent' }
  const command = [process.execPath, ['server.ts'], { env, timeout: 30_000 }] as const
  return new Promise((resolve) => execFile(...command, (error, _out, err) => resolve({ code: Number(error?.code ?? 0), err })))
}

t.test('a port that is taken is named, by the start too', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  const other = createServer()
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port))
  })
  t.teardown(() => other.close())
  const { code, err } = await start({ ...settings, PORT: String(port) })
  t.equal(code, 1)
  t.match(err, `端口 ${port} 已被占用`)
  t.match(err, `PORT=${port + 1}`)
  t.notMatch(err, /\.ts:\d+/)
})

t.test('a store that was written with another master key is not opened with this one', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  await (await build({ teardown: () => undefined }, { store: settings })).app.close()
  const { code, err } = await start({ ...settings, MASTER_KEY: randomBytes(32).toString('base64') })
  t.equal(code, 1)
  t.match(err, /主密钥不对/)
  t.notMatch(err, /\.ts:\d+/)
})

t.test('what is away, by the port that does not answer', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  const urls = { DATABASE_URL: 'mysql://hub:hidden@db.example/hub', REDIS_URL: 'redis://:hidden@cache.example:6380/0' }
  const known = readSettings({ ...settings, ...urls, SANDBOX: 'on', SANDBOX_PORT: '4001' })
  const say = (error: object) => troubleOf(Object.assign(new Error('x'), error), known) ?? 'nothing'
  const both = new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED', port: 3306 })])
  t.match(say({ code: 'ECONNREFUSED', port: 6380 }), /^连不上 Redis cache\.example:6380.*REDIS_URL/)
  t.match(troubleOf(both, known), /^连不上数据库 db\.example:3306.*DATABASE_URL/)
  t.match(say({ code: 'ER_DBACCESS_DENIED_ERROR' }), /用户 hub 无权使用库 hub/)
  t.match(say({ name: 'KnexTimeoutError' }), /连接超时/)
  t.match(say({ code: 'EADDRINUSE', syscall: 'listen', port: 4001 }), /SANDBOX_PORT=4002/)
  t.equal(say({ code: 'ENOMEM' }), 'nothing')
  for (const code of ['ER_ACCESS_DENIED_ERROR', 'ER_BAD_DB_ERROR', 'ECONNREFUSED']) t.notMatch(say({ code }), 'hidden')
})
