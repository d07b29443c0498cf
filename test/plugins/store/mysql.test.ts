import type { Knex } from 'knex'
import t, { type Test } from 'tap'
import { openDatabase } from '../../../plugins/store/open.ts'
import { type Target, targets } from '../../helper/targets.ts'
import { seen } from '../../helper/waiting.ts'

const ROWS = 40
async function open(t: Test, target: Target): Promise<Knex> {
  const { settings, drop } = await target.create()
  const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
  t.teardown(async () => {
    await database.destroy()
    await drop()
  })
  return database
}

for (const target of targets.filter(({ name }) => name !== 'embedded')) {
  t.test('a change of the structure steps aside for a call that waits for it while it waits for the call', async (t) => {
    const database = await open(t, target)
    await database.schema.createTable('parents', (table) => {
      table.integer('id').primary()
    })
    await database.schema.createTable('children', (table) => {
      table.integer('id').primary()
      table.integer('parent_id').notNullable().references('parents.id')
    })
    await database('parents').insert({ id: 1 })

    const call = await database.transaction()
    await call('children').insert({ id: 1, parent_id: 1 })
    const changing = database.schema.alterTable('parents', (table) => table.string('further', 20))
    const changed = changing.then(
      () => 'changed',
      (error: { code?: string }) => error.code,
    )
    await seen(database('information_schema.processlist').where('info', 'like', 'alter table `parents`%'))
    const began = performance.now()
    t.same(await call('parents').select('id'), [{ id: 1 }])
    t.ok(performance.now() - began < 10_000, 'nobody waits for long')
    await call.commit()
    t.equal(await changed, 'changed')
    t.equal(await database.schema.hasColumn('parents', 'further'), true)
    await database.schema.dropTable('children')
    await database.schema.dropTable('parents')
  })

  t.test('a statement that collides with a transaction is run again; one within a transaction is its own trouble', async (t) => {
    const database = await open(t, target)
    await database.schema.createTable('collisions', (table) => {
      table.integer('id').primary()
      table.integer('value').notNullable()
    })
    t.teardown(() => database.schema.dropTableIfExists('collisions'))
    await database('collisions').insert(Array.from({ length: ROWS }, (_, id) => ({ id, value: 0 })))
    const rows = () => database('collisions')

    /** A transaction that has changed most rows and then wants the first, which `other` has while it waits for the last. */
    async function collide(other: () => PromiseLike<unknown>): Promise<unknown> {
      const heavy = await database.transaction()
      await heavy('collisions').where('id', '>', 0).update({ value: 1 })
      const waiting = Promise.resolve(other()).catch((error: unknown) => error)
      // Until it waits, or it would find the first row taken.
      await seen(database('information_schema.innodb_trx').where({ trx_state: 'LOCK WAIT' }))
      await heavy('collisions').where({ id: 0 }).increment('value', 1)
      await heavy.commit()
      return waiting
    }

    t.equal(await collide(() => rows().increment('value', 10)), ROWS)
    t.same(
      (await rows().distinct('value')).map(({ value }) => value),
      [11],
      'once each',
    )
    const trouble = await collide(() => database.transaction((transaction) => transaction('collisions').increment('value', 100)))
    t.match(trouble, { code: 'ER_LOCK_DEADLOCK' })
    t.same(
      (await rows().distinct('value').orderBy('value')).map(({ value }) => value),
      [1, 12],
    )
  })
}
