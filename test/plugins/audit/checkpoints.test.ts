import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { appendFileSync, chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Database } from '../../../core/base/database.ts'
import { type CheckpointState, createCheckpoints } from '../../../plugins/audit/checkpoints.ts'
import { newEvidenceKey, readEvidenceKey, readPublicKeys } from '../../../plugins/audit/evidence-key.ts'
import { openHeadsPlace } from '../../../plugins/audit/open-heads.ts'
import { verifyAudit } from '../../../plugins/audit/verify.ts'
import { readWitness } from '../../../plugins/audit/witness.ts'
import { entry, place, vault } from '../../helper/audit-log.ts'
import { type Target, targets } from '../../helper/targets.ts'

const key = readEvidenceKey(newEvidenceKey())
/** PKCS#8 of an SM2 key that was invented for this test. */
const SM2 = `-----BEGIN PRIVATE KEY-----
${Buffer.from(`304d020100301306072a8648ce3d020106082a811ccf5501822d0433303102010104203945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8a00a06082a811ccf5501822d`, 'hex').toString('base64')}
-----END PRIVATE KEY-----`

/** A store with two places: a file beside, and with servers a database of its own. */
async function stage(t: Test, target: Target) {
  const store = await place(t, target)
  const second = await target.create()
  t.teardown(() => second.drop())
  const address = second.settings.DATABASE_URL || `file:${join(second.settings.DATA_DIR, 'far', 'heads.ndjson')}`
  const said: string[] = []
  const say = (...words: unknown[]) => void said.push(JSON.stringify(words))
  const open = ({ key: own = key, ...more }: { database?: Database; key?: typeof key } = {}) => {
    const heads = openHeadsPlace(address)
    t.teardown(() => heads.close())
    return createCheckpoints({ database: store.database, place: heads, keyNow: () => own, log: { info: say, error: say }, ...more })
  }
  const witness = async (keys = [key] as Parameters<typeof readWitness>[1]['keys'], expect?: string) => {
    const heads = openHeadsPlace(address)
    const read = await readWitness(heads.lines(), { keys, ...(expect ? { expect } : {}) })
    await heads.close()
    return read
  }
  const prove = async () => (await verifyAudit({ database: store.database, vault, witnessed: (await witness()).heads })).faults
  return { ...store, said, address, checkpoints: open, witness, prove, path: address.replace('file:', '') }
}

async function write(log: { write(of: ReturnType<typeof entry>): Promise<void> }, rows: number) {
  await Promise.all(Array.from({ length: rows }, () => log.write(entry())))
}

for (const target of targets) {
  t.test(`what the log alone cannot show (${target.name})`, async (t) => {
    const { database, open, checkpoints, prove, witness } = await stage(t, target)
    const first = await open()
    await write(first, 3)
    await first.close()
    const early = await database('audit_chains').select('*')
    const last = await open()
    await write(last, 5)
    const older = await database('audit_chains').where({ id: last.chain }).first()
    await write(last, 4)
    await last.close()
    await checkpoints().write()
    const rows = await database('audit_rows').select('*')
    const chains = await database('audit_chains').select('*')
    const restore = async () => {
      for (const [table, kept] of Object.entries({ audit_rows: rows, audit_chains: chains })) {
        await database(table).delete()
        for (const row of kept) await database(table).insert(row)
      }
    }
    t.same(await prove(), [], 'as it was written')

    await database('audit_rows').where({ chain: last.chain }).where('seq', '>', older.head_seq).delete()
    await database('audit_chains').where({ id: last.chain }).update(older)
    t.same((await verifyAudit({ database, vault })).faults, [], 'a genuine older head fits: nothing in the database tells')
    t.match(await prove(), [{ chain: last.chain, seq: 7, kind: 'cut', detail: /第 7 至 11 条/ }])
    await restore()

    for (const table of ['audit_rows', 'audit_chains'])
      await database(table)
        .where({ [table === 'audit_rows' ? 'chain' : 'id']: last.chain })
        .delete()
    t.match(await prove(), [{ chain: last.chain, kind: 'chain-missing' }], 'the newest chain is dropped')
    await restore()

    await database('audit_rows').where({ chain: last.chain }).delete()
    await database('audit_chains').delete()
    for (const row of early) await database('audit_chains').insert(row)
    t.match(await prove(), [{ chain: last.chain, kind: 'chain-missing' }], 'a backup is put back')
    await restore()
    t.same(await prove(), [])

    const { last: newest } = await witness()
    t.same((await witness([key], newest?.hash)).faults, [])
    t.match((await witness([key], 'f'.repeat(64))).faults, [/没有要找的检查点/])
  })

  t.test(`processes that share a place write one chain of lines (${target.name})`, async (t) => {
    const { open, checkpoints, witness, prove, said } = await stage(t, target)
    const logs = [await open(), await open()]
    const writers = Array.from({ length: 4 }, () => checkpoints())
    for (let turn = 0; turn < 5; turn++) {
      await Promise.all(logs.map((log) => write(log, 2)))
      await Promise.all(writers.map((each) => each.write()))
    }
    const { lines, first, last, faults, heads } = await witness()
    t.match({ lines, first, last, faults }, { lines: 20, first: 1, last: { n: 20 }, faults: [] })
    t.equal(heads.size, 2)
    t.same(await prove(), [])
    t.same(said, [], 'nobody is accused of what another process was faster with')
    await writers[0]?.writeIfDue()
    t.equal((await witness()).lines, 20, 'somebody wrote one just now')
  })

  t.test(`a head that went back is told of at once (${target.name})`, async (t) => {
    const { database, open, checkpoints, said } = await stage(t, target)
    const log = await open()
    await write(log, 3)
    const writer = checkpoints()
    await writer.write()
    await database('audit_chains').update({ head_seq: 2 })
    await writer.write()
    t.match(said.join('\n'), /比先前的检查点短/)
  })
}

