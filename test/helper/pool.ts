import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { migrate } from '../../migrations/index.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import { CACHE, schemaName } from './templates.ts'

/**
 * MariaDB databases that outlive their test: fifteen migrations on a new one take a second, emptying a used one
 * takes milliseconds. Whoever holds the lock of a name has the database to himself; the server frees it with the connection.
 */
const nameOf = (place: number) => `hub_test_${schemaName}_${place}`
const SHAPE = join(CACHE, `${schemaName}.mysql`)

/** Columns, indexes and foreign keys of a database as one text: a test may have changed them. */
const shapeSql = `select md5(group_concat(it order by it)) shape from (
  select concat_ws('|', table_name, column_name, column_type, is_nullable, column_default, collation_name, extra) it
    from information_schema.columns where table_schema = :name
  union all select concat_ws('|', table_name, index_name, seq_in_index, column_name, non_unique)
    from information_schema.statistics where table_schema = :name
  union all select concat_ws('|', table_name, constraint_name, constraint_type)
    from information_schema.table_constraints where table_schema = :name) parts`

/** → an empty database with every migration, and what gives it back. */
export async function borrow(server: URL, redisUrl: string): Promise<{ url: string; giveBack(): Promise<void> }> {
  const connection = await createConnection({ uri: server.href, multipleStatements: true, namedPlaceholders: true })
  const name = await reserve(connection)
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href
  await connection.query('set session group_concat_max_len = 1000000')
  if (existsSync(SHAPE) && readFileSync(SHAPE, 'utf8') === (await shapeOf(connection, name))) await empty(connection, name)
  else await make(connection, name, url)
  await forget(redisUrl, name)
  return { url, giveBack: () => connection.end() }
}

async function reserve(connection: Connection): Promise<string> {
  for (let place = 1; ; place++) {
    const [[row]] = await connection.query<RowDataPacket[]>('select get_lock(:name, 0) held', { name: nameOf(place) })
    if (Number(row?.['held']) === 1) return nameOf(place)
  }
}

async function shapeOf(connection: Connection, name: string): Promise<string> {
  const [[row]] = await connection.query<RowDataPacket[]>(shapeSql, { name })
  return String(row?.['shape'])
}

async function make(connection: Connection, name: string, url: string): Promise<void> {
  await dropStale(connection)
  await connection.query(`drop database if exists ${name}; create database ${name} character set utf8mb4`)
  const database = openDatabase({ url, dataDir: '' })
  await migrate(database)
  await database.destroy()
  mkdirSync(CACHE, { recursive: true })
  writeFileSync(SHAPE, await shapeOf(connection, name))
}

/** Of another state of the migrations, nobody's and older than a day. */
async function dropStale(connection: Connection): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `select table_schema n from information_schema.tables where table_schema regexp '^hub_test_[0-9a-f]{10}_[0-9]+$'
     and table_schema not like :own group by table_schema having max(create_time) < now() - interval 1 day`,
    { own: `hub_test_${schemaName}%` },
  )
  for (const { n: name } of rows) {
    const [[row]] = await connection.query<RowDataPacket[]>('select get_lock(:name, 0) held', { name })
    if (Number(row?.['held']) === 1) await connection.query(`drop database ${name}; do release_lock('${name}')`)
  }
}

async function empty(connection: Connection, name: string): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'select table_name t from information_schema.tables where table_schema = :name and table_name not like "knex%"',
    { name },
  )
  const deletes = rows.map(({ t }) => `delete from ${name}.${t}`)
  await connection.query(
    ['set foreign_key_checks = 0', 'begin', ...deletes, `update ${name}.knex_migrations_lock set is_locked = 0`, 'commit'].join(';'),
  )
}

/** Jobs and counts of calls that the last hub on this database left. */
async function forget(redisUrl: string, name: string): Promise<void> {
  const redis = new Redis(redisUrl)
  try {
    // Those of the first place, not those of the tenth.
    const own = new RegExp(`${name}(?!\\d)`)
    const keys = (await redis.keys(`*${name}*`)).filter((key) => own.test(key))
    if (keys.length > 0) await redis.del(keys)
  } finally {
    redis.disconnect()
  }
}
