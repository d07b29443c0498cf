import type { Database } from '../../core/base/database.ts'
import { manifestLines, readManifests } from './manifest.ts'
import { hashAt, readRows } from './rows.ts'
import { readHeads } from './store.ts'

export interface ExportSpan {
  /** Epoch milliseconds, both inclusive; without them there is no such bound. */
  from?: number | undefined
  to?: number | undefined
}

/**
 * The audit log as lines of JSON, to be checked without the hub (plugins/audit/offline.ts):
 *
 *     {"export":{"at":…,"from":…,"to":…}}       what was asked for; null: no bound
 *     {"text":…,"key":…,"signature":…}          the manifest of each archive, in their order
 *     {"chain":…,"hash":…,"previous":…,"record":…,"seq":…}   rows, chain by chain
 *     {"end":{"chains":…,"rows":…}}             so that half a file is known for what it is
 *
 * Of each chain it holds all rows from the first to the last of the span, without a gap.
 */
export async function* exportAudit(database: Database, { from, to }: ExportSpan): AsyncGenerator<string> {
  const manifests = await manifestLines(database)
  const { ends } = readManifests(manifests, null)
  yield JSON.stringify({ export: { at: Date.now(), from: from ?? null, to: to ?? null } })
  yield* manifests
  let chains = 0
  let rows = 0
  for (const { chain, seq } of await readHeads(database)) {
    const end = ends.get(chain)
    const those = () => database('audit_rows').where({ chain }).where('seq', '<=', seq)
    const first = from === undefined ? (end?.seq ?? 0) + 1 : await edge(those().where('at', '>=', from).orderBy('seq'))
    const last = to === undefined ? seq : await edge(those().where('at', '<=', to).orderBy('seq', 'desc'))
    if (first === null || last === null || first > last) continue
    chains++
    const before = (await hashAt(database, chain, first - 1, end)) ?? ''
    for await (const row of readRows(database, chain, first, last, before)) {
      rows++
      yield JSON.stringify(row)
    }
  }
  yield JSON.stringify({ end: { chains, rows } })
}

async function edge(rows: { first(column: 'seq'): PromiseLike<{ seq: number | string } | undefined> }): Promise<number | null> {
  const row = await rows.first('seq')
  return row ? Number(row.seq) : null
}
