import { randomUUID } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import t from 'tap'
import { UpstreamError } from '../../../core/upstream/error.ts'
import { createDelivery } from '../../../plugins/kinds/filing/delivery.ts'
import { createSubmissionRows } from '../../../plugins/kinds/filing/rows.ts'
import { statesOf } from '../../../plugins/kinds/filing/states.ts'
import { createSubmissions } from '../../../plugins/kinds/filing/submissions.ts'
import { defaultPace } from '../../../plugins/kinds/filing/task.ts'
import { bullWaker } from '../../../plugins/queue/bull.ts'
import { createQueue, type Queue, type QueueOptions, timerWaker } from '../../../plugins/queue/queue.ts'
import { asker, openStore, type Store, self, USER, withdrawal } from '../../helper/filing.ts'
import { targets } from '../../helper/targets.ts'

const log = { info: () => {}, warn: () => {}, error: () => {} }
/** A sweep that never comes within a test. */
const NEVER = 3_600_000

t.test('places', async (t) => {
  const waiting = Array.from({ length: 20 }, (_, index) => `id-${index}`)
  let underWay = 0
  let most = 0
  const queue = createQueue({
    waker: timerWaker(NEVER),
    concurrency: 3,
    sweepMs: NEVER,
    due: async (limit) => waiting.slice(0, limit),
    work: async (id) => {
      waiting.splice(waiting.indexOf(id), 1)
      most = Math.max(most, ++underWay)
      await sleep(1)
      underWay--
      return null
    },
    log: log as never,
  })
  await until(() => waiting.length === 0 && underWay === 0)
  t.equal(most, 3, 'a place that falls free looks for more work without waiting for the sweep')
  await queue.close(1000)
})

t.test('timers', async (t) => {
  const woken: string[] = []
  const options = { concurrency: 3, sweepMs: NEVER, due: async () => [], log: log as never }
  const work = async (id: string) => {
    woken.push(id)
    if (id === 'bad') throw Object.assign(new Error('the row 张三'), { code: 'ER_GONE' })
    return woken.filter((other) => other === id).length < 3 ? Date.now() : null
  }
  const errors: object[] = []
  const queue = createQueue({ ...options, waker: timerWaker(1000), work, log: { error: (entry: object) => errors.push(entry) } as never })
  queue.wake('a', Date.now())
  queue.wake('far', Date.now() + 5000)
  queue.wake('bad', Date.now())
  await until(() => woken.length === 4)
  t.same(woken.toSorted(), ['a', 'a', 'a', 'bad'])
  t.same(errors, [{ submission: 'bad', error: 'ER_GONE' }])
  queue.wake('late', Date.now() + 20)
  await queue.close(1000)
  queue.wake('closed', Date.now())
  await sleep(40)
  t.equal(woken.length, 4, 'nothing starts after closing')
})

t.test('closing waits for what is under way, but not for ever', async (t) => {
  let begun = 0
  let finished = false
  const work = async () => {
    begun++
    await sleep(50)
    finished = true
    return null
  }
  const options = { waker: timerWaker(1000), concurrency: 1, sweepMs: NEVER, due: async () => ['x'], log: log as never }
  const queue = createQueue({ ...options, work })
  await until(() => begun === 1)
  await queue.close(10_000)
  t.ok(finished)
  const stuck = createQueue({ ...options, work: () => new Promise(() => void begun++) })
  await until(() => begun === 2)
  const start = performance.now()
  await stuck.close(30)
  t.ok(performance.now() - start < 5000)
})

t.test('an unreadable database is said once', async (t) => {
  const errors: object[] = []
  let broken = true
  let asked = 0
  const due = async () => {
    asked++
    if (broken) throw Object.assign(new Error(), { code: 'ECONNREFUSED' })
    return []
  }
  const queue = createQueue({
    waker: timerWaker(1000),
    concurrency: 1,
    sweepMs: 5,
    due,
    work: async () => null,
    log: { error: (entry: object) => errors.push(entry) } as never,
  })
  await until(() => asked > 5)
  t.same(errors, [{ error: 'ECONNREFUSED' }])
  t.notOk(queue.ok)
  broken = false
  await until(() => queue.ok)
  await queue.close(100)
})

