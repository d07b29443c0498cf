import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { kindOf, kinds } from '../../../plugins/kinds/index.ts'

const ROOT = new URL('../../../', import.meta.url)

t.test('the folder is the list of kinds, and each name of a contract has one', async (t) => {
  const folders = readdirSync(new URL('plugins/kinds/', ROOT), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  t.strictSame(
    kinds.map(({ name }) => name),
    folders.map(({ name }) => name).sort(),
  )
  const served = kinds.flatMap(({ serves }) => serves)
  t.equal(new Set(served).size, served.length)
  for (const kind of served) t.ok(kindOf({ kind }).serves.includes(kind), kind)
})

t.test('nothing outside its folder knows the kind act, so adding one touches one folder', async (t) => {
  const sources = ['core', 'plugins', 'conformance', 'cli', 'config'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, ROOT), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  )
  const naming = ['app.ts', 'server.ts', ...sources]
    .filter((path) => path.endsWith('.ts') && !path.startsWith('plugins/kinds/act/'))
    .filter((path) => /kinds\/act\b|contract\.act\b|kind\W+'act'/.test(readFileSync(new URL(path, ROOT), 'utf8')))
  t.strictSame(naming, [])
})
