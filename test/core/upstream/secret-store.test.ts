import { pino } from 'pino'
import t, { type Test } from 'tap'
import type { Database } from '../../../core/base/database.ts'
import { migrate } from '../../../migrations/index.ts'
import { openDatabase } from '../../../plugins/store/open.ts'
import { MINUTE, randomId, setUp, twoDatabases } from '../../helper/secret-stores.ts'
import { targets } from '../../helper/targets.ts'

t.jobs = targets.length
for (const target of targets) {
  t.test(target.name, { buffered: true }, async (t) => {
    const [first, second] = await twoDatabases(t, target)
    await oneProcess(t, first)
    await twoStores(t, first, second)
    await failures(t, first)
  })
}

async function oneProcess(t: Test, database: Database) {
  await t.test('100 callers, one fetch', async (t) => {
    const { store, issue, fetches } = setUp(database)
    const id = store.idOf(randomId())
    t.equal(store.current(id), null)
    const secrets = await Promise.all(Array.from({ length: 100 }, () => store.obtain(id, issue(MINUTE, 20))))
    t.equal(fetches(), 1)
    t.equal(new Set(secrets.map(({ value }) => value)).size, 1)
    t.equal(store.current(id), secrets[0])
  })

  await t.test('what lies in the database is a hash and sealed text', async (t) => {
    const { store } = setUp(database)
    const id = store.idOf('https://gw.example', 'rid-demo', 'marked-app-key')
    await store.obtain(id, async () => ({ secret: 'marked-secret', expiresAt: Date.now() + MINUTE }))
    const rows = JSON.stringify(await database('upstream_secrets').select())
    t.match(rows, id)
    t.notMatch(rows, /marked|rid-demo|gw\.example/)
    await database('upstream_secrets').where({ id }).update({ secret_sealed: 'v1.unreadable' })
    const again = setUp(database)
    t.equal((await again.store.obtain(id, again.issue(MINUTE))).value, 'secret-1', 'what cannot be opened is fetched anew')
  })

  await t.test('the margin is a quarter of an hour, or half of a shorter life', async (t) => {
    for (const [life, untilDue] of [
      [24 * 60 * MINUTE, 24 * 60 * MINUTE - 15 * MINUTE],
      [30 * MINUTE, 15 * MINUTE],
      [2000, 1000],
    ] as const) {
      const clock = { at: 1_800_000_000_000 }
      const { store, issue, fetches } = setUp(database, { now: () => clock.at })
      const id = store.idOf(randomId())
      const { dueAt, expiresAt } = await store.obtain(id, issue(life))
      t.equal(dueAt - clock.at, untilDue)
      clock.at = dueAt - 1
      t.ok(store.current(id))
      await store.obtain(id, issue(life))
      t.equal(fetches(), 1, 'not due yet')
      clock.at = expiresAt - 1
      t.ok(store.current(id), 'due, and still valid')
      clock.at++
      t.equal(store.current(id), null)
    }
  })

  await t.test('a life of 2 s: no second fetch for 0.9 s', async (t) => {
    const clock = { at: 1_800_000_000_000 }
    const { store, issue, fetches } = setUp(database, { now: () => clock.at })
    const id = store.idOf(randomId())
    const { value } = await store.obtain(id, issue(2000))
    for (let turn = 0; turn < 9; turn++) {
      clock.at += 100
      t.equal((await store.obtain(id, issue(2000))).value, value)
    }
    t.equal(fetches(), 1)
  })

  await t.test('a refused secret is given up, unless another one is in use by now', async (t) => {
    const { store, issue, fetches } = setUp(database)
    const id = store.idOf(randomId())
    const one = await store.obtain(id, issue(MINUTE))
    store.forget(id, one.version)
    t.equal(store.current(id), null)
    const two = await store.obtain(id, issue(MINUTE))
    t.equal(two.value, 'secret-2')
    store.forget(id, one.version)
    t.equal(store.current(id), two)
    t.equal(fetches(), 2)
  })

  await t.test('an agency that refuses every secret is not asked for one on every call', async (t) => {
    const clock = { at: 1_800_000_000_000 }
    const { store, issue, fetches } = setUp(database, { now: () => clock.at })
    const id = store.idOf(randomId())
    const refuse = async () => store.forget(id, (await store.obtain(id, issue(60 * MINUTE))).version)
    for (let call = 0; call < 30; call++) await refuse()
    t.equal(fetches(), 6)
    clock.at += 5000
    for (let call = 0; call < 30; call++) await refuse()
    t.equal(fetches(), 7, 'one more after a while')
  })
}

