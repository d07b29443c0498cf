import fc from 'fast-check'
import t from 'tap'
import type { Database } from '../../../core/base/database.ts'
import type { AuditEntry } from '../../../plugins/audit/entry.ts'
import { verifyAudit } from '../../../plugins/audit/verify.ts'
import { entry, place, rowsOf, sha256, vault } from '../../helper/audit-log.ts'
import { targets } from '../../helper/targets.ts'

const refused = { name: 'HubError', code: 'HUB_AUDIT_UNAVAILABLE', status: 503 }

/** What a driver's connection pool does, to be counted or broken. */
interface Pool {
  acquireConnection(): Promise<unknown>
  releaseConnection(connection: unknown): Promise<void>
}
const poolOf = (database: Database) => database.client as Pool

async function outcomes(writes: readonly Promise<void>[]) {
  const settled = await Promise.allSettled(writes)
  return settled.map(({ status }) => status === 'fulfilled')
}

for (const target of targets) {
  t.test(`rows are chained in the order of their writing (${target.name})`, async (t) => {
    const { database, open } = await place(t, target)
    const log = await open()
    const entries = Array.from({ length: 25 }, () => entry())
    await Promise.all(entries.slice(0, 20).map((each) => log.write(each)))
    for (const each of entries.slice(20)) await log.write(each)
    t.equal((await rowsOf(database)).length, 26, 'what was acknowledged is there')
    await log.close()

    const rows = await rowsOf(database)
    let previous = '0'.repeat(64)
    for (const [index, row] of rows.entries()) {
      t.equal(Number(row.seq), index + 1)
      t.equal(row.hash, sha256(previous, row.record))
      previous = row.hash
      const record = JSON.parse(row.record)
      t.equal(JSON.stringify(Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))), row.record, 'RFC 8785')
      t.match(record, { chain: row.chain, seq: index + 1 })
    }
    const records = rows.map((row) => JSON.parse(row.record))
    t.strictSame(
      records.map(({ action }) => action),
      ['open', ...entries.map(() => 'call'), 'close'],
    )
    t.strictSame(
      records.slice(1, -1).map(({ chain, seq, ...rest }) => rest),
      entries,
    )
    t.match(await database('audit_chains').first(), { head_hash: previous })
  })

  t.test(`writes that come together are committed together (${target.name})`, async (t) => {
    const { database, open } = await place(t, target)
    const log = await open()
    const pool = poolOf(database)
    const acquire = pool.acquireConnection.bind(pool)
    let commits = 0
    pool.acquireConnection = () => {
      commits++
      return acquire()
    }
    await Promise.all(Array.from({ length: 1000 }, () => log.write(entry())))
    t.ok(commits <= 10, `${commits} commits for 1000 rows`)
    t.equal((await rowsOf(database)).length, 1001)
    await log.close()
    t.strictSame(await verifyAudit({ database, vault }), { chains: 1, rows: 1002, faults: [] })
  })

  t.test(`several processes write a chain each (${target.name})`, async (t) => {
    const { database, open, connect } = await place(t, target)
    const logs = [await open(), await open(connect()), await open(connect())]
    await Promise.all(logs.flatMap((log) => Array.from({ length: 50 }, () => log.write(entry()))))
    await Promise.all(logs.map((log) => log.close()))
    t.strictSame(await verifyAudit({ database, vault }), { chains: 3, rows: 156, faults: [] })

    const earlier = (await rowsOf(database)).map(({ chain }) => chain)
    const last = await open()
    const opening = (await rowsOf(database)).find(({ chain }) => !earlier.includes(chain))
    const { heads } = JSON.parse(opening?.record ?? '')
    t.ok(heads.length > 0 && heads.length <= 3, 'the next chain records the heads that nobody has recorded')
    await last.close()
    t.strictSame((await verifyAudit({ database, vault })).faults, [])
  })

  t.test(`a failed commit refuses its writes and leaves the chain whole (${target.name})`, async (t) => {
    const { database, said, open } = await place(t, target)
    const log = await open()
    await log.write(entry())
    await database.schema.renameTable('audit_rows', 'away')
    const failed = await outcomes([log.write(entry()), log.write(entry())])
    await t.rejects(log.write(entry()), refused)
    t.strictSame(failed, [false, false])
    t.equal(log.healthy, false)
    await database.schema.renameTable('away', 'audit_rows')
    await log.write(entry())
    t.equal(log.healthy, true)
    t.equal((await rowsOf(database)).length, 3)
    t.strictSame(await verifyAudit({ database, vault }), { chains: 1, rows: 3, faults: [] })
    t.notMatch(said.join('\n'), /pseudonym-of-somebody|127\.0\.0\.1|insert/i, 'the log names the trouble, not the values')
  })

  t.test(`health returns without a call (${target.name})`, async (t) => {
    const { database, open } = await place(t, target)
    const log = await open()
    await database.schema.renameTable('audit_chains', 'away')
    await t.rejects(log.write(entry()), refused)
    await database.schema.renameTable('away', 'audit_chains')
    for (let waited = 0; !log.healthy && waited < 4000; waited += 50) await new Promise((resolve) => setTimeout(resolve, 50))
    t.equal(log.healthy, true)
    await log.write(entry())
    t.strictSame(await verifyAudit({ database, vault }), { chains: 1, rows: 2, faults: [] })
  })

  t.test(`a commit whose answer was lost is taken over (${target.name})`, async (t) => {
    const { database, open } = await place(t, target)
    const log = await open()
    const pool = poolOf(database)
    const release = pool.releaseConnection
    pool.releaseConnection = async (connection) => {
      pool.releaseConnection = release
      await release.call(pool, connection)
      throw new Error('connection lost')
    }
    t.strictSame(await outcomes([log.write(entry()), log.write(entry())]), [false, false])
    await log.write(entry())
    t.equal((await rowsOf(database)).length, 4, 'the rows in doubt and the one after')
    t.strictSame(await verifyAudit({ database, vault }), { chains: 1, rows: 4, faults: [] })
  })

  t.test(`a head that was turned back under a running process is recorded by its next chain (${target.name})`, async (t) => {
    const { database, said, open } = await place(t, target)
    const log = await open()
    await log.write(entry())
    const before = await database('audit_chains').first()
    await log.write(entry())
    await database('audit_rows').where({ seq: 3 }).delete()
    await database('audit_chains').where({ id: before.id }).update({ head_seq: 2, head_hash: before.head_hash, seal: before.seal })
    t.strictSame((await verifyAudit({ database, vault })).faults, [], 'a genuine older head fits')
    await t.rejects(log.write(entry()), refused)
    await log.write(entry())
    t.match((await verifyAudit({ database, vault })).faults, [{ chain: before.id, seq: 3, kind: 'missing' }])
    t.match(said.join('\n'), /可能被改动/)
  })

  t.test(`the queue is bounded, and closing empties it (${target.name})`, async (t) => {
    const { database, open } = await place(t, target)
    const log = await open()
    const writes = Array.from({ length: 10_000 }, () => log.write(entry()))
    await t.rejects(log.write(entry()), refused)
    const closing = log.close()
    await t.rejects(log.write(entry()), refused)
    await Promise.all(writes)
    await closing
    await log.close()
    t.equal((await rowsOf(database)).length, 10_002)
  })

  t.test(`no value can spoil a batch (${target.name})`, async (t) => {
    const { database, open } = await place(t, target)
    const log = await open()
    const word = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('\ud800', '\0', '许昌', '𠮷'.repeat(150), ' '))
    const changes = fc.record({ traceId: word, user: word, service: word, outcome: word, purpose: word, app: word }) satisfies fc.Arbitrary<
      Partial<AuditEntry>
    >
    await Promise.all(fc.sample(changes, { numRuns: 100, seed: 7 }).map((each) => log.write(entry(each))))
    t.strictSame(await verifyAudit({ database, vault }), { chains: 1, rows: 101, faults: [] })
  })

  // SQLite has no connection to lose.
  if (target.name === 'embedded') continue
  t.test(`connections cut at any moment lose nothing (${target.name})`, async (t) => {
    const { open, connect } = await place(t, target)
    const log = await open()
    const killer = connect()
    let writing = true
    const acknowledged: string[] = []
    let refusals = 0
    const writers = Array.from({ length: 5 }, async () => {
      while (writing) {
        const next = entry()
        await log.write(next).then(
          () => acknowledged.push(next.traceId),
          () => {
            refusals++
          },
        )
      }
    })
    // On a busy machine some rounds pass without a row.
    for (let round = 0; round < 12 || acknowledged.length <= 10; round++) {
      await new Promise((resolve) => setTimeout(resolve, 7 + (round % 12)))
      const [others] = await killer.raw('select id from information_schema.processlist where db = database() and id <> connection_id()')
      for (const { id } of others) await killer.raw(`kill ${Number(id)}`).catch(() => {})
    }
    writing = false
    await Promise.all(writers)
    await log.write(entry()).catch(() => log.write(entry()))
    t.ok(acknowledged.length > 10 && refusals > 0, `${acknowledged.length} acknowledged, ${refusals} refused`)
    const stored = new Set((await rowsOf(killer)).map((row) => row.trace_id))
    t.strictSame(
      acknowledged.filter((traceId) => !stored.has(traceId)),
      [],
    )
    const { chains, faults } = await verifyAudit({ database: killer, vault })
    t.strictSame([chains, faults], [1, []])
  })
}
