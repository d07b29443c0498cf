import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { heavyImport, TRIALS, testFiles } from './helper/test-files.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const ROOMS = ['app.ts', 'server.ts', 'cli', 'conformance', 'plugins', 'connectors', 'core', 'config', 'migrations']
const IMPORT = /^(?:import|export)\b[^'"]*?from '(\.[^']+)'|^import '(\.[^']+)'/gm

const sources = ROOMS.flatMap((room) =>
  statSync(join(ROOT, room)).isFile()
    ? [room]
    : readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).map((path) => normalize(`${room}/${path}`)),
).filter((path) => path.endsWith('.ts') && !/^connectors\/[^/]+\/test\//.test(path))

const imports = new Map(
  sources.map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    return [path, [...text.matchAll(IMPORT)].map(([, from, bare]) => normalize(join(dirname(path), from ?? bare ?? '')))]
  }),
)

/** A circle through the file, as a path that ends where it began; null where there is none. */
function circleFrom(path: string, way: readonly string[], done: Set<string>): string[] | null {
  if (way.includes(path)) return [...way.slice(way.indexOf(path)), path]
  if (done.has(path)) return null
  for (const next of imports.get(path) ?? []) {
    const circle = circleFrom(next, [...way, path], done)
    if (circle) return circle
  }
  done.add(path)
  return null
}

t.test('no file imports itself by way of others, types included', async (t) => {
  t.ok(sources.length > 300, `${sources.length} files`)
  for (const [path, targets] of imports) for (const target of targets) t.ok(existsSync(join(ROOT, target)), `${path} → ${target}`)
  const done = new Set<string>()
  for (const path of sources) t.equal(circleFrom(path, [], done), null, path)
})

t.test('core stays slim: its rooms are six, and they hold 8,000 lines at most', async (t) => {
  const rooms = new Set(sources.filter((path) => /^core\/.+\//.test(path)).map((path) => path.split('/')[1]))
  t.same([...rooms].sort(), ['answer', 'base', 'call', 'contract', 'dialects', 'upstream'])
  const lines = sources
    .filter((path) => path.startsWith('core/'))
    .map((path) => readFileSync(join(ROOT, path), 'utf8').split('\n').length - 1)
  const sum = lines.reduce((total, count) => total + count, 0)
  t.ok(sum <= 8000, `${sum} lines`)
})

t.test('npm test finds every test; npm run test:unit those that make no hub, store, server or process of Node', async (t) => {
  const files = testFiles()
  const all = ['test', 'connectors'].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).map((path) => normalize(`${room}/${path}`)),
  )
  const found = all.filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))
  t.same(files, found.sort())
  for (const file of Object.keys(TRIALS)) t.ok(files.includes(file), `${file} is there`)

  const pure = files.filter((file) => heavyImport(file) === null)
  t.ok(pure.length > 20, `${pure.length} files`)
  t.ok(pure.includes('test/core/contract/masks.test.ts'))
  t.match(heavyImport('test/plugins/users/me.test.ts'), /^app\.ts imports |^[\w/.-]+ imports fastify/)
  t.match(heavyImport('test/connectors/folder.test.ts'), 'imports node:child_process', 'a process of Node')
  t.equal(heavyImport('test/core/dialects/vectors.test.ts'), null, 'openssl is none')
})