for (const target of targets) {
  t.test(target.name, async (t) => {
    const store = await openStore(target)
    t.teardown(() => store.close())

    t.test('work that nobody was woken for is found', async (t) => {
      const lost = createHub(store, { mode: 'process', ok: true, wake: () => {}, close: async () => {} }, NEVER)
      const ids = await Promise.all([lost.accept(), lost.accept(), lost.accept()])
      await lost.queue.close(100)
      const hub = createHub(store, timerWaker(20), 20)
      await until(async () => (await hub.open(ids)) === 0)
      t.same([...hub.filed.values()], [1, 1, 1])
      await hub.queue.close(1000)
    })

    t.test('two processes share the work and file nothing twice', async (t) => {
      const filed = new Map<string, number>()
      const hubs = [createHub(store, timerWaker(20), 20, filed), createHub(store, timerWaker(20), 20, filed)]
      const ids = await Promise.all(Array.from({ length: 24 }, (_, index) => hubs[index % 2]?.accept() ?? ''))
      await until(async () => (await hubs[0]?.open(ids)) === 0)
      t.equal(filed.size, 24)
      t.ok([...filed.values()].every((count) => count === 1))
      await Promise.all(hubs.map(({ queue }) => queue.close(1000)))
    })

    if (store.redisUrl === '') return

    t.test('bull wakes, without a sweep, and keeps nothing but ids', async (t) => {
      const name = randomUUID()
      const hub = createHub(store, bullWaker({ redisUrl: store.redisUrl, name, concurrency: 4, log: log as never }), NEVER)
      await until(() => hub.queue.ok)
      const ids = await Promise.all(Array.from({ length: 10 }, () => hub.accept()))
      await until(async () => (await hub.open(ids)) === 0)
      t.equal(hub.queue.mode, 'bull')
      t.ok([...hub.filed.values()].every((count) => count === 1))
      hub.queue.wake('later', Date.now() + 60_000)
      const redis = new Redis(store.redisUrl)
      const keys = await untilSome(() => redis.keys(`{hub:${name}}:*later*`))
      t.same(await redis.hget(keys[0] ?? '', 'data'), '{"id":"later"}')
      const rest = await redis.keys(`{hub:${name}}:*`)
      t.notOk(
        rest.some((key) => ids.some((id) => key.includes(id))),
        'done jobs leave no trace',
      )
      await hub.queue.close(1000)
      await redis.del(rest)
      await redis.quit()
    })

    t.test('closing while bull waits for a job under way leaves no rejection that nobody hears', async (t) => {
      const unheard: unknown[] = []
      const hear = (reason: unknown) => void unheard.push(reason)
      process.on('unhandledRejection', hear)
      t.teardown(() => process.off('unhandledRejection', hear))
      const name = randomUUID()
      const { promise: end, resolve: finish } = Promise.withResolvers<void>()
      let begun = false
      const waker = bullWaker({ redisUrl: store.redisUrl, name, concurrency: 1, log: log as never })(() => {
        begun = true
        return end
      })
      await until(() => waker.ok)
      waker.wake('long', Date.now())
      await until(() => begun)
      // It takes its connections away after a while, with the job still under way.
      await waker.close()
      await sleep(10)
      finish()
      t.same(unheard, [])
      const redis = new Redis(store.redisUrl)
      await redis.del(await redis.keys(`{hub:${name}}:*`))
      await redis.quit()
    })

    t.test('Redis goes away and comes back', async (t) => {
      const wire = await openWire(store.redisUrl)
      const name = randomUUID()
      const said: string[] = []
      const say = (_: object | string, words?: string) => said.push(String(words ?? _))
      const waker = bullWaker({ redisUrl: wire.url, name, concurrency: 4, log: { info: say, warn: say } as never })
      const hub = createHub(store, waker, 50)
      await until(() => hub.queue.ok)
      wire.cut()
      await until(() => !hub.queue.ok)
      const during = [await hub.accept(), await hub.accept()]
      await until(async () => (await hub.open(during)) === 0)
      t.pass('the sweep delivers without Redis')
      t.equal(said.length, 1, 'said once')
      await wire.mend()
      await until(() => hub.queue.ok)
      await hub.queue.close(1000)
      t.same(said, ['Redis 连接中断，改由定时扫描继续办理', 'Redis 已恢复连接'])

      const again = createHub(store, bullWaker({ redisUrl: wire.url, name, concurrency: 4, log: log as never }), NEVER)
      await until(() => again.queue.ok)
      const id = await again.accept()
      await until(async () => (await again.open([id])) === 0)
      t.pass('bull wakes again')
      await again.queue.close(1000)
      await wire.close()
      await wipe(store.redisUrl, name)
    })

    t.test('Redis isn’t there at all', async (t) => {
      const wire = await openWire(store.redisUrl)
      wire.cut()
      const waker = bullWaker({ redisUrl: wire.url, name: randomUUID(), concurrency: 4, log: log as never })
      const hub = createHub(store, waker, 50)
      const id = await hub.accept()
      await until(async () => (await hub.open([id])) === 0)
      t.notOk(hub.queue.ok)
      const start = performance.now()
      await hub.queue.close(1000)
      t.ok(performance.now() - start < 3000, 'closing doesn’t hang on it')
      await wire.close()
    })
  })
}