async function twoStores(t: Test, first: Database, second: Database) {
  await t.test('two stores with handles of their own: one fetch, one secret', async (t) => {
    const [one, other] = [setUp(first), setUp(second)]
    const id = one.store.idOf(randomId())
    const calls = [one, other].flatMap(({ store, issue }) => Array.from({ length: 50 }, () => store.obtain(id, issue(MINUTE, 150))))
    const secrets = await Promise.all(calls)
    t.equal(one.fetches() + other.fetches(), 1)
    t.equal(new Set(secrets.map(({ version }) => version)).size, 1)
  })

  await t.test('the row is read again once the lease is taken', async (t) => {
    const { store: winner, issue: issueFirst } = setUp(first)
    const id = winner.idOf(randomId())
    let won: Promise<unknown> | undefined
    // The winner starts and ends between the loser's look at the row and its lease.
    const late = interpose(second, async () => {
      won ??= winner.obtain(id, issueFirst(MINUTE))
      await won
    })
    const loser = setUp(late)
    t.equal((await loser.store.obtain(id, loser.issue(MINUTE))).value, 'secret-1')
    t.ok(won, 'the winner came first')
    t.equal(loser.fetches(), 0)
    t.equal((await first('upstream_secrets').where({ id }).first()).lease_owner, null, 'the lease is given back')
  })

  await t.test('a secret refused here, renewed there, is taken up without a fetch', async (t) => {
    const [one, other] = [setUp(first), setUp(second)]
    const id = one.store.idOf(randomId())
    const old = await one.store.obtain(id, one.issue(MINUTE))
    await other.store.obtain(id, other.issue(MINUTE))
    for (const { store } of [one, other]) store.forget(id, old.version)
    const renewed = await one.store.obtain(id, one.issue(MINUTE))
    t.equal((await other.store.obtain(id, other.issue(MINUTE))).version, renewed.version)
    t.equal(one.fetches() + other.fetches(), 2)
  })

  await t.test('the lease of a dead process ends', async (t) => {
    const { store, issue, fetches } = setUp(first, { pollMs: 10 })
    const id = store.idOf(randomId())
    const end = Date.now() + 300
    await second('upstream_secrets').insert({ id, lease_owner: 'gone', lease_until: end })
    await store.obtain(id, issue(MINUTE))
    t.ok(Date.now() >= end)
    t.equal(fetches(), 1)
  })

  await t.test('nobody waits for another process without end', async (t) => {
    const { store, issue, fetches } = setUp(first, { waitMs: 100, pollMs: 10 })
    const id = store.idOf(randomId())
    await second('upstream_secrets').insert({ id, lease_owner: 'slow', lease_until: Date.now() + MINUTE })
    await t.rejects(store.obtain(id, issue(MINUTE)), { code: 'HUB_UPSTREAM_UNAVAILABLE', extras: { retryAfter: 1 } })
    t.equal(fetches(), 0)
  })

  await t.test('a fetch that outlasts its lease is given up', async (t) => {
    const { store, issue } = setUp(first, { leaseMs: 100 })
    await t.rejects(store.obtain(store.idOf(randomId()), issue(MINUTE, 500)), { code: 'HUB_UPSTREAM_TIMEOUT' })
  })
}

