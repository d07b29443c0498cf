import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../core/base/database.ts'
import { digestOf, flush, linesOf, writeRows } from './archive-file.ts'
import { GENESIS, hashRecord } from './chain.ts'
import type { Head } from './entry.ts'
import type { EvidenceKey } from './evidence-key.ts'
import { type ArchivedChain, type Manifest, manifestLines, readManifests } from './manifest.ts'
import { monthAfter, monthOf, startOf } from './months.ts'
import { hashAt, type RowLine, readRows, walkRows } from './rows.ts'
import { signLine } from './signed.ts'
import { readHeads } from './store.ts'

/** Something is not as it was written: nothing more is archived, and nothing removed. The message is for an operator. */
export class ArchiveError extends Error {}

export interface ArchiveOptions {
  database: Database
  key: EvidenceKey
  dir: string
  /** The first month that stays. */
  before: string
  onProgress?(month: string, rows: number): void
}

/** Rows that go at once; in between others get at the table. */
const BATCH = 500

/**
 * Moves the rows of whole months out of the table, the oldest first: a file of rows, read back and recomputed; its manifest
 * (form: plugins/audit/manifest.ts), signed and chained, in the folder and in the database; only then do the rows go. A chain
 * is cut where its first row of the next month stands, so what stays builds on the archive's end. Whatever moment it is
 * stopped at, the next run goes on.
 */
export async function archiveAudit({ database, key, dir, before, onProgress }: ArchiveOptions): Promise<Manifest[]> {
  const archived = readManifests(await manifestLines(database), [key, ...key.former])
  if (archived.faults.length > 0) throw new ArchiveError(archived.faults.join('\n'))
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const ends = new Map(archived.ends)
  let previous = archived.manifests.at(-1)?.hash ?? GENESIS
  const done = new Set(archived.manifests.map(({ month }) => month))
  await removeRows(database, ends)

  const made: Manifest[] = []
  for (let month = await oldestMonth(database); month !== null && month < before; month = monthAfter(month)) {
    if (done.has(month)) continue
    const parts = await partsOf(database, startOf(monthAfter(month)), ends)
    if (parts.length === 0) continue
    const { manifest, line, hash } = await writeMonth({ database, key, dir, month, parts, previous })
    await database('audit_archives').insert({ month, at: manifest.at, manifest: line })
    for (const { chain, seq, hash } of parts) ends.set(chain, { chain, seq, hash })
    await removeRows(database, new Map(parts.map((part) => [part.chain, part])))
    previous = hash
    made.push(manifest)
    onProgress?.(month, manifest.rows)
  }
  return made
}

async function oldestMonth(database: Database): Promise<string | null> {
  const row = await database('audit_rows').orderBy('at').first('at')
  return row ? monthOf(Number(row.at)) : null
}

/** Of each chain the rows up to the first one at or after `end`. */
async function partsOf(database: Database, end: number, ends: ReadonlyMap<string, Head>): Promise<ArchivedChain[]> {
  const parts: ArchivedChain[] = []
  for (const head of await readHeads(database)) {
    const { chain } = head
    const from = ends.get(chain)?.seq ?? 0
    const rows = () => database('audit_rows').where({ chain }).where('seq', '>', from)
    const next = await rows().where('at', '>=', end).orderBy('seq').first('seq')
    const seq = next ? Number(next.seq) - 1 : head.seq
    if (seq <= from) continue
    const hash = await hashAt(database, chain, seq)
    const follower = next && (await database('audit_rows').where({ chain, seq: next.seq }).first('record', 'hash'))
    const fits = hash !== null && (follower ? hashRecord(hash, follower.record) === follower.hash : hash === head.hash)
    if (!fits) throw new ArchiveError(`链 ${chain} 第 ${seq} 条记录与其后的不相接，不能归档；请先 audit verify`)
    parts.push({ before: ends.get(chain)?.hash ?? GENESIS, chain, first: from + 1, hash, seq })
  }
  return parts
}