/** A hub whose agency files at once and has no further news; every send takes a moment. */
function createHub(
  store: Store,
  waker: QueueOptions['waker'] | ReturnType<QueueOptions['waker']>,
  sweepMs: number,
  filed = new Map<string, number>(),
) {
  const rows = createSubmissionRows(store.database, Date.now, () => statesOf(withdrawal.contract.submission))
  const call = async ({ method, params }: { method: string; params: Record<string, unknown> }) => {
    if (method !== 'POST') throw new UpstreamError('HUB_UPSTREAM_UNREACHABLE', { delivery: 'not-processed' })
    const serial = String(params['lsh'])
    filed.set(serial, (filed.get(serial) ?? 0) + 1)
    await sleep(2)
    return { rows: [{ lsh: serial, sqbh: 'A1', sqzt: '05' }], total: null, status: 200 }
  }
  const work = createDelivery({
    rows,
    vault: store.vault,
    services: new Map([[withdrawal.key, withdrawal]]),
    upstreams: new Map([['fund', { call }]]),
    asker,
    audit: async () => {},
    log: log as never,
    pace: defaultPace,
  })
  const options = { concurrency: 4, sweepMs, due: rows.due, work, log: log as never }
  const queue: Queue = createQueue({ ...options, waker: typeof waker === 'function' ? waker : () => waker })
  const submissions = createSubmissions({ database: store.database, vault: store.vault, wake: queue.wake })
  return {
    queue,
    filed,
    async accept() {
      const request = { service: withdrawal, by: self(USER), input: { amount: 1 }, traceId: '0'.repeat(32) }
      return (await submissions.accept({ ...request, idempotencyKey: randomUUID(), faceVerification: randomUUID() })).submission.id
    },
    /** How many of these have not come to their end. */
    async open(ids: readonly string[]) {
      const done = await store.database('submissions').whereIn('id', ids).where({ state: 'closed' })
      return ids.length - done.length
    },
  }
}

/** A connection to Redis that can be cut and mended. */
async function openWire(redisUrl: string) {
  const { hostname, port } = new URL(redisUrl)
  const sockets = new Set<Socket>()
  let whole = true
  const server = createServer((near) => {
    if (!whole) return near.destroy()
    const far = connect(Number(port || 6379), hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.pipe(other)
      socket.on('error', () => {}).on('close', () => other.destroy())
    }
    return near
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port: own } = server.address() as { port: number }
  const cut = () => {
    whole = false
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    url: `redis://127.0.0.1:${own}`,
    cut,
    async mend() {
      whole = true
    },
    async close() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function wipe(redisUrl: string, name: string): Promise<void> {
  const redis = new Redis(redisUrl)
  const keys = await redis.keys(`{hub:${name}}:*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 10_000; performance.now() < end; await sleep(5)) if (await condition()) return
  throw new Error('it did not come about within 10 s')
}

async function untilSome(find: () => Promise<string[]>): Promise<string[]> {
  let found: string[] = []
  await until(async () => {
    found = await find()
    return found.length > 0
  })
  return found
}
