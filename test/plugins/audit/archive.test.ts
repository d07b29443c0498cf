import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { archiveAudit, verifyArchives } from '../../../plugins/audit/archive.ts'
import { createCheckpoints } from '../../../plugins/audit/checkpoints.ts'
import { newEvidenceKey, readEvidenceKey } from '../../../plugins/audit/evidence-key.ts'
import { exportAudit } from '../../../plugins/audit/export.ts'
import { manifestLines, readManifests } from '../../../plugins/audit/manifest.ts'
import { firstKept, startOf } from '../../../plugins/audit/months.ts'
import { verifyExport } from '../../../plugins/audit/offline.ts'
import { openHeadsPlace } from '../../../plugins/audit/open-heads.ts'
import { verifyAudit } from '../../../plugins/audit/verify.ts'
import { entry, place, rowsOf, vault } from '../../helper/audit-log.ts'
import { type Target, targets } from '../../helper/targets.ts'

const key = readEvidenceKey(newEvidenceKey())
const DAY = 86_400_000
const silent = { info: () => {}, error: () => {} }

async function* each(lines: Iterable<string>) {
  yield* lines
}

/** Two chains over three months, the second still being written; a checkpoint at the end of every month. */
async function stage(t: Test, target: Target) {
  const store = await place(t, target)
  const dir = mkdtempSync(join(tmpdir(), 'hub-archive-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const heads = join(dir, 'heads.ndjson')
  const checkpoints = createCheckpoints({
    database: store.database,
    place: openHeadsPlace(`file:${heads}`),
    keyNow: () => key,
    log: silent,
  })
  const real = Date.now
  t.teardown(() => {
    Date.now = real
  })
  let now = startOf('2026-03') + DAY
  Date.now = () => now
  const months = ['2026-03', '2026-04', '2026-05']
  const first = await store.open()
  let last = first
  const logs = new Set([first])
  for (const month of months) {
    now = startOf(month) + DAY
    if (month === '2026-04') last = await store.open()
    logs.add(last)
    for (let row = 0; row < 3; row++) for (const log of logs) await log.write(entry({ at: now + row }))
    // A call that began in this month and was written in the next stays behind the first row of that.
    if (month === '2026-04')
      await last.write(entry({ at: startOf('2026-05') + 1 })).then(() => last.write(entry({ at: startOf('2026-05') - 1 })))
    if (month === '2026-04' && logs.delete(first)) await first.close()
    now = startOf(month) + 27 * DAY
    await checkpoints.write()
  }
  const { database } = store
  const manifests = async () => readManifests(await manifestLines(database), [key])
  const lines = async (span = {}) => {
    const all: string[] = []
    for await (const line of exportAudit(database, span)) all.push(line)
    return all
  }
  const offline = (all: readonly string[], more: { heads?: string; expect?: string } = {}) =>
    verifyExport({
      lines: each(all),
      heads: each((more.heads ?? readFileSync(heads, 'utf8')).split('\n')),
      keys: [key],
      ...(more.expect ? { expect: more.expect } : {}),
    })
  return {
    ...store,
    dir,
    heads,
    checkpoints,
    manifests,
    lines,
    offline,
    chain: last.chain,
    archive: (before: string) => archiveAudit({ database, key, dir, before }),
  }
}

t.test('how long rows stay', async (t) => {
  const on = (day: string) => Date.parse(`${day}T12:00:00+08:00`)
  t.equal(firstKept(on('2026-11-26'), 6), '2026-05')
  t.equal(firstKept(on('2026-12-01'), 6), '2026-06')
  t.equal(firstKept(Date.parse('2026-11-30T16:00:00Z'), 6), '2026-06', 'Beijing’s month')
  t.equal(firstKept(on('2026-01-10'), 12), '2025-01')
})

for (const target of targets) {
  t.test(`months move into files, and the chains still verify (${target.name})`, async (t) => {
    const { database, dir, archive, manifests, chain } = await stage(t, target)
    const before = await rowsOf(database)
    t.same((await verifyAudit({ database, vault })).faults, [])
    t.match(await archive('2026-05'), [{ month: '2026-03' }, { month: '2026-04' }])
    t.same(
      readdirSync(dir).filter((name) => name.startsWith('audit-')),
      ['audit-2026-03.manifest.json', 'audit-2026-03.ndjson.gz', 'audit-2026-04.manifest.json', 'audit-2026-04.ndjson.gz'],
    )
    t.equal(statSync(join(dir, 'audit-2026-03.ndjson.gz')).mode & 0o777, 0o600)
    const archived = await manifests()
    t.same(archived.faults, [])
    const moved = archived.manifests.reduce((sum, { rows }) => sum + rows, 0)
    const after = await rowsOf(database)
    t.equal(moved + after.length, before.length, 'each row in one place')
    t.ok(after.every(({ at }) => Number(at) >= startOf('2026-05') - 1))
    const { faults, rows } = await verifyAudit({ database, vault, archived })
    t.same([faults, rows], [[], after.length])
    t.same(await verifyArchives(dir, archived.manifests), [])
    t.same(await archive('2026-05'), [], 'nothing twice')

    await database('audit_rows')
      .where({ chain, seq: after.find((row) => row.chain === chain)?.seq })
      .delete()
    t.match((await verifyAudit({ database, vault, archived })).faults, [{ kind: 'missing' }], 'the first row after an archive')
    await database('audit_archives').where({ month: '2026-04' }).delete()
    t.match(
      (await verifyAudit({ database, vault })).faults,
      [{ kind: 'missing' }, { kind: 'missing' }],
      'an archive that is no longer registered',
    )
  })

  t.test(`rows that were altered are not archived, and a run that was stopped goes on (${target.name})`, async (t) => {
    const { database, archive } = await stage(t, target)
    const row = (await rowsOf(database)).find(({ at }) => Number(at) < startOf('2026-04'))
    const at = { chain: row?.chain, seq: row?.seq }
    await database('audit_rows')
      .where(at)
      .update({ record: row?.record.replace('"action"', '"Action"') })
    await t.rejects(archive('2026-04'), { message: /不完好，没有归档/ })
    t.equal((await database('audit_archives')).length, 0)
    await database('audit_rows').where(at).update({ record: row?.record })
    t.equal((await archive('2026-04')).length, 1)
    await database('audit_rows').insert(row)
    await archive('2026-04')
    t.same(await database('audit_rows').where(at), [], 'what had been left')
  })

  t.test(`an export is checked with the public key alone (${target.name})`, async (t) => {
    const { archive, lines, offline, checkpoints, heads, chain } = await stage(t, target)
    const all = await lines()
    t.match(await offline(all), { chains: 2, faults: [] })
    const may = { from: startOf('2026-05') + DAY - 1, to: startOf('2026-06') - 1 }
    t.match(await offline(await lines(may)), { chains: 1, faults: [] })
    const kinds = async (changed: readonly string[]) => [...new Set((await offline(changed)).faults.map(({ kind }) => kind))]
    const of = (line: string) => line.includes(`"chain":"${chain}"`)
    const tail = all.findLastIndex(of)
    const end = (rows: number, chains: number) => JSON.stringify({ end: { chains, rows } })
    t.same(await kinds([...all.slice(0, tail), end(all.length - 3, 2)]), ['cut'])
    const rest = all.filter((line) => !of(line))
    t.same(await kinds([...rest.slice(0, -1), end(rest.length - 2, 1)]), ['chain-missing'])
    t.same(await kinds(all.slice(0, -1)), ['missing'], 'half a file')
    t.same(await kinds(all.with(3, (all[3] ?? '').replace('ok', 'no'))), ['altered'])
    t.same(await kinds(all.toSpliced(3, 1)), ['missing'])

    await archive('2026-05')
    const later = await lines()
    t.match(await offline(later), { faults: [] }, 'from the end of the archives on')
    t.same(await kinds(later.filter((line) => !line.startsWith('{"text"'))), ['missing', 'chain-missing'], 'not without their manifests')
    await checkpoints.write()
    const text = readFileSync(heads, 'utf8')
    const { witness } = await offline(later)
    const cut = { heads: text.split('\n').slice(0, 3).join('\n'), expect: witness.last?.hash ?? '' }
    t.match((await offline(later, cut)).faults, [{ kind: 'heads', detail: /没有要找的检查点/ }])
  })
}

t.test('files that were changed, spoilt or lost', async (t) => {
  const { dir, archive, manifests } = await stage(t, targets[0] as Target)
  await archive('2026-05')
  const path = join(dir, 'audit-2026-03.ndjson.gz')
  const bytes = readFileSync(path)
  const found = async () => (await verifyArchives(dir, (await manifests()).manifests)).join('\n')
  writeFileSync(path, gzipSync(gunzipSync(bytes).toString().replace('ok', 'no')))
  t.match(await found(), /被改动：摘要与清单不符[\s\S]*记录或其摘要被改动/)
  writeFileSync(path, bytes.subarray(0, 100))
  t.match(await found(), /2026-03 的归档 audit-2026-03.ndjson.gz 读不出/)
  rmSync(path)
  t.match(await found(), /读不出：ENOENT/)
})
