import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createGzip } from 'node:zlib'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { readSettings } from '../config/settings.ts'
import type { Database } from '../core/base/database.ts'
import { createVault } from '../core/base/vault.ts'
import { migrate } from '../migrations/index.ts'
import { NO_CALL } from '../plugins/audit/chain.ts'
import { openAuditLog } from '../plugins/audit/log.ts'
import { openDatabase } from '../plugins/store/open.ts'
import { temporaryDatabase } from '../plugins/store/temporary.ts'
import { alignColumns } from './table.ts'

const HUB = fileURLToPath(new URL('../cli/hub.ts', import.meta.url))
const SMALL = 100_000
const TOGETHER = 500
const MASTER_KEY = 'main:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
/** V8 takes what it is given before it clears up: so much shows what is really held. */
const HEAP = '--max-old-space-size=96 --max-semi-space-size=4'
/** What memory may be with many rows, measured by that with few. */
const BAR = 1.5

interface Run {
  seconds: number
  peakMiB: number
}

/**
 * Backs up and restores a store with few rows of evidence and one with many, whose chains are genuine: each by the command itself, in a
 * process of its own. → the exit code.
 */
export async function benchBackups(rows: number, mysql: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-bench-'))
  const identity = await generateX25519Identity()
  const key = join(folder, 'key')
  writeFileSync(key, identity)
  const recipient = await identityToRecipient(identity)
  try {
    const few = await measure(SMALL)
    const many = await measure(rows)
    const columns = [few, many].map(({ count, backup, restore, bytes, gzip }) => [
      count.toLocaleString('en'),
      ...[backup, restore].flatMap(({ seconds, peakMiB }) => [seconds.toFixed(1), peakMiB.toFixed(0)]),
      (bytes / 2 ** 20).toFixed(1),
      gzip.toFixed(1),
    ])
    const names = ['rows', 'backup, s', 'its peak, MiB', 'restore, s', 'its peak, MiB', 'file, MiB', 'gzip of as much, s']
    console.log(alignColumns(names.map((name, index) => [name, ...columns.map((column) => column[index] ?? '')])))
    const growth = Math.max(many.backup.peakMiB / few.backup.peakMiB, many.restore.peakMiB / few.restore.peakMiB)
    console.log(`\n${growth <= BAR ? 'ok' : 'MISSED'}: memory with many rows ${growth.toFixed(2)} of that with few (at most ${BAR})`)
    console.log(
      `backup ÷ gzip: ${(many.backup.seconds / many.gzip).toFixed(2)}, restore ÷ gzip: ${(many.restore.seconds / many.gzip).toFixed(2)}`,
    )
    return growth <= BAR ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }

  async function measure(count: number) {
    const [from, into] = [await makeStore(folder, `from-${count}`, mysql), await makeStore(folder, `into-${count}`, mysql)]
    try {
      const clear = join(folder, `${count}.text`)
      await fill(from.env, count, clear)
      const path = join(folder, `${count}.age`)
      const backup = await run(from.env, 'backup', '--to', path, '--recipient', recipient)
      const restore = await run(into.env, 'restore', '--from', path, '--identity-file', key, '--reason', 'bench')
      return { count, backup, restore, bytes: statSync(path).size, gzip: await gzipSeconds(clear) }
    } finally {
      await Promise.all([from.drop(), into.drop()])
    }
  }
}

async function makeStore(folder: string, name: string, mysql: string) {
  const { url, drop } = mysql ? await temporaryDatabase(mysql) : { url: '', drop: async () => {} }
  return { env: { MASTER_KEY, DATABASE_URL: url, DATA_DIR: join(folder, name), NODE_ENV: 'test' }, drop }
}

/** Rows as calls leave them, through the log itself; as much text goes to `clear`, for what compresses it alone. */
async function fill(env: Record<string, string>, count: number, clear: string): Promise<void> {
  const { DATABASE_URL, DATA_DIR, keys } = readSettings(env)
  const database = openDatabase({ url: DATABASE_URL, dataDir: DATA_DIR })
  await migrate(database)
  if (database.engine === 'sqlite') await database.raw('pragma synchronous = off')
  const log = await openAuditLog({ database, vault: createVault(keys), log: { info: () => {}, error: () => {} } })
  for (let done = 0; done < count; done += TOGETHER) {
    const entries = Array.from({ length: Math.min(TOGETHER, count - done) }, (_, index) => entry(done + index))
    await Promise.all(entries.map((each) => log.write(each)))
  }
  await log.close()
  await writeClear(database, clear)
  await database.destroy()
}

const entry = (index: number) => ({
  ...NO_CALL,
  ...{ app: 'app-mobile', user: (index % 100_000).toString(16).padStart(32, '0'), connector: 'housing-fund', service: 'personal-account' },
  ...{
    action: 'call' as const,
    at: Date.now(),
    traceId: index.toString(16).padStart(32, '0'),
    fields: Array<string>(24).fill('field-name'),
  },
})

async function writeClear(database: Database, path: string): Promise<void> {
  writeFileSync(path, '')
  for (let seen = 0, rows: object[] = [{}]; rows.length > 0; seen += rows.length) {
    rows = await database('audit_rows').orderBy(['chain', 'seq']).offset(seen).limit(50_000)
    writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''), { flag: 'a' })
  }
}

/** One command, as an operator runs it. `peakMiB`: the most memory it ever had, as the system counts it. */
async function run(env: Record<string, string>, ...args: string[]): Promise<Run> {
  const start = performance.now()
  const child = spawn(process.execPath, [HUB, ...args, '--json'], {
    env: { ...process.env, ...env, NODE_OPTIONS: HEAP },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let peakMiB = 0
  const look = setInterval(() => {
    peakMiB = Math.max(peakMiB, highWater(child.pid))
  }, 50)
  const [code] = await once(child, 'exit')
  clearInterval(look)
  if (code !== 0) throw new Error(`hub ${args[0]} ended with ${code}`)
  return { seconds: (performance.now() - start) / 1000, peakMiB }
}

function highWater(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

async function gzipSeconds(path: string): Promise<number> {
  const start = performance.now()
  await pipeline(createReadStream(path), createGzip(), new Writable({ write: (_chunk, _encoding, done) => done() }))
  return (performance.now() - start) / 1000
}
