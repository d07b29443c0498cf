import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { createSchedules } from '../../../plugins/queue/schedules.ts'
import { openDatabase } from '../../../plugins/store/open.ts'
import { build } from '../../helper/hub.ts'
import { targets } from '../../helper/targets.ts'

const PROCESS = fileURLToPath(new URL('../../helper/schedule-process.ts', import.meta.url))
const PROCESSES = 10
const MINUTE = 60_000
const noon = Date.parse('2026-11-26T12:00:00+08:00')

for (const target of targets) {
  t.test(target.name, async (t) => {
    const { settings, drop } = await target.create()
    const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
    t.teardown(async () => {
      await database.destroy()
      await drop()
    })
    let now = noon
    const warned: unknown[] = []
    const open = () => createSchedules({ database, now: () => now, leaseMs: MINUTE, log: { warn: (about) => void warned.push(about) } })

    t.test('done at its time, in Beijing; what was missed is done once, late', async (t) => {
      const one = open()
      let runs = 0
      one.add({ name: 'test.daily', title: '每日', pattern: '30 10 * * *', run: async () => runs++ })
      t.throws(() => one.add({ name: 'test.daily', title: '又一个', pattern: '* * * * *', run: async () => 0 }))
      t.throws(() => open().add({ name: 'test.odd', title: '不对', pattern: 'daily', run: async () => 0 }))
      await one.begin()
      t.match(await one.list(), [{ name: 'test.daily', dueAt: Date.parse('2026-11-27T10:30:00+08:00'), runs: 0, running: false }])
      t.equal(await one.work('test.daily'), null, 'not yet')
      now = Date.parse('2026-12-03T08:00:00+08:00')
      t.same(await one.due(10), ['test.daily'])
      t.equal(await one.work('test.daily'), Date.parse('2026-12-03T10:30:00+08:00'))
      t.equal(runs, 1)
      t.same(await one.due(10), [])

      const changed = open()
      changed.add({ name: 'test.daily', title: '每日', pattern: '0 9 * * *', run: async () => runs++ })
      await changed.begin()
      t.match(await changed.list(), [{ dueAt: Date.parse('2026-12-03T09:00:00+08:00'), runs: 1 }], 'other times of a new version')
    })

    t.test('a failure is tried again soon, later each time, and is on record', async (t) => {
      const one = open()
      let broken = true
      one.add({
        name: 'test.hourly',
        title: '每小时',
        pattern: '0 * * * *',
        async run() {
          if (broken) throw Object.assign(new Error('no'), { code: 'E_BROKEN' })
        },
      })
      await one.begin()
      await one.hasten('test.hourly')
      t.equal(await one.work('test.hourly'), now + MINUTE)
      t.match(warned, [{ schedule: 'test.hourly', error: 'E_BROKEN' }])
      now += MINUTE
      t.equal(await one.work('test.hourly'), now + 2 * MINUTE)
      t.match((await one.list()).at(-1), { failures: 2, lastError: 'E_BROKEN' })
      broken = false
      now += 2 * MINUTE
      t.equal(await one.work('test.hourly'), Date.parse('2026-12-03T09:00:00+08:00'))
      t.match((await one.list()).at(-1), { failures: 0, lastError: null, runs: 3 })
      t.notOk(await one.hasten('test.nothing'))
    })

    t.test('who dies at it keeps the others from it until the lease ends', async (t) => {
      const [one, other] = [open(), open()]
      let runs = 0
      for (const each of [one, other]) each.add({ name: 'test.leased', title: '租约', pattern: '0 * * * *', run: async () => runs++ })
      await one.begin()
      await one.hasten('test.leased')
      await database('schedules')
        .where({ name: 'test.leased' })
        .update({ lease_owner: 'dead', lease_until: now + MINUTE })
      t.equal(await other.work('test.leased'), null)
      t.match(
        (await other.list()).find(({ name }) => name === 'test.leased'),
        { running: true },
      )
      now += MINUTE
      await other.work('test.leased')
      t.equal(runs, 1)
    })
  })
}

t.test('ten processes run a purge once', async (t) => {
  const target = targets.at(-1)
  if (!target) throw new Error('no target')
  const { settings, drop } = await target.create()
  const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
  const children = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, [PROCESS], { env: { ...process.env, ...settings }, stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  const lines = children.map(({ stdout }) => createInterface({ input: stdout })[Symbol.asyncIterator]())
  const said = async () => Promise.all(lines.map(async (line) => String((await line.next()).value)))
  t.teardown(async () => {
    for (const { stdin } of children) stdin.end()
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')))
    await database.destroy()
    await drop()
  })
  t.same(new Set(await said()), new Set(['ready']))
  for (const round of [1, 2, 3]) {
    await database('schedules').update({ due_at: 1 })
    for (const { stdin } of children) stdin.write('now\n')
    const ran = (await said()).map(Number)
    t.equal(
      ran.reduce((sum, one) => sum + one, 0),
      1,
      `round ${round}: ${ran.join(' ')}`,
    )
  }
})

t.test('a hub does what is due, and keeps what it does in one list', async (t) => {
  const { app } = await build(t, { schedules: { sweepMs: 50 } })
  const names = (await app.schedules.list()).map(({ name }) => name)
  for (const name of [
    'reconciliations.plan',
    'secrets.refresh',
    'agencies.probe',
    'sessions.purge',
    'messages.expiries',
    'requests.expire',
  ])
    t.ok(names.includes(name), name)
  for (const name of names) await app.schedules.hasten(name)
  const left = async () => (await app.schedules.list()).filter(({ runs }) => runs === 0).map(({ name }) => name)
  for (const end = Date.now() + 60_000; (await left()).length > 0 && Date.now() < end; ) await sleep(50)
  t.same(await left(), [])
  t.same(
    (await app.schedules.list()).filter(({ failures }) => failures > 0),
    [],
    'and none of it fails',
  )
})
