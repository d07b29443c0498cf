import type { Knex } from 'knex'
import t from 'tap'
import { version } from '../../config/version.ts'
import type { Database } from '../../core/base/database.ts'
import { migrate, migrations } from '../../migrations/index.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import { contractions, shapeOf } from '../helper/contractions.ts'
import { build } from '../helper/hub.ts'
import { type Target, targets } from '../helper/targets.ts'

/** The last migration of before versions ran side by side. */
const BASELINE = '059-catalogue'
const names = Object.keys(migrations)
const [embedded] = targets as [Target]

async function openBare(t: { teardown(work: () => Promise<unknown>): void }, target: Target): Promise<[Database, Record<string, string>]> {
  const { settings, drop } = await target.create({ bare: true })
  const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
  t.teardown(async () => {
    await database.destroy()
    await drop()
  })
  return [database, settings]
}

t.test('a migration only adds, so that the version before it goes on running: expand first, contract when nobody needs it', async (t) => {
  const [database] = await openBare(t, embedded)
  await migrate(
    database,
    names.filter((name) => name <= BASELINE),
  )
  for (const name of names.filter((name) => name > BASELINE)) {
    const before = await shapeOf(database)
    await migrate(
      database,
      names.filter((other) => other <= name),
    )
    const found = contractions(before, await shapeOf(database))
    if (!/^\d+-contract-/.test(name)) {
      t.same(found, [], `${name}: see docs/deployment.md`)
      continue
    }
    const { unusedSince } = migrations[name] as { unusedSince?: string }
    t.match(unusedSince, /^\d+\.\d+\.\d+$/, `${name} says since which version (unusedSince) nothing uses what it takes away`)
    t.not(unusedSince, version, `${name} comes a version later`)
  }

  await t.test('what the check would find', async (t) => {
    const changes: [does: string, change: (schema: Knex.SchemaBuilder) => PromiseLike<unknown>, found: RegExp | null][] = [
      ['adds a table', (schema) => schema.createTable('later', (table) => void table.string('id', 36).primary()), null],
      ['adds a column that may be empty', (schema) => schema.alterTable('users', (table) => void table.string('nick', 20)), null],
      [
        'adds one with a default',
        (schema) => schema.alterTable('users', (table) => void table.integer('tries').notNullable().defaultTo(0)),
        null,
      ],
      ['adds an index', (schema) => schema.alterTable('users', (table) => void table.index(['level'])), null],
      [
        'adds a unique index over what is new',
        (schema) =>
          schema.alterTable('users', (table) => {
            table.string('badge', 20)
            table.unique(['badge'])
          }),
        null,
      ],
      ['drops a table', (schema) => schema.dropTable('page_visits'), /^page_visits\.\w+ is gone$/],
      ['renames one', (schema) => schema.renameTable('schedules', 'timetable'), /^schedules\.\w+ is gone$/],
      ['drops a column', (schema) => schema.alterTable('files', (table) => void table.dropColumn('width')), /^files\.width is gone$/],
      [
        'renames one',
        (schema) => schema.alterTable('files', (table) => void table.renameColumn('height', 'tall')),
        /^files\.height is gone$/,
      ],
      [
        'adds a column that must have a value',
        (schema) => schema.alterTable('catalogue_categories', (table) => void table.string('tone', 9).notNullable()),
        /^catalogue_categories\.tone is new and must have a value/,
      ],
      [
        'narrows one',
        (schema) => schema.alterTable('alerts', (table) => void table.string('rule', 3).notNullable().alter()),
        /^alerts\.rule takes less/,
      ],
      [
        'makes rows unique that were not',
        (schema) => schema.alterTable('users', (table) => void table.unique(['created_at'])),
        /^the unique index users\(created_at\) forbids/,
      ],
      [
        'lets rows be twice that were once',
        (schema) =>
          schema.alterTable('catalogue_categories', (table) => void table.dropUnique(['view', 'name'], 'catalogue_categories_name')),
        /^the unique index catalogue_categories\(view,name\) is gone$/,
      ],
    ]
    for (const [does, change, expected] of changes) {
      const before = await shapeOf(database)
      await change(database.schema)
      const found = contractions(before, await shapeOf(database))
      if (expected === null) t.same(found, [], does)
      else t.match(found[0], expected, does)
    }
  })
})

for (const target of targets) {
  t.test(`${target.name}: a store that a newer version has changed`, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
    t.teardown(() => database.destroy())
    await database('knex_migrations').insert({ name: '990-from-later', batch: 9, migration_time: new Date() })
    await database.schema.alterTable('users', (table) => void table.string('from_later', 20))

    t.same(await migrate(database), [], 'is taken as it is where something was added')
    const hub = await build({ teardown: () => undefined }, { store: settings })
    t.equal((await hub.get('/v1/me')).statusCode, 200)
    await hub.app.close()
    await database('knex_migrations').insert({ name: '991-contract-from-later', batch: 9, migration_time: new Date() })
    await t.rejects(migrate(database), { message: /991-contract-from-later.*请改用那个版本/ }, 'and refused where something was taken away')
    await database('knex_migrations').where('name', 'like', '99%').delete()
    await database.schema.alterTable('users', (table) => void table.dropColumn('from_later'))
  })
}

t.test('processes that start together migrate once, and one that died while it did holds up nobody', async (t) => {
  const servers = targets.find(({ name }) => name === 'servers')
  if (!servers) return t.comment('MariaDB does not answer')
  const [first, settings] = await openBare(t, servers)
  const second = openDatabase({ url: settings['DATABASE_URL'] ?? '', dataDir: '' })
  t.teardown(() => second.destroy())
  const some = names.slice(0, 3)
  const applied = await Promise.all([migrate(first, some), migrate(second, some)])
  t.same(applied.flat().sort(), some)
  // As it stands after a SIGKILL in the middle.
  await first('knex_migrations_lock').update({ is_locked: 1 })
  t.same(await migrate(second, names.slice(0, 4)), names.slice(3, 4))
})
