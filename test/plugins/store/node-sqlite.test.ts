import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import knex from 'knex'
import t from 'tap'
import { isDuplicate } from '../../../core/base/transact.ts'
import { NodeSqlite } from '../../../plugins/store/node-sqlite.ts'
import { openDatabase } from '../../../plugins/store/open.ts'

const folder = t.testdir()
const filename = join(folder, 'hub.db')

function connect() {
  // One connection each, so that two of them stand for two processes.
  const database = knex({ client: NodeSqlite, connection: { filename }, useNullAsDefault: true, pool: { min: 1, max: 1 } })
  t.teardown(() => database.destroy())
  return database
}

const database = connect()

t.before(async () => {
  await database.schema.createTable('things', (table) => {
    table.string('id').primary()
    table.string('name').unique()
    table.bigInteger('number')
    table.binary('bytes')
  })
})

t.test('values go in and come back', async (t) => {
  const bytes = Buffer.from([0, 1, 255])
  await database('things').insert({ id: 'values', name: undefined, number: true as never, bytes })
  const row = await database('things').where({ id: 'values' }).first()
  t.equal(row.name, null, 'undefined is null')
  t.equal(row.number, 1, 'true is 1')
  t.same(Buffer.from(row.bytes), bytes)
  const date = new Date(1_700_000_000_123)
  await database('things')
    .where({ id: 'values' })
    .update({ number: date as never })
  t.equal((await database('things').where({ id: 'values' }).first('number')).number, date.getTime(), 'a date is its milliseconds')
})

t.test('a whole number too large for a number is kept, and reading it fails rather than rounds', async (t) => {
  const large = 2n ** 53n + 1n
  await database('things').insert({ id: 'large', number: large as never })
  await t.rejects(database('things').where({ id: 'large' }).first(), { code: 'ERR_OUT_OF_RANGE' })
  const { text } = await database('things').where({ id: 'large' }).first(database.raw('cast(number as text) as text'))
  t.equal(text, String(large))
})

t.test('a second row of the same key or name is a duplicate', async (t) => {
  await database('things').insert({ id: 'one', name: 'one' })
  for (const row of [{ id: 'one' }, { id: 'two', name: 'one' }]) {
    const error = await database('things')
      .insert(row)
      .catch((thrown: unknown) => thrown)
    t.ok(isDuplicate(error), row.id)
  }
})

t.test('a locked database is SQLITE_BUSY, which transact runs again', async (t) => {
  const other = connect()
  await other.raw('pragma busy_timeout = 0')
  await database.transaction(async (transaction) => {
    await transaction('things').insert({ id: 'holder' })
    await t.rejects(other('things').insert({ id: 'waiting' }), { code: 'SQLITE_BUSY' })
  })
  await other('things').insert({ id: 'waiting' })
})

t.test('an inner transaction is undone alone', async (t) => {
  await database.transaction(async (outer) => {
    await outer('things').insert({ id: 'outer' })
    const inner = outer.transaction(async (transaction) => {
      await transaction('things').insert({ id: 'inner' })
      throw new Error('undo')
    })
    await t.rejects(inner, { message: 'undo' })
  })
  t.same(await database('things').whereIn('id', ['outer', 'inner']).pluck('id'), ['outer'])
})

t.test('counts of changed rows, and rows of `returning`', async (t) => {
  await database('things').insert({ id: 'count' })
  t.equal(await database('things').where({ id: 'count' }).update({ name: 'counted' }), 1)
  t.same(await database('things').insert({ id: 'returned' }).returning('id'), [{ id: 'returned' }])
  t.equal(await database('things').where({ id: 'returned' }).del(), 1)
})

t.test('a closed database turns work away', async (t) => {
  const closing = connect()
  await closing.raw('select 1')
  await closing.destroy()
  await t.rejects(closing.raw('select 1'))
})

t.test('nobody else reads the store, whatever the process hands out by default', async (t) => {
  const dataDir = join(folder, 'closed')
  const before = process.umask(0o022)
  t.teardown(() => void process.umask(before))
  const store = openDatabase({ url: '', dataDir })
  t.teardown(() => store.destroy())
  await store.schema.createTable('things', (table) => table.string('id').primary())
  const files = readdirSync(dataDir)
  t.ok(files.length > 1, files.join())
  t.same([...new Set(files.map((name) => statSync(join(dataDir, name)).mode & 0o777))], [0o600])
  t.equal(statSync(dataDir).mode & 0o777, 0o700)
})
