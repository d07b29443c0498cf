import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConnectors, loadInternalConnectors, readConnectors } from '../../plugins/load-connectors.ts'

const API_URL = new URL('../../core/connector.ts', import.meta.url).href

/** A `connectors` folder with these `index.ts`, by the names of their folders; null where a folder has none. */
function folderOf(t: Test, files: Readonly<Record<string, string | null>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'hub-connectors-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name))
    if (text !== null) writeFileSync(join(folder, name, 'index.ts'), text)
  }
  return `${folder}/`
}

t.test('the folder is the list, those of the hub itself apart', async (t) => {
  const folder = folderOf(t, { water: "export default { id: 'water' }", own: "export default { id: 'own', internal: true }" })
  writeFileSync(join(folder, 'README.md'), 'a file beside them is none')
  t.same(await loadConnectors(folder), [{ id: 'water' }])
  t.same(await loadInternalConnectors(folder), [{ id: 'own', internal: true }])
})

t.test('a folder kept elsewhere is linked', async (t) => {
  const elsewhere = folderOf(t, { gas: "export default { id: 'gas' }" })
  const folder = folderOf(t, {})
  symlinkSync(join(elsewhere, 'gas'), join(folder, 'gas'))
  t.same(await loadConnectors(folder), [{ id: 'gas' }])
})

t.test('everything that is wrong is named at once', async (t) => {
  const folder = folderOf(t, {
    bare: null,
    nothing: 'export const id = 1',
    liar: "export default { id: 'somebody-else' }",
    broken: "throw new Error('no such table')",
    sound: "export default { id: 'sound' }",
  })
  const expected = [
    'bare: connectors/bare/index.ts is missing',
    'broken: connectors/broken/index.ts cannot be loaded: no such table (index.ts:1)',
    "liar: the id is somebody-else, but must be the folder's name",
    'nothing: connectors/nothing/index.ts has no default export',
  ]
  await t.rejects(loadConnectors(folder), { name: 'DeclarationError', violations: expected })
  await t.rejects(loadInternalConnectors(folder), { name: 'DeclarationError', violations: expected })
})

t.test('a mistake in a file is named with the file and the line', async (t) => {
  const folder = folderOf(t, {
    syntax: "import { fines } from './fines.ts'\nexport default { id: fines }",
    name: '\n\nexport default { id: nobody }',
    export: "import { nothing } from './fines.ts'\nexport default nothing",
  })
  writeFileSync(join(folder, 'syntax', 'fines.ts'), '// one\nexport const fines = {\n  a: 1\n  b: 2,\n}')
  writeFileSync(join(folder, 'export', 'fines.ts'), 'export const fines = 1')
  const { refused } = await readConnectors({ folder })
  t.match(
    refused.map(({ reasons }) => reasons.join()),
    [
      /no.* export named 'nothing' \(index\.ts:1\)$/,
      /nobody is not defined \(index\.ts:3\)$/,
      /^syntax: .*cannot be loaded: .+ \(fines\.ts:4\)$/,
    ],
  )
})

t.test('what a file throws that cannot be read takes no other down', async (t) => {
  const folder = folderOf(t, {
    bare: 'throw Object.create(null)',
    error: "throw Object.defineProperty(new Error(), 'message', { get() { throw new Error('again') } })",
    getter: "export default { id: 'getter', get services() { throw Object.create(null) } }",
    inside: "export default { id: 'inside', services: [{ get contract() { throw Object.create(null) } }] }",
    symbol: "throw Symbol('odd')",
  })
  const { refused } = await readConnectors({ folder })
  t.match(
    refused.map(({ id, reasons }) => [id, reasons.join()]),
    [
      ['bare', /cannot be read/],
      ['error', /cannot be read/],
      ['getter', /cannot be read/],
      ['inside', /cannot be read/],
      ['symbol', /Symbol\(odd\)/],
    ],
  )
})

t.test('one that waits for ever at its top is left out, also where nothing else keeps the process', async (t) => {
  const folder = folderOf(t, { waits: 'await new Promise(() => {})\nexport default {}' })
  const module = new URL('../../plugins/load-connectors.ts', import.meta.url).href
  const script = `
    const { readConnectors } = await import(${JSON.stringify(module)})
    const { refused } = await readConnectors({ folder: ${JSON.stringify(folder)}, importMs: 50 })
    console.log(refused[0].reasons.join())`
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  t.match(stdout, /waits\/index\.ts cannot be loaded: it takes too long/)
  t.equal(status, 0)
})

t.test('the folder of the hub holds those that it serves', async (t) => {
  const [all, internal] = await Promise.all([loadConnectors(), loadInternalConnectors()])
  t.ok(all.length > 0)
  t.notOk(all.some(({ id }) => internal.some((own) => own.id === id)))
})

t.test('second versions stand beside the running ones, each sound by itself', async (t) => {
  const version = (id: string, more: string) => `
    import { apiKey, defineConnector, envelope, field, service } from 'xuchang-hub'
    const titles = service({ id: 'titles', name: '书目', kind: 'list', inputs: {}, fields: { title: field.text('书名', { required: true }) } })
    export default defineConnector({
      id: '${id}', name: '书店', agency: '示例书店', ${more}
      upstream: { dialect: apiKey(), envelope: envelope.rest(), subject: {}, dateFormat: 'YYYYMMDD', maxConcurrent: 4 },
      defaults: { audience: 'public', identity: 'none', timeoutMs: 3000, rate: { max: 60, perSeconds: 60 } },
      services: [titles], health: { service: 'titles', intervalSeconds: 60 }, sandbox: {},
    })`
  const folder = folderOf(t, { books: version('books', "version: '1.0.0',").replaceAll("'xuchang-hub'", JSON.stringify(API_URL)) })
  const root = folderOf(t, {
    next: version('books', "version: '1.1.0',"),
    again: version('books', "version: '1.0.0',"),
    nameless: version('books', ''),
    alone: version('alone', "version: '1.0.0',"),
    broken: "throw new Error('no such table')",
  })
  const read = (...candidates: [string, string][]) =>
    readConnectors({ folder, root, candidates: candidates.map(([id, name]) => ({ id, name })) })
  const { declarations, candidates, refusedCandidates, places } = await read(
    ...([
      ['books', './next'],
      ['books', './again'],
      ['books', './nameless'],
      ['alone', './alone'],
      ['books', './broken'],
      ['books', './missing'],
      ['books', 'not-installed'],
    ] as [string, string][]),
  )
  t.match(declarations, [{ id: 'books', version: '1.0.0' }], 'the running one is untouched')
  t.match(candidates, [{ id: 'books', version: '1.1.0' }])
  t.match(places.get('books@1.1.0'), /next$/)
  const reasons = [
    /has the version that runs, 1\.0\.0/,
    /needs a version/,
    /no connector runs/,
    /no such table/,
    /has no index/,
    /not installed/,
  ]
  t.match(
    refusedCandidates.map(({ reasons }) => reasons.join()),
    reasons,
  )
})
