import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../core/base/database.ts'
import { createVault } from '../core/base/vault.ts'
import { migrate } from '../migrations/index.ts'
import { NO_CALL } from '../plugins/audit/chain.ts'
import type { AuditEntry } from '../plugins/audit/entry.ts'
import { type AuditLog, openAuditLog } from '../plugins/audit/log.ts'
import { searchAudit } from '../plugins/audit/search.ts'
import { openDatabase } from '../plugins/store/open.ts'
import { temporaryDatabase } from '../plugins/store/temporary.ts'
import { alignColumns, median } from './table.ts'

const SMALL = 10_000
const DAY = 86_400_000
export const SPAN = 180 * DAY
/** Calls that share a commit, as many as the usual load has under way. */
const TOGETHER = 32
const BATCHES = 150
const SEARCHES = 30
/** Turns that are not counted: pages are read and code is compiled. */
const WARM_UP = 10
const CHUNK = 500_000
const USERS = 100_000

/**
 * What a call and a search cost with few audit rows and with many: both tables on one disk, measured in turns. Rows are built
 * by the database itself, in bulk and without a genuine chain; what is measured goes the hub's own ways.
 */
export async function benchAuditRows(rows: number, mysql: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-bench-'))
  const sides: Side[] = []
  try {
    for (const count of [SMALL, rows]) {
      const started = performance.now()
      sides.push(await build(folder, mysql, count))
      console.log(`${count.toLocaleString('en')} rows built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
    }
    for (const [title, work] of Object.entries(measures)) await measure(title, work, sides)
    console.log(
      `\nmedians, ms of processor time (the waiting of a shared machine is no cost of the table)\n${alignColumns([['', ...sides.map(({ count }) => `${count.toLocaleString('en')} rows`), 'ratio'], ...lines(sides)])}`,
    )
  } finally {
    for (const side of sides) await side.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Side {
  database: Database
  log: AuditLog
  count: number
  from: number
  times: Map<string, number[]>
  close(): Promise<void>
}

async function build(folder: string, mysql: string, count: number): Promise<Side> {
  const { url, drop } = mysql ? await temporaryDatabase(mysql) : { url: '', drop: async () => {} }
  const database = openDatabase({ url, dataDir: join(folder, String(count)) })
  await migrate(database)
  const from = Date.now() - SPAN
  await fill(database, count, from)
  const log = await openAuditLog({ database, vault: createVault(randomBytes(32)), log: { info: () => {}, error: () => {} } })
  const close = async () => {
    await log.close()
    await database.destroy()
    await drop()
  }
  return { database, log, count, from, times: new Map(), close }
}

/** Rows of the last half year, in order of time, without a genuine chain. */
export async function fill(database: Database, count: number, from: number): Promise<void> {
  const sqlite = database.engine === 'sqlite'
  // Sorting once is faster than a million insertions; the primary key goes in order.
  const indexes = sqlite
    ? ((await database.raw("select name, sql from sqlite_master where type = 'index' and tbl_name = 'audit_rows' and sql is not null")) as {
        name: string
        sql: string
      }[])
    : []
  if (sqlite)
    for (const quick of ['journal_mode = delete', 'journal_mode = memory', 'synchronous = off', 'cache_size = -200000'])
      await database.raw(`pragma ${quick}`)
  for (const { name } of indexes) await database.raw(`drop index ${name}`)
  for (let first = 0; first < count; first += CHUNK) {
    const last = Math.min(count, first + CHUNK) - 1
    const at = `(${from} + cast(i * ${SPAN / count} as ${sqlite ? 'integer' : 'signed'}))`
    const random = (bytes: number) => (sqlite ? `lower(hex(randomblob(${bytes})))` : `substr(sha2(rand(), 512), 1, ${bytes * 2})`)
    const hex = (value: string, width: number) => (sqlite ? `printf('%0${width}x', ${value})` : `lpad(lower(hex(${value})), ${width}, '0')`)
    const join = (...parts: string[]) => (sqlite ? parts.join(' || ') : `concat(${parts.join(', ')})`)
    const user = hex(`i % ${USERS}`, 32)
    const values = [
      `'00000000-0000-4000-8000-${String(first).padStart(12, '0')}'`,
      `i - ${first} + 1`,
      at,
      join(hex(at, 12), random(10)),
      user,
      "'housing-fund'",
      "'personal-account'",
      "'ok'",
      join(`'{"action":"call","app":"app-mobile","at":'`, at, `',"fields":["${'field-name","'.repeat(24)}last"],"user":"'`, user, `'"}'`),
      random(32),
    ].join(', ')
    const numbers = sqlite
      ? `with recursive n(i) as (select ${first} union all select i + 1 from n where i < ${last}) select ${values} from n`
      : `select ${values} from (select seq as i from seq_${first}_to_${last}) as n`
    await database.raw(`insert into audit_rows (chain, seq, at, trace_id, \`user\`, connector, service, outcome, record, hash) ${numbers}`)
  }
  for (const { sql } of indexes) await database.raw(sql)
  // As the hub has it.
  if (sqlite) for (const usual of ['cache_size = -2000', 'synchronous = full', 'journal_mode = wal']) await database.raw(`pragma ${usual}`)
}

type Work = (side: Side) => Promise<unknown>

const moment = ({ from }: Side) => from + Math.floor(Math.random() * SPAN)
const search = (side: Side, filter: object) => searchAudit(side.database, { from: side.from, to: side.from + SPAN, limit: 100, ...filter })

const measures: Record<string, readonly [times: number, work: Work]> = {
  [`commit of ${TOGETHER} calls`]: [BATCHES, ({ log }) => write(log, Date.now().toString(16).padStart(12, '0'))],
  [`the same, traces of callers`]: [BATCHES, ({ log }) => write(log, randomBytes(6).toString('hex'))],
  'search: a trace': [SEARCHES, (side) => search(side, { traceId: randomBytes(16).toString('hex') })],
  'search: a page at a moment': [SEARCHES, (side) => search(side, { from: moment(side) })],
  'search: a page deep inside': [SEARCHES, (side) => search(side, { after: `${moment(side)}_00000000-0000-4000-8000-000000000000_1` })],
  'search: one user among all': [SEARCHES, (side) => search(side, { user: '0'.repeat(32), from: moment(side) })],
}

async function write(log: AuditLog, prefix: string): Promise<void> {
  const entries = Array.from({ length: TOGETHER }, (): AuditEntry => {
    const traceId = prefix + randomBytes(10).toString('hex')
    const fields = Array<string>(24).fill('field-name')
    const said = {
      app: 'app-mobile',
      user: randomBytes(16).toString('hex'),
      connector: 'housing-fund',
      service: 'personal-account',
      fields,
    }
    return { ...NO_CALL, ...said, action: 'call', traceId, at: Date.now() }
  })
  await Promise.all(entries.map((entry) => log.write(entry)))
}

async function measure(title: string, [times, work]: (typeof measures)[string], sides: readonly Side[]): Promise<void> {
  for (const side of sides) side.times.set(title, [])
  for (let turn = -WARM_UP; turn < times; turn++) {
    for (const side of sides) {
      const { user, system } = process.cpuUsage()
      await work(side)
      const used = process.cpuUsage({ user, system })
      if (turn >= 0) side.times.get(title)?.push((used.user + used.system) / 1000)
    }
  }
}

function lines(sides: readonly Side[]): string[][] {
  return Object.keys(measures).map((title) => {
    const medians = sides.map(({ times }) => median(times.get(title) ?? []))
    return [title, ...medians.map((each) => each.toFixed(2)), ((medians[1] ?? Number.NaN) / (medians[0] ?? Number.NaN)).toFixed(2)]
  })
}
