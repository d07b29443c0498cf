import { writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Entry } from '../../cli/command.ts'
import { entries } from '../../cli/run.ts'
import type { Database } from '../../core/base/database.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import { cli } from '../helper/cli.ts'
import { build } from '../helper/hub.ts'
import { userId } from '../helper/identity.ts'
import { readSchema } from '../helper/schema.ts'
import { type Target, targets } from '../helper/targets.ts'

interface Leaf {
  path: string[]
  change: Entry['change']
}
const leaves = (list: readonly Entry[], before: string[] = []): Leaf[] =>
  list.flatMap(({ name, actions, change }) =>
    actions.length > 0 ? leaves(actions, [...before, name]) : [{ path: [...before, name], change }],
  )

const ABOUT = ['--name', '安居租房', '--purpose', '租房提取时核对身份', '--redirect', 'https://rent.example/callback']

/** One call of every command, in an order in which each can do its work. A new command has to be added. */
const CALLS = (dir: string): Record<string, string[]> => ({
  dev: ['nowhere'],
  people: [],
  token: [],
  services: [],
  messages: [],
  requests: [],
  'agency verify': [],
  'connector check': ['nowhere', '--keep'],
  // Its answer comes later, and cannot be kept.
  'connector record': ['real-estate', 'property-registration'],
  'connector new': ['Nowhere'],
  'connector try': ['housing-fund', 'personal-account'],
  'clients add': ['rent', ...ABOUT],
  'clients import': [join(dir, 'application.json')],
  'clients list': [],
  'clients change': ['rent', '--name', '安居'],
  'clients show': ['rent'],
  'clients disable': ['rent', '--yes'],
  'clients enable': ['rent'],
  'clients rotate': ['rent', '--yes'],
  administrators: [userId(4), 'operator', '--yes'],
  'accounts merge': [userId(5), userId(6), '--despite', '号码登记有误', '--yes'],
  'accounts undo': ['1'],
  'accounts split': [userId(5), userId(6), 'none', '--yes'],
  'keys rotate': ['--yes'],
  'keys list': [],
  'keys index rotate': ['--yes'],
  'keys signing new': [],
  'keys cookies new': [],
  'submissions list': [],
  'submissions retry': ['waiting'],
  'submissions resolve': ['waiting', 'refused', '--yes'],
  'orders reconcile': ['2026-01-05'],
  'audit verify': [],
  'audit key': [],
  'audit export': ['--to', join(dir, 'audit.ndjson')],
  'audit archive': ['--before', '2025-01', '--to', join(dir, 'archive'), '--yes'],
  'keys lookup': [],
  'sandbox reset': ['--yes'],
  backup: ['--to', join(dir, 'backup.age'), '--passphrase-file', join(dir, 'master.key')],
  // A store that has rows takes no backup.
  restore: ['--from', join(dir, 'backup.age'), '--passphrase-file', join(dir, 'master.key')],
  migrate: [],
  doctor: [],
  evidence: [],
})

/** What fails after it was put on record stays there: splitting off an account that nobody has, books of a hub that has taken no money. */
const CODES: Readonly<Record<string, number>> = {
  'accounts split': 1,
  'agency verify': 2,
  'connector check': 2,
  'connector new': 2,
  'connector record': 2,
  dev: 2,
  'orders reconcile': 1,
  restore: 1,
}

/** A submission that a person has to look at. */
const WAITING = {
  ...{ id: 'waiting', connector: 'housing-fund', service: 'withdrawal', user_id: userId(1), idempotency_key: 'once', request_hash: 'x' },
  ...{ request_sealed: 'x', state: 'attention', trace_id: 'x', created_at: 1, updated_at: 1 },
}

async function contents(database: Database): Promise<string> {
  const tables = [...new Set((await readSchema(database)).map(({ table }) => table))].sort()
  const rows: [string, unknown][] = []
  for (const table of tables) rows.push([table, await database(table).select('*')])
  return JSON.stringify(rows)
}

t.test('a command either changes nothing or leaves a row that says who did it and why', async (t) => {
  const { settings, drop } = await (targets[0] as Target).create()
  t.teardown(drop)
  const run = cli(settings)
  const calls = CALLS(settings.DATA_DIR)
  const known = leaves(entries)
  t.same(known.map(({ path }) => path.join(' ')).sort(), Object.keys(calls).sort(), 'every command is tried')
  await (await build({ teardown: () => undefined }, { store: settings })).app.close()
  const application = { id: 'taken', name: '安居租房', purpose: '租房提取时核对身份', redirectUris: ['https://rent.example/callback'] }
  const rest = { scopes: ['openid'], grantTypes: ['authorization_code'], sector: 'taken', idTokenAlg: 'ES256' }
  writeFileSync(join(settings.DATA_DIR, 'application.json'), JSON.stringify({ ...application, ...rest }))

  for (const [name, args] of Object.entries(calls)) {
    const change = known.find(({ path }) => path.join(' ') === name)?.change ?? null
    const open = () => openDatabase({ url: '', dataDir: settings.DATA_DIR })
    let database = open()
    if (name === 'submissions retry') await database('submissions').insert(WAITING)
    if (name === 'submissions resolve') await database('submissions').update({ state: 'attention' })
    if (name === 'migrate') {
      await database('knex_migrations').where({ name: '019-audit-archives' }).delete()
      await database.schema.dropTable('audit_archives')
    }
    const before = await contents(database)
    await database.destroy()
    const words = name.split(' ')
    if (change?.reason === 'required') {
      t.match(await run(...words, ...args), { code: 2, err: /--reason/ }, `${name}: not without a reason`)
      t.match(await run(...words, ...args, '--reason', ' '), { code: 2, err: /--reason/ })
      t.match(await run(...words, ...args, '--reason', '长'.repeat(121)), { code: 2, err: /最多 120 个字/ })
    }
    const { code, err } = await run(...words, ...args, ...(change ? ['--reason', '例行检查'] : []))
    t.equal(code, CODES[name] ?? 0, `${name}: ${err}`)
    database = open()
    if (change === null) t.equal(await contents(database), before, `${name} changes nothing`)
    else {
      const rows: { record: string }[] = await database('audit_rows').where({ connector: 'admin' }).orderBy('at', 'desc').select('record')
      const [last] = rows.map(({ record }) => JSON.parse(record))
      t.match(last, { app: `cli:${userInfo().username}`, purpose: /^命令行.+：例行检查$/, target: String }, name)
    }
    await database.destroy()
    t.match(await run('audit', 'verify'), { code: 0 }, `${name}: and a checkpoint knows of it`)
  }
})
