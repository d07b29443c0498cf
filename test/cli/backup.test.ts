import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import t from 'tap'
import type { Database } from '../../core/base/database.ts'
import { createVault } from '../../core/base/vault.ts'
import { dumpStore } from '../../plugins/operations/backup/dump.ts'
import { readSealed, writeSealed } from '../../plugins/operations/backup/sealed-file.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import { readSchema } from '../../plugins/store/schema.ts'
import { cli } from '../helper/cli.ts'
import { build } from '../helper/hub.ts'
import { type Target, targets } from '../helper/targets.ts'

const folder = mkdtempSync(join(tmpdir(), 'hub-backup-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const place = (name: string, content?: string) => {
  const path = join(folder, name)
  if (content !== undefined) writeFileSync(path, content)
  return path
}
const identity = await generateX25519Identity()
const recipient = await identityToRecipient(identity)
const identityFile = place('backup.key', `# invented\n${identity}\n`)
const passphraseFile = place('backup.pass', 'a phrase of several words\n')
const MASTER_KEY = 'main:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
const open = ({ DATABASE_URL, DATA_DIR }: Record<string, string>) => openDatabase({ url: DATABASE_URL ?? '', dataDir: DATA_DIR ?? '' })

const category = (id: string) => ({ id, view: 'topic', name: id, weight: 1, shown: true, changed_by: 'x', changed_at: 1 })
/** More than are read, or written, at once. */
const categories = (count: number) => Array.from({ length: count }, (_, index) => category(`before-${index}`))

/** Of every table but the log, which the acts of backing up and restoring go into. */
async function contents(database: Database): Promise<Record<string, string[]>> {
  const tables = [...new Set((await readSchema(database)).map(({ table }) => table))].filter((table) => !table.startsWith('audit_'))
  const rows: Record<string, string[]> = {}
  for (const table of tables) rows[table] = (await database(table).select('*')).map((row) => JSON.stringify(row)).sort()
  return rows
}

async function rowsOf(settings: Record<string, string>): Promise<number> {
  const database = open(settings)
  try {
    const all = await contents(database)
    return Object.values(all).reduce((sum, rows) => sum + rows.length, 0)
  } finally {
    await database.destroy()
  }
}

/** A store with people, a filing's worth of rows and a log. */
async function makeStore(t: Parameters<typeof build>[0], target: Target): Promise<Record<string, string>> {
  const { settings, drop } = await target.create()
  t.teardown(drop)
  const store = { ...settings, MASTER_KEY }
  const hub = await build({ teardown: () => undefined }, { store })
  await hub.get('/v1/me')
  await hub.get('/v1/medical-insurance/account-balance')
  await hub.app.database.batchInsert('catalogue_categories', categories(1200), 100)
  await hub.app.close()
  return store
}

const [embedded, servers = embedded] = targets as [Target, Target?]
const store = await makeStore(t, embedded)

t.test('a backup is put back into the other engine, and from there into the first one again', async (t) => {
  const original = open(store)
  t.teardown(() => original.destroy())
  const hashes: string[] = await original('audit_rows').pluck('hash')
  let from = store
  for (const [turn, into] of [servers, embedded].entries()) {
    const path = place(`turn-${turn}.age`)
    const made = await cli(from)('backup', '--to', path, '--recipient', recipient, '--json')
    t.equal(made.code, 0, made.err)
    const told = JSON.parse(made.out) as { tables: number; rows: number }
    t.ok(told.tables > 40 && told.rows > 1200, made.out)

    const { settings, drop } = await into.create({ bare: true })
    t.teardown(drop)
    const empty = { ...settings, MASTER_KEY }
    const back = await cli(empty)('restore', '--from', path, '--identity-file', identityFile, '--reason', '演练', '--json')
    t.equal(back.code, 0, back.err)
    t.match(JSON.parse(back.out), { rows: told.rows, faults: [] })

    const restored = open(empty)
    t.teardown(() => restored.destroy())
    t.strictSame(await contents(restored), await contents(original), `${into.name}: every row of every table`)
    t.equal(Number((await restored('audit_rows').whereIn('hash', hashes).count({ count: '*' }).first())?.['count']), hashes.length)
    const acts: string[] = await restored('audit_rows').where({ service: 'restore' }).pluck('record')
    const purposes = acts.map((record) => (JSON.parse(record) as { purpose: string }).purpose)
    t.equal(purposes.length, turn + 1)
    t.match(purposes.at(-1), /^命令行从备份恢复数据库 \d+ 行：演练$/, 'and that it was put back')
    from = empty
  }
})

for (const from of targets) {
  t.test(`a backup is one moment of ${from.name}`, async (t) => {
    const { settings, drop } = await from.create()
    const [reader, writer] = [open(settings), open(settings)]
    t.teardown(async () => {
      await Promise.all([reader.destroy(), writer.destroy()])
      await drop()
    })
    await writer.batchInsert('catalogue_categories', categories(1200), 100)
    let text = ''
    let late = 0
    for await (const line of dumpStore(reader, createVault(Buffer.alloc(32, 7)))) {
      // Some table has been read, so the moment is fixed; whatever comes now is of a later one.
      if (late === 0 && line.startsWith('{"rows"')) {
        late = 1
        await writer('catalogue_categories').insert(category('after'))
      }
      text += line
    }
    const names: string[] = text.match(/^\["(before-\d+|after)"/gm) ?? []
    t.equal(new Set(names).size, 1200, 'each row once, over several pages')
    t.notOk(names.includes('["after"'), 'and none that came while it was made')
  })
}

t.test('what is no backup, or not whole, or not for this store, changes nothing', async (t) => {
  const good = place('good.age')
  const withPhrase = place('phrase.age')
  t.match(await cli(store)('backup', '--to', withPhrase, '--passphrase-file', passphraseFile), { code: 0, out: /主密钥.*不在备份里/ })
  t.match(await cli(store)('backup', '--to', good, '--recipient', recipient), { code: 0 })
  t.match(await cli(store)('backup', '--to', good, '--recipient', recipient), { code: 2, err: /已有这个文件/ })
  t.match(await cli(store)('backup', '--to', folder, '--recipient', recipient, '--recipient', recipient), {
    code: 0,
    out: /hub-\d{8}T\d{6}Z\.age/,
  })
  for (const [args, err] of [
    [[], /须写明其中一个/],
    [['--recipient', recipient, '--passphrase-file', passphraseFile], /须写明其中一个/],
    [['--passphrase-file', place('absent')], /读不到/],
  ] as const)
    t.match(await cli(store)('backup', '--to', place('never.age'), ...args), { code: 2, err }, String(args))
  for (const [args, err] of [
    [['--passphrase-file', place('short', 'too short')], /至少要 12 个字符/],
    [['--recipient', 'age1nobody'], /不是 age 公钥/],
    [['--recipient', identity], /^(?!.*AGE-SECRET-KEY).*不是 age 公钥/s],
  ] as const)
    t.match(await cli(store)('backup', '--to', place('never.age'), ...args), { code: 1, err }, String(args))
  async function* broken() {
    yield '{}\n'
    throw new Error('the store went away')
  }
  await t.rejects(writeSealed(place('never.age'), broken(), { recipients: [recipient] }), /went away/)
  t.notOk(existsSync(place('never.age')) || existsSync(place('never.age.part')), 'nothing is left of them')

  const lines: string[] = []
  for await (const line of readSealed(good, { identities: [identity] })) lines.push(line)
  t.notMatch(lines.join('\n'), MASTER_KEY.split(':')[1] as string, 'the master key is not in it')
  t.match(JSON.parse(lines[0] as string), { format: 'xuchang-hub-backup', version: 1, migrations: ['001-people'] })

  const { settings, drop } = await embedded.create({ bare: true })
  t.teardown(drop)
  const empty = { ...settings, MASTER_KEY }
  const restore = (from: string, opener: string[]) => cli(empty)('restore', '--from', from, ...opener, '--reason', '演练')
  const withKey = ['--identity-file', identityFile]
  /** The same backup with other lines. */
  const altered = async (name: string, change: (lines: string[]) => string[]) => {
    async function* changed() {
      for (const line of change([...lines])) yield `${line}\n`
    }
    await writeSealed(place(name), changed(), { recipients: [recipient] })
    return place(name)
  }
  const manifest = (change: object) => (all: string[]) => [JSON.stringify({ ...JSON.parse(all[0] as string), ...change }), ...all.slice(1)]
  /** Changes the rows of a table, and its sum with them: what anybody can do who may read a public key. */
  const rewritten = (table: string, change: (row: string) => string) => (all: string[]) => {
    const begin = all.indexOf(JSON.stringify({ table })) + 1
    const end = all.findIndex((line, at) => at >= begin && line.startsWith('{'))
    const rows = all.slice(begin, end).map(change)
    const sha256 = createHash('sha256')
      .update(rows.map((row) => `${row}\n`).join(''))
      .digest('hex')
    return [...all.slice(0, begin), ...rows, JSON.stringify({ rows: rows.length, sha256 }), ...all.slice(end + 1)]
  }
  const forged = rewritten('users', (row) => row.replace('"active"', '"locked"'))
  const evidence = rewritten('audit_rows', (row) => row.replace(/\\"outcome\\":\\"ok\\"/, '\\"outcome\\":\\"no\\"'))
  const unsigned = (all: string[]) => all.with(-1, (all.at(-1) as string).replace(/,"mac":"[0-9a-f]+"/, ''))
  const bytes = readFileSync(good)
  const flipped = Buffer.from(bytes)
  flipped.writeUInt8(flipped.readUInt8(bytes.length - 900) ^ 1, bytes.length - 900)
  writeFileSync(place('flipped.age'), flipped)
  writeFileSync(place('cut.age'), bytes.subarray(0, bytes.length - 100))
  const phrase = ['--passphrase-file', passphraseFile]
  const other = place('other.key', await generateX25519Identity())
  const user = lines.indexOf('{"table":"users"}') + 1

  type Case = [what: string, from: string, opener: string[], err: RegExp]
  const cases: Case[] = [
    ['a wrong passphrase', withPhrase, ['--passphrase-file', place('wrong', 'another phrase of words')], /口令或私钥不对/],
    ['another identity', good, ['--identity-file', other], /口令或私钥不对/],
    ['what is no identity', good, ['--identity-file', passphraseFile], /不是 age 私钥/],
    ['a file that is not there', place('nowhere.age'), withKey, /没有这个文件/],
    ['a file that is something else', identityFile, withKey, /不完整或已被改动/],
    ['a bit that was turned over', place('flipped.age'), withKey, /不完整或已被改动/],
    ['a file that was cut', place('cut.age'), withKey, /不完整或已被改动/],
    ['a backup without its end', await altered('endless.age', (all) => all.slice(0, -1)), withKey, /没有结尾/],
    ['a backup that breaks off in a table', await altered('half.age', (all) => all.slice(0, user + 2)), withKey, /没有结尾/],
    ['a row that was taken out', await altered('less.age', (all) => all.toSpliced(user, 1)), withKey, /表 users 的行数或摘要/],
    [
      'a row that was changed',
      await altered('other.age', (all) => all.with(user, (all[user] as string).replace('"active"', '"locked"'))),
      withKey,
      /表 users 的行数或摘要/,
    ],
    [
      'heads of evidence that are not those of the rows',
      await altered('heads.age', (all) => all.with(-1, (all.at(-1) as string).replace(/"hash":"./, '"hash":"-'))),
      withKey,
      /审计链的表头/,
    ],
    ['rows of somebody else’s, with their sums', await altered('forged.age', forged), withKey, /签名不对/],
    ['nor without a signature', await altered('unsigned.age', unsigned), withKey, /没有签名/],
    [
      'evidence that was altered, as of before backups were signed',
      await altered('evidence.age', (all) => unsigned(evidence(all))),
      [...withKey, '--allow-unsigned'],
      /审计链有 \d+ 处问题，没有恢复/,
    ],
    ['more after the end', await altered('more.age', (all) => [...all, '{}']), withKey, /结尾之后还有内容/],
    ['text that is no backup', await altered('text.age', () => ['{}']), withKey, /不是中枢的备份/],
    ['a line without an end', await altered('long.age', () => ['x'.repeat(65 * 1024 * 1024)]), withKey, /有一行长得不像中枢写的/],
    [
      'a cell that is no text or number',
      await altered('cell.age', (all) => all.with(user, (all[user] as string).replace('"active"', '{"id":1}'))),
      withKey,
      /表 users 有一格不是文字或数字/,
    ],
    ...(await Promise.all(
      [{ tables: null }, { tables: { users: 'id' } }, { tables: { users: [1] } }, { migrations: [1] }].map(
        async (change, at): Promise<Case> => [
          `a manifest that says ${JSON.stringify(change)}`,
          await altered(`manifest-${at}.age`, manifest(change)),
          withKey,
          /这不是中枢的备份/,
        ],
      ),
    )),
    ['a later format', await altered('format.age', manifest({ version: 2 })), withKey, /只认识第 1 版/],
    ['a newer hub', await altered('newer.age', manifest({ migrations: ['001-people', '999-later'] })), withKey, /更新的版本.*999-later/],
    [
      'columns that nobody knows',
      await altered('column.age', manifest({ tables: { users: ['id', 'shoe_size'] } })),
      withKey,
      /users\.shoe_size/,
    ],
  ]
  for (const [what, from, opener, err] of cases) {
    const result = await restore(from, opener)
    t.match(result, { code: 1, err }, what)
    t.equal(existsSync(join(empty.DATA_DIR, 'hub.sqlite')) ? await rowsOf(empty) : 0, 0, `${what}: nothing was put in`)
  }
  t.match(await restore(good, []), { code: 2, err: /须写明其中一个/ })
  t.match(await cli(empty)('restore', '--from', good, ...withKey), { code: 2, err: /--reason/ })

  const before = await rowsOf(store)
  t.match(await cli(store)('restore', '--from', good, ...withKey, '--reason', '演练'), { code: 1, err: /目标库不是空的/ })
  t.equal(await rowsOf(store), before)

  t.match(await restore(withPhrase, phrase), { code: 0, out: /审计链完好/ }, 'after all of these the store takes the good one')
  const foreign = await embedded.create({ bare: true })
  t.teardown(foreign.drop)
  const stranger = cli({ ...foreign.settings, MASTER_KEY: 'main:MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=' })
  t.match(await stranger('restore', '--from', good, ...withKey, '--reason', '演练'), { code: 1, err: /^主密钥不对/ })
})
