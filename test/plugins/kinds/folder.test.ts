import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { migrations } from '../../../migrations/index.ts'
import { copyTree } from '../../helper/tree-copy.ts'

const LANDED = ['009-documents', '012-documents-listed', '013-acts']

const KIND = `import query from '../query/kind.ts'
export default {
  ...query,
  name: 'remark',
  serves: ['remark'],
  personalData: { sealed: [], users: [{ table: 'remarks', column: 'user_id', kept: 'tried out only' }] },
}
`

const MIGRATION = `export async function up(knex) {
  await knex.schema.createTable('remarks', (table) => {
    table.string('id', 36).primary()
    table.string('user_id', 36).notNullable().references('users.id')
  })
}
export const down = (knex) => knex.schema.dropTable('remarks')
`

/** Starts a hub of the copy and says what its store has then, and what the hub knows of the new kind. */
const VISIT = `
  import { buildApp } from './app.ts'
  import { readSettings } from './config/settings.ts'
  import { kindOf } from './plugins/kinds/index.ts'
  import { personalData } from './plugins/operations/personal-data.ts'
  const app = await buildApp({ settings: readSettings({ SANDBOX: 'on', DATA_DIR: process.env.DATA_DIR }), logger: false })
  await app.ready()
  const names = await app.database('knex_migrations').orderBy('id').pluck('name')
  const columns = Object.keys(await app.database('remarks').columnInfo())
  await app.close()
  const users = personalData.flatMap(({ users }) => users).filter(({ table }) => table === 'remarks')
  process.stdout.write(JSON.stringify({ names, columns, kind: kindOf({ kind: 'remark' }).name, users }))
`

t.test('a kind is added by its folder alone, with a table of its own', async (t) => {
  const tree = await copyTree()
  t.teardown(tree.remove)
  const folder = join(tree.folder, 'plugins/kinds/remark')
  mkdirSync(join(folder, 'migrations'), { recursive: true })
  writeFileSync(join(folder, 'kind.ts'), KIND)
  writeFileSync(join(folder, 'migrations/900-remarks.ts'), MIGRATION)
  const { names, columns, kind, users } = JSON.parse(await tree.node(['--input-type=module', '-e', VISIT], { LOG_LEVEL: 'silent' }))
  t.strictSame(names, [...Object.keys(migrations), '900-remarks'])
  t.strictSame(columns, ['id', 'user_id'])
  t.equal(kind, 'remark')
  t.match(users, [{ column: 'user_id' }])

  mkdirSync(join(tree.folder, 'plugins/kinds/query/migrations'))
  writeFileSync(join(tree.folder, 'plugins/kinds/query/migrations/900-remarks.ts'), MIGRATION)
  const refusal = await tree.node(['--input-type=module', '-e', "import './migrations/index.ts'"]).catch(({ stderr }) => String(stderr))
  t.match(refusal, 'two migrations are called 900-remarks')
})

t.test('what has landed keeps its name and its place, whoever brings it', async (t) => {
  const names = Object.keys(migrations)
  t.strictSame(names, [...names].sort())
  t.equal(new Set(names).size, names.length)
  for (const name of LANDED) t.ok(names.includes(name), name)
})