async function failures(t: Test, database: Database) {
  await t.test('after a failure all processes wait, longer each time', async (t) => {
    const clock = { at: 1_800_000_000_000 }
    const now = () => clock.at
    const [one, other] = [setUp(database, { now }), setUp(database, { now })]
    const id = one.store.idOf(randomId())
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      await t.rejects(one.store.obtain(id, one.fail), { code: 'HUB_UPSTREAM_UNREACHABLE' })
      const early = { code: 'HUB_UPSTREAM_UNAVAILABLE', extras: { retryAfter: seconds } }
      await t.rejects(other.store.obtain(id, other.fail), early, `${seconds} s`)
      clock.at += seconds * 1000 - 1
      await t.rejects(one.store.obtain(id, one.fail), { ...early, extras: { retryAfter: 1 } })
      clock.at += 1
    }
    t.equal(one.fetches(), 8)
    t.equal(other.fetches(), 0)
    await other.store.obtain(id, other.issue(1000))
    clock.at += 1000
    await t.rejects(one.store.obtain(id, one.fail), { code: 'HUB_UPSTREAM_UNREACHABLE' })
    await t.rejects(one.store.obtain(id, one.fail), { code: 'HUB_UPSTREAM_UNAVAILABLE', extras: { retryAfter: 1 } }, 'counted afresh')
  })

  await t.test('an old secret serves on while a new one cannot be had', async (t) => {
    const clock = { at: 1_800_000_000_000 }
    const { store, issue, fail, fetches } = setUp(database, { now: () => clock.at })
    const id = store.idOf(randomId())
    const old = await store.obtain(id, issue(60_000))
    clock.at = old.dueAt
    for (let call = 0; call < 10; call++) t.equal((await store.obtain(id, fail)).value, old.value)
    t.equal(fetches(), 2, 'one attempt, then the cool-down')
    t.ok((store.current(id)?.dueAt ?? 0) > clock.at, 'and memory is not asked to renew meanwhile')
    clock.at = old.expiresAt - 500
    t.equal((await store.obtain(id, fail)).value, old.value)
    clock.at = old.expiresAt
    await t.rejects(store.obtain(id, fail), { code: 'HUB_UPSTREAM_UNAVAILABLE' })
  })

  await t.test('a secret that is past its end is no secret', async (t) => {
    const { store, issue } = setUp(database)
    const id = store.idOf(randomId())
    await t.rejects(store.obtain(id, issue(0)), { code: 'HUB_UPSTREAM_CREDENTIAL' })
    t.equal(store.current(id), null)
  })

  await t.test('without the database: an error of its own, and an old secret as long as it lasts', async (t) => {
    const clock = { at: 1_800_000_000_000 }
    const gone = openDatabase({ url: '', dataDir: t.testdir() })
    await migrate(gone)
    const { store, issue } = setUp(gone, { now: () => clock.at })
    const id = store.idOf(randomId())
    const old = await store.obtain(id, issue(MINUTE))
    await gone.destroy()
    clock.at = old.dueAt
    t.equal((await store.obtain(id, issue(MINUTE))).value, old.value)
    clock.at = old.expiresAt
    await t.rejects(store.obtain(id, issue(MINUTE)), { code: 'HUB_STORE_UNAVAILABLE' })
  })

  await t.test('logs name neither secret nor message', async (t) => {
    const lines: string[] = []
    const log = pino({}, { write: (line: string) => lines.push(line) })
    const { store } = setUp(database, { log })
    const fail = async () => {
      throw Object.assign(new Error('marked message of http://127.0.0.1:1/'), { code: 'ECONNREFUSED' })
    }
    await t.rejects(store.obtain(store.idOf(randomId()), fail))
    t.equal(lines.length, 1)
    t.match(lines[0], /ECONNREFUSED/)
    t.notMatch(lines[0], /marked|127\.0\.0\.1/)
  })
}

/** The same database, with something done before each update. */
function interpose(database: Database, before: () => Promise<unknown>): Database {
  const wrapped = (name: string) => {
    const builder = database(name)
    const update = builder.update.bind(builder)
    const late = async (values: object) => {
      await before()
      return update(values)
    }
    return Object.assign(builder, { update: late })
  }
  return wrapped as unknown as Database
}
