/** Writes a MaxMind DB (format 2.0) of IPv4 networks, `[address, prefix length, record]`; what stands in it was looked up in nothing. */
export function writeMmdb(networks: readonly (readonly [address: string, bits: number, record: object])[]): Buffer {
  const nodes: [left: number | null, right: number | null][] = [[null, null]]
  const leaves = new Map<string, number>()
  const data: Buffer[] = []
  let size = 0
  for (const [address, bits, record] of networks) {
    const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    let node = 0
    for (let depth = 0; depth < bits; depth++) {
      const bit = Math.floor(number / 2 ** (31 - depth)) % 2
      const pair = nodes[node] as [number | null, number | null]
      if (depth === bits - 1) leaves.set(`${node}/${bit}`, size)
      else {
        pair[bit] ??= nodes.push([null, null]) - 1
        node = pair[bit] as number
      }
    }
    const bytes = encode(record)
    data.push(bytes)
    size += bytes.length
  }
  const tree = Buffer.alloc(nodes.length * 6)
  for (const [index, pair] of nodes.entries())
    for (const bit of [0, 1]) {
      const leaf = leaves.get(`${index}/${bit}`)
      const value = leaf === undefined ? (pair[bit] ?? nodes.length) : nodes.length + 16 + leaf
      tree.writeUIntBE(value, index * 6 + bit * 3, 3)
    }
  const metadata = {
    ...{ binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: 1, database_type: 'Test-City' },
    ...{ description: { en: 'test' }, ip_version: 4, languages: ['zh-CN'], node_count: nodes.length, record_size: 24 },
  }
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), encode(metadata)])
}

const TYPES = { string: 2, uint32: 6, map: 7, array: 11 }

function encode(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.concat([head(TYPES.string, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number')
    return Buffer.concat([head(TYPES.uint32, 4), Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])])
  if (Array.isArray(value)) return Buffer.concat([head(TYPES.array, value.length), ...value.map(encode)])
  const entries = Object.entries(value as object)
  return Buffer.concat([head(TYPES.map, entries.length), ...entries.flatMap(([key, each]) => [encode(key), encode(each)])])
}

/** Of what is shorter than 29. */
function head(type: number, size: number): Buffer {
  if (size >= 285) throw new Error('too long')
  const [short, more] = size < 29 ? [size, []] : [29, [size - 29]]
  return Buffer.from(type > 7 ? [short, type - 7, ...more] : [type * 32 + short, ...more])
}
