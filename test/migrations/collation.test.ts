import knex, { type Knex } from 'knex'
import t from 'tap'
import type { Database } from '../../core/base/database.ts'
import { TEXT_COLUMNS } from '../../migrations/015-compared-by-bytes.ts'
import { migrate, migrations } from '../../migrations/index.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import { targets } from '../helper/targets.ts'

const servers = targets.find(({ name }) => name === 'servers')
const id = (digit: string) => `${digit.repeat(8)}-aaaa-4aaa-8aaa-aaaaaaaaaaaa`

/** What is compared with letters taken for the same, among columns that are looked things up by, and among all texts. */
async function loose(database: Database): Promise<{ keys: string[]; texts: string[] }> {
  const [rows] = (await database.raw(
    `select c.table_name t, c.column_name c, max(s.index_name is not null or k.column_name is not null) indexed
     from information_schema.columns c
     left join information_schema.statistics s using (table_schema, table_name, column_name)
     left join information_schema.key_column_usage k using (table_schema, table_name, column_name)
     where c.table_schema = database() and c.collation_name not like '%\\_bin' and c.table_name not like 'knex\\_%'
     group by c.table_name, c.column_name order by 1, 2`,
  )) as [{ t: string; c: string; indexed: number | string }[]]
  const named = (row: { t: string; c: string }) => `${row.t}.${row.c}`
  return { keys: rows.filter(({ indexed }) => Number(indexed) === 1).map(named), texts: rows.map(named) }
}

async function foreignKeys(database: Knex): Promise<string[]> {
  const [rows] = (await database.raw(
    `select concat(constraint_name, ':', table_name, '.', column_name, '>', referenced_table_name, '.', referenced_column_name) k
     from information_schema.key_column_usage where table_schema = database() and referenced_table_name is not null order by 1`,
  )) as [{ k: string }[]]
  return rows.map(({ k }) => k)
}

async function indexes(database: Knex): Promise<string[]> {
  const [rows] = (await database.raw(
    `select concat(table_name, '.', index_name, '.', seq_in_index, ':', column_name, ':', non_unique) k
     from information_schema.statistics where table_schema = database() order by 1`,
  )) as [{ k: string }[]]
  return rows.map(({ k }) => k)
}

t.test('every key is compared by its bytes, in a new store', { skip: !servers }, async (t) => {
  if (!servers) return
  const { settings, drop } = await servers.create()
  const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
  t.teardown(async () => {
    await database.destroy()
    await drop()
  })
  await migrate(database)
  const { keys, texts } = await loose(database)
  t.strictSame(keys, [], 'a column of a key or an index without a binary collation: see migrations/015-compared-by-bytes.ts')
  t.strictSame(texts, TEXT_COLUMNS.map(({ table, column }) => `${table}.${column}`).sort(), 'only declared texts are searched without case')

  await t.test('and in whatever a later migration adds', async (t) => {
    await database.schema.createTable('later', (table) => {
      table.string('id', 36).primary()
      table.string('user_id', 36).references('users.id')
    })
    await database.schema.alterTable('users', (table) => void table.string('later', 36).index())
    t.strictSame((await loose(database)).keys, [])
  })
})

t.test('a store from before is brought there with its keys and rows', { skip: !servers }, async (t) => {
  if (!servers) return
  const { settings, drop } = await servers.create({ bare: true })
  // As the hub opened it then: tables took the server's collation.
  const { hostname: host, port, username: user, pathname } = new URL(settings.DATABASE_URL)
  const before = knex({
    client: 'mysql2',
    connection: { host, port: Number(port || 3306), user, database: pathname.slice(1), charset: 'utf8mb4' },
  })
  const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
  t.teardown(async () => {
    await before.destroy()
    await database.destroy()
    await drop()
  })
  const migrateBelow = (database: Knex, end: string) =>
    database.migrate.latest({
      migrationSource: {
        getMigrations: async () => Object.keys(migrations).filter((name) => name < end),
        getMigrationName: (name: string) => name,
        getMigration: async (name: string) => migrations[name] as Knex.Migration,
      },
    })
  await migrateBelow(before, '015')
  const at = 1
  for (const each of ['b', 'c'])
    await before('users').insert({
      id: id(each),
      issuer: 'i',
      subject: each,
      status: 'active',
      level: 'login',
      created_at: at,
      updated_at: at,
    })
  // Capitals found the row, and stayed in others.
  await before('administrators').insert({ user_id: id('b').toUpperCase(), role: 'admin', granted_at: at })
  const terms = { role: 'guardian', scope: '*', status: 'active', granted_by: 'counter', starts_at: at, ends_at: at, created_at: at }
  await before('mandates').insert({ id: id('d'), user_id: id('b'), subject_user_id: id('c').toUpperCase(), ...terms })
  const [keys, found] = [await foreignKeys(before), await indexes(before)]
  t.ok(keys.length > 20)

  // What later migrations change is theirs to say.
  await migrateBelow(database, '016')
  t.strictSame((await loose(database)).keys, [])
  t.strictSame(
    (await foreignKeys(database)).filter((key) => keys.includes(key)),
    keys,
    'every reference is kept',
  )
  t.strictSame(
    (await indexes(database)).filter((key) => found.includes(key)),
    found,
    'every index is kept',
  )
  t.strictSame(await database('administrators').pluck('user_id'), [id('b')], 'a row names a user as his own does')
  t.strictSame(await database('mandates').pluck('subject_user_id'), [id('c')], 'where no key refers, too')
  t.strictSame(await database('users').where({ id: id('b').toUpperCase() }), [])
  const orphan = database('administrators').insert({ user_id: id('e'), role: 'admin', granted_at: at })
  await t.rejects(Promise.resolve(orphan), /foreign key constraint/, 'references hold')
})