const embedded = targets[0] as Target

t.test('lines that were cut out, altered or forged, and a stranger’s key', async (t) => {
  const { open, checkpoints, witness, path } = await stage(t, embedded)
  const log = await open()
  const writer = checkpoints()
  for (let turn = 0; turn < 6; turn++) {
    await write(log, 1)
    await writer.write()
  }
  const text = readFileSync(path, 'utf8')
  const lines = text.trimEnd().split('\n')
  t.same((await witness()).faults, [])
  t.equal(statSync(path).mode & 0o777, 0o600)

  writeFileSync(path, `${lines.toSpliced(2, 2).join('\n')}\n`)
  t.match(await witness(), { faults: [/检查点 2 与 5 不相接/], last: { n: 6 } })
  writeFileSync(path, `${lines.map((line, index) => (index === 3 ? line.replace(/rows\\":\d+/, 'rows\\":1') : line)).join('\n')}\n`)
  t.match((await witness()).faults, [/检查点 4 的签名不符/, /检查点 3 与 5 不相接/])
  writeFileSync(path, text)
  await checkpoints({ key: readEvidenceKey(newEvidenceKey()) }).write()
  t.match(
    await witness(),
    { faults: [/检查点 6 与 1 不相接/, /检查点 1 的签名不符/], last: { n: 6 } },
    'a forged last line counts for nothing',
  )

  writeFileSync(path, `${text}{"text":"half a li`)
  await checkpoints().write()
  t.match(await witness(), { faults: [], last: { n: 7 } }, 'half a line of a power cut does no harm')

  renameSync(path, `${path}.1`)
  await writer.write()
  t.match(await witness(), { faults: [], lines: 1, first: 7 }, 'a file that was moved away goes on in a new one')
  rmSync(path)
})

t.test('keys of both kinds, and one after the other', async (t) => {
  const { open, checkpoints, witness } = await stage(t, embedded)
  await write(await open(), 1)
  const sm2 = readEvidenceKey(`${SM2}\n${key.pem}`)
  t.equal(sm2.algorithm, 'SM2')
  await checkpoints().write()
  await checkpoints({ key: sm2 }).write()
  const pem = key.pem + sm2.pem
  t.same((await witness(readPublicKeys(pem))).faults, [])
  t.match((await witness(readPublicKeys(key.pem))).faults, [/检查点 2 的签名不符/])
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const wrong of ['', 'not a key', rsa]) t.throws(() => readEvidenceKey(wrong), { message: /^not a private key/ })
  t.throws(() => readPublicKeys(newEvidenceKey()), { message: /^not a public key/ }, 'nobody hands out the private one')
  t.ok(createPrivateKey(newEvidenceKey()))
})

t.test('a place that cannot be written is told, and made up for', async (t) => {
  const { open, checkpoints, said, path, prove } = await stage(t, embedded)
  const log = await open()
  await write(log, 2)
  const folder = path.replace(/\/heads\.ndjson$/, '')
  mkdirSync(folder, { recursive: true })
  // As root every folder can be written: a folder in the file's place cannot.
  mkdirSync(path)
  chmodSync(folder, 0o700)
  const writer = checkpoints()
  const state = (): CheckpointState => writer.state
  await writer.writeIfDue()
  t.match(state(), { healthy: false, last: null })
  await writer.writeIfDue()
  t.equal(said.filter((line) => /未能写入/.test(line)).length, 1, 'once')
  rmSync(path, { recursive: true })
  await writer.writeIfDue()
  t.match(state(), { healthy: true, last: { n: 1 } })
  t.match(said.join('\n'), /恢复写入/)
  t.same(await prove(), [])
})

t.test('a clock that is turned back delays nothing', async (t) => {
  const { open, checkpoints, witness } = await stage(t, embedded)
  const log = await open()
  const writer = checkpoints()
  await writer.write()
  const now = Date.now
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() - 86_400_000
  await write(log, 1)
  const began = performance.now()
  await writer.write()
  t.match(await witness(), { faults: [], last: { n: 2 } })
  t.ok((writer.state.ageMs ?? Number.NaN) <= performance.now() - began, 'its age is by a clock that nobody turns')
})

t.test('appended rubbish is no checkpoint', async (t) => {
  const { open, checkpoints, witness, path } = await stage(t, embedded)
  await write(await open(), 1)
  await checkpoints().write()
  appendFileSync(path, '[]\nnull\n{"text":"{}","key":"x","signature":""}\n')
  t.match(await witness(), { lines: 1, faults: [] })
})
