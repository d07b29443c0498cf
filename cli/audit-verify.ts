import { existsSync, readFileSync } from 'node:fs'
import { verifyArchives } from '../plugins/audit/archive.ts'
import { linesOf } from '../plugins/audit/archive-file.ts'
import { evidenceKey, headsAddress } from '../plugins/audit/evidence.ts'
import { type PublicKey, readPublicKeys } from '../plugins/audit/evidence-key.ts'
import { type Archived, manifestLines, readManifests } from '../plugins/audit/manifest.ts'
import { verifyExport } from '../plugins/audit/offline.ts'
import { openHeadsPlace } from '../plugins/audit/open-heads.ts'
import { reasonOf } from '../plugins/audit/store.ts'
import { type AuditFault, verifyAudit } from '../plugins/audit/verify.ts'
import { type Pin, readWitness, type Witness } from '../plugins/audit/witness.ts'
import { command, progress } from './command.ts'
import type { Io } from './io.ts'
import { present, reporter, withStore } from './kit.ts'
import { UsageError } from './usage.ts'

export const verify = command({
  usage: 'verify',
  describe: '校验审计链，并与第二处的检查点对照；有问题时逐条列出并以 1 退出',
  examples: [
    ['audit verify --expect 6f1d…', '检查点里须有这一个（审计员自己记下的）'],
    ['audit verify --archive /srv/archive', '连同归档文件逐行校验'],
    ['audit verify --export audit.ndjson.gz --public-key public.pem --heads heads.ndjson', '离线：不用数据库，也不用主密钥'],
  ],
  options: (own) =>
    own
      .option('expect', { type: 'string', describe: '须在检查点之中的一个：它的哈希，或存有它的文件' })
      .option('heads', { type: 'string', describe: '检查点的文件；不写则取 AUDIT_HEADS' })
      .option('public-key', { type: 'string', describe: '公钥的 PEM 文件，可以有几个公钥；不写则取 AUDIT_KEY_FILE' })
      .option('archive', { type: 'string', describe: '归档文件所在的文件夹：其中的记录也逐行校验' })
      .option('export', { type: 'string', describe: '校验导出的文件，而不是数据库' })
      .option('progress', progress),
  run: ({ json, progress, expect, heads, publicKey, archive, export: file }, io) => {
    if (file !== undefined) return verifyFile(io, json, { file, heads, publicKey, expect })
    return withStore(
      io,
      async ({ database, vault }) => {
        const keys = publicKey === undefined ? ownKeys(io) : readKeys(publicKey)
        const { witness, pins, faults } = await witnessOf(heads === undefined ? headsAddress(io.settings()) : `file:${heads}`, keys, expect)
        const archived = readManifests(await manifestLines(database), keys)
        const report = reporter(io, progress)
        const onProgress = (done: number, of: number, rows: number) => report(`已校验 ${done}/${of} 条链，${rows} 行`)
        const checked = await verifyAudit({ database, vault, witnessed: pins, archived, onProgress })
        if (witness?.lines === 0 && checked.chains > 0) faults.push('没有检查点：中枢升级后还没有启动过，或检查点被删去、AUDIT_HEADS 不对')
        if (archive !== undefined) faults.push(...(await verifyArchives(archive, archived.manifests)))
        const all = [...faults.map(faultOf), ...checked.faults]
        return conclude(io, json, { ...checked, faults: all }, witness, archived)
      },
      'lookup',
    )
  },
})

interface Offline {
  file: string
  heads: string | undefined
  publicKey: string | undefined
  expect: string | undefined
}

async function verifyFile(io: Io, json: boolean, { file, heads, publicKey, expect }: Offline): Promise<number> {
  if (heads === undefined || publicKey === undefined) throw new UsageError('离线校验须同时写明 --export、--public-key 和 --heads')
  for (const path of [file, heads]) if (!existsSync(path)) throw new UsageError(`没有这个文件：${path}`)
  const keys = readKeys(publicKey)
  const wanted = expect === undefined ? undefined : await expectedOf(expect, keys)
  const { witness, ...checked } = await verifyExport({
    lines: linesOf(file),
    heads: linesOf(heads),
    keys,
    ...(wanted ? { expect: wanted.hash } : {}),
  })
  return conclude(io, json, checked, witness, null)
}

/** What the second place vouches for, with what the auditor brought along. */
async function witnessOf(address: string, keys: readonly PublicKey[], expect: string | undefined) {
  const wanted = expect === undefined ? undefined : await expectedOf(expect, keys)
  const pins = new Map<string, Pin>(wanted?.heads)
  const place = openHeadsPlace(address)
  try {
    const witness = await readWitness(place.lines(), { keys, ...(wanted ? { expect: wanted.hash } : {}) })
    for (const [chain, pin] of witness.heads) if (pin.seq >= (pins.get(chain)?.seq ?? 0)) pins.set(chain, pin)
    return { witness, pins, faults: [...witness.faults, ...(wanted?.faults ?? [])] }
  } catch (error) {
    return { witness: null, pins, faults: [`读不到检查点（${place.name}）：${reasonOf(error)}`] }
  } finally {
    await place.close()
  }
}

async function expectedOf(
  text: string,
  keys: readonly PublicKey[],
): Promise<{ hash: string; heads: Witness['heads']; faults: readonly string[] }> {
  if (/^[0-9a-f]{64}$/.test(text)) return { hash: text, heads: new Map(), faults: [] }
  if (!existsSync(text)) throw new UsageError(`--expect 须是检查点的哈希（64 位十六进制）或存有它的文件，没有 ${text}`)
  const { last, heads, faults } = await readWitness(linesOf(text), { keys })
  if (!last) throw new UsageError(`${text} 里没有签名相符的检查点`)
  return { hash: last.hash, heads, faults }
}

function ownKeys(io: Io): PublicKey[] {
  const key = evidenceKey(io.settings())
  return [key, ...key.former]
}

function readKeys(path: string): PublicKey[] {
  try {
    return readPublicKeys(readFileSync(path, 'utf8'))
  } catch {
    throw new UsageError(`读不到公钥（PEM，Ed25519 或 SM2）：${path}`)
  }
}

function conclude(
  io: Io,
  json: boolean,
  { chains, rows, faults }: { chains: number; rows: number; faults: AuditFault[] },
  witness: Witness | null,
  archived: Archived | null,
): number {
  const checkpoints = witness && { lines: witness.lines, first: witness.first, last: witness.last }
  const inArchives = (archived?.manifests ?? []).reduce((sum, manifest) => sum + manifest.rows, 0)
  const found = faults.map(({ chain, seq, kind, detail }) =>
    chain === '' ? `${kind}：${detail}` : `链 ${chain} 第 ${seq} 行：${kind}，${detail}`,
  )
  const counted = `${chains} 条链，${rows} 行${inArchives > 0 ? `，另有 ${inArchives} 行在归档里` : ''}`
  const sum = faults.length === 0 ? `审计链完好：${counted}` : `审计链有 ${faults.length} 处问题（${counted}）`
  const last = witness?.last ? [`最新的检查点：第 ${witness.last.n} 个，${witness.last.hash}`] : []
  present(io, json, { chains, rows, archived: inArchives, checkpoints, faults }, [...found, sum, ...last])
  return faults.length === 0 ? 0 : 1
}

function faultOf(detail: string): AuditFault {
  return { chain: '', seq: 0, kind: 'heads', detail }
}
