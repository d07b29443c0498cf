import { type ReadCheckpoint, readCheckpoint } from './checkpoint.ts'
import type { Head } from './entry.ts'
import type { PublicKey } from './evidence-key.ts'
import { isGenuine } from './signed.ts'

/** A head and when a checkpoint said so. */
export interface Pin extends Head {
  readonly at: number
}

/** What the checkpoints of a place vouch for. */
export interface Witness {
  /** The furthest head of each chain. */
  readonly heads: ReadonlyMap<string, Pin>
  readonly lines: number
  /** Number of the first line; above 1 those before are kept elsewhere, or gone. */
  readonly first: number | null
  readonly last: { readonly n: number; readonly at: number; readonly hash: string } | null
  /** Chinese sentences for an operator. */
  readonly faults: readonly string[]
}

export interface WitnessOptions {
  keys: readonly PublicKey[]
  /** Hash of a line that must be among them. */
  expect?: string
  /** Told of every head that a line in good order vouches for. */
  visit?(pin: Pin): void
}

/** Lines between two looks at a signature: it vouches for all before it, through their hashes. */
const BLOCK = 500
const MAX_FAULTS = 100

/**
 * Reads checkpoints in their order. Lines that follow each other by hash are believed up to the last one with a good
 * signature; a gap, a changed line or a strange signature is named, and what is in order on either side still counts.
 */
export async function readWitness(lines: AsyncIterable<string>, { keys, expect, visit }: WitnessOptions): Promise<Witness> {
  const heads = new Map<string, Pin>()
  const faults: string[] = []
  const accuse = (fault: string) => void (faults.length < MAX_FAULTS && faults.push(fault))
  let block: ReadCheckpoint[] = []
  let count = 0
  let first: number | null = null
  const end: { last: Witness['last'] } = { last: null }
  let expected = expect === undefined

  function believe(): void {
    for (let newest = block.at(-1); newest && !isGenuine(newest.signed, keys); newest = block.at(-1)) {
      accuse(`检查点 ${newest.n} 的签名不符：不是由平台写入，或公钥不对`)
      block.pop()
    }
    for (const { n, at, heads: named, signed } of block) {
      first ??= n
      end.last = { n, at, hash: signed.hash }
      expected ||= signed.hash === expect
      for (const head of named) pin({ ...head, at })
    }
    block = []
  }

  function pin(head: Pin): void {
    visit?.(head)
    const before = heads.get(head.chain)
    if (before && before.seq === head.seq && before.hash !== head.hash) {
      accuse(`两个检查点对链 ${head.chain} 第 ${head.seq} 条记录说法不同：记录被改写过`)
    }
    if (!before || head.seq > before.seq) heads.set(head.chain, head)
  }

  for await (const line of lines) {
    const checkpoint = readCheckpoint(line)
    if (!checkpoint) continue
    count++
    if (block.length > 0 && checkpoint.previous !== block.at(-1)?.signed.hash) believe()
    const { last } = end
    if (block.length === 0 && last && checkpoint.previous !== last.hash)
      accuse(`检查点 ${last.n} 与 ${checkpoint.n} 不相接：其间有检查点被删去或改动`)
    block.push(checkpoint)
    if (block.length >= BLOCK) believe()
  }
  believe()
  if (!expected) accuse(`没有要找的检查点 ${expect}：检查点的末尾被截去，或恢复了早先的副本`)
  return { heads, lines: count, first, last: end.last, faults }
}