interface Month {
  database: Database
  key: EvidenceKey
  dir: string
  month: string
  parts: readonly ArchivedChain[]
  previous: string
}

async function writeMonth({ database, key, dir, month, parts, previous }: Month) {
  const file = `audit-${month}.ndjson.gz`
  const path = join(dir, file)
  await writeRows(path, rowsOf(database, parts))
  const rows = await checkFile(path, month, parts)
  const { sha256, bytes } = await digestOf(path)
  const manifest: Manifest = { at: Date.now(), bytes, chains: parts, file, month, previous, rows, sha256 }
  const { line, hash } = signLine(key, manifest)
  const beside = join(dir, `audit-${month}.manifest.json`)
  await writeFile(`${beside}.part`, `${line}\n`, { mode: 0o600 })
  await flush(`${beside}.part`)
  await rename(`${beside}.part`, beside)
  return { manifest, line, hash }
}

async function* rowsOf(database: Database, parts: readonly ArchivedChain[]): AsyncGenerator<RowLine> {
  for (const { chain, first, seq, before } of parts) yield* readRows(database, chain, first, seq, before)
}

/** Reads back what was written. → how many rows; throws unless it is exactly what the manifest will say. */
async function checkFile(path: string, month: string, parts: readonly ArchivedChain[]): Promise<number> {
  const faults: string[] = []
  const accuse = (chain: string, seq: number, _kind: string, detail: string) => void faults.push(`链 ${chain} 第 ${seq} 条：${detail}`)
  const { stretches, rows } = await walkRows(linesOf(path), { accuse })
  faults.push(...differences(stretches, parts))
  if (faults.length > 0)
    throw new ArchiveError(`${month} 的记录不完好，没有归档，也没有删去；请先 audit verify：\n${faults.slice(0, 5).join('\n')}`)
  return rows
}

function differences(found: ReadonlyMap<string, ArchivedChain>, parts: readonly ArchivedChain[]): string[] {
  const faults = parts.filter((part) => {
    const stretch = found.get(part.chain)
    return !stretch || (['first', 'before', 'seq', 'hash'] as const).some((name) => stretch[name] !== part[name])
  })
  return faults.map(({ chain, first, seq }) => `链 ${chain} 的第 ${first} 至 ${seq} 条不全在文件里，或与清单不符`)
}

async function removeRows(database: Database, ends: ReadonlyMap<string, Head>): Promise<void> {
  for (const { chain, seq } of ends.values()) {
    const rows = () => database('audit_rows').where({ chain }).where('seq', '<=', seq)
    for (let first = await rows().orderBy('seq').first('seq'); first; first = await rows().orderBy('seq').first('seq')) {
      await rows()
        .where('seq', '<', Number(first.seq) + BATCH)
        .delete()
      await sleep(2)
    }
  }
}

/** Whether the files are what their manifests say, row by row. → Chinese sentences for an operator. */
export async function verifyArchives(dir: string, manifests: readonly Manifest[]): Promise<string[]> {
  const faults: string[] = []
  for (const { month, file, sha256, chains } of manifests) {
    const path = join(dir, file)
    try {
      if ((await digestOf(path)).sha256 !== sha256) faults.push(`${month} 的归档 ${file} 被改动：摘要与清单不符`)
      const accuse = (chain: string, seq: number, _kind: string, detail: string) =>
        void faults.push(`${month} 的归档，链 ${chain} 第 ${seq} 条：${detail}`)
      const { stretches } = await walkRows(linesOf(path), { accuse })
      faults.push(...differences(stretches, chains).map((fault) => `${month} 的归档，${fault}`))
    } catch (error) {
      faults.push(`${month} 的归档 ${file} 读不出：${(error as NodeJS.ErrnoException).code ?? '已损坏'}`)
    }
  }
  return faults
}
