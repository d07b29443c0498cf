import type { Database } from '../../core/base/database.ts'
import { GENESIS } from './chain.ts'
import { isHead } from './checkpoint.ts'
import type { Head } from './entry.ts'
import type { PublicKey } from './evidence-key.ts'
import { isGenuine, parse, readLine } from './signed.ts'

/**
 * What an archive says of itself, signed (plugins/audit/signed.ts):
 *
 *     {"at":…,"bytes":…,"chains":[{"before":…,"chain":…,"first":…,"hash":…,"seq":…}],"file":…,"month":…,"previous":…,"rows":…,"sha256":…}
 *
 * Of each chain it holds the rows `first` to `seq`; `before` is the hash that row `first` builds on, `hash` that of row `seq`.
 * `previous` is the hash of the manifest before, 64 zeros before the first; `sha256` that of the file as it lies there.
 */
export interface Manifest {
  readonly at: number
  readonly bytes: number
  readonly chains: readonly ArchivedChain[]
  readonly file: string
  readonly month: string
  readonly previous: string
  readonly rows: number
  readonly sha256: string
}

export interface ArchivedChain extends Head {
  readonly first: number
  readonly before: string
}

/** Where the archives end: what the rows that are still in the database build on. */
export interface Archived {
  readonly ends: ReadonlyMap<string, Head>
  readonly manifests: readonly (Manifest & { hash: string })[]
  /** Chinese sentences for an operator. */
  readonly faults: readonly string[]
}

export async function manifestLines(database: Database): Promise<string[]> {
  return database('audit_archives').orderBy('id').pluck('manifest')
}

/** Follows the manifests from the first. Without keys their signatures are not looked at. */
export function readManifests(lines: readonly string[], keys: readonly PublicKey[] | null): Archived {
  const ends = new Map<string, Head>()
  const manifests: (Manifest & { hash: string })[] = []
  const faults: string[] = []
  let previous = GENESIS
  for (const [index, line] of lines.entries()) {
    const signed = readLine(line)
    const manifest = signed && (parse(signed.text) as Manifest | null)
    if (!signed || !manifest || !isManifest(manifest)) {
      faults.push(`第 ${index + 1} 份归档的清单读不懂`)
      continue
    }
    const { month } = manifest
    // What nobody vouches for ends no chain: its rows will be found missing.
    if (keys && !isGenuine(signed, keys)) {
      faults.push(`${month} 的归档清单签名不符：不是由平台写入，或公钥不对`)
      continue
    }
    if (manifest.previous !== previous) faults.push(`${month} 的归档清单与前一份不相接`)
    for (const part of manifest.chains) {
      const end = ends.get(part.chain) ?? { seq: 0, hash: GENESIS }
      if (part.first !== end.seq + 1 || part.before !== end.hash) faults.push(`${month} 的归档里链 ${part.chain} 与前一份不相接`)
      ends.set(part.chain, { chain: part.chain, seq: part.seq, hash: part.hash })
    }
    previous = signed.hash
    manifests.push({ ...manifest, hash: signed.hash })
  }
  return { ends, manifests, faults }
}

function isManifest({ chains, file, month, previous, sha256 }: Partial<Manifest>): boolean {
  const words = [file, month, previous, sha256].every((each) => typeof each === 'string')
  return (
    words && Array.isArray(chains) && chains.every((part) => isHead(part) && typeof (part as Partial<ArchivedChain>).first === 'number')
  )
}
