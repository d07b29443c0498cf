import { execFile } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import type { ConnectorDeclaration, Service } from '../../core/connector.ts'
import * as api from '../../core/connector.ts'
import { checkDeclarations } from '../../plugins/declarations/check.ts'
import { kindOf, kinds } from '../../plugins/kinds/index.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const API = join(ROOT, 'core/connector.ts')

/** What the kinds of service add to the authoring API, and the hall and the calendar. */
const KINDS = [
  ...globSync('plugins/*/policy.ts', { cwd: ROOT }),
  ...globSync('plugins/kinds/*/policy.ts', { cwd: ROOT }),
  'plugins/sandbox/life.ts',
]

/** `…` stands for what an example leaves out. */
const REST = `
// biome-ignore lint: it may be anything
declare const rest: any
`
/** A part of a declaration, `inputs: { … }`: its calls are checked. */
const PART = 'declare function part(parts: Record<string, unknown>): void\n'

/** An example of a document as a module that the compiler can read. */
function moduleOf(example: string): string {
  if (/^\/\/ connectors\//.test(example)) return example.replace(/from '[./]+\/core\/connector\.ts'/g, `from '${API}'`)
  const text = example.replace(/from '[./]+\/core\/connector\.ts'/g, `from '${API}'`)
  const names = Object.keys(api).filter((name) => !new RegExp(`(const|import[^;]*?)\\b${name}\\b`).test(text))
  const prelude = `import { ${names.join(', ')} } from '${API}'\n${REST}`
  const whole = text.replaceAll('…', '...rest')
  return /^\s*(?:\/\/.*\n)*\w+:/.test(text) ? `${prelude}${PART}part({\n${whole}\n})\n` : `${prelude}${whole}`
}

/** Fenced as `ts`; what cannot stand alone, or is no declaration, is fenced as `typescript`. */
t.test('the examples of the documents compile', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-examples-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const documents = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'))
  const files = documents.flatMap((name) => {
    const text = readFileSync(join(ROOT, 'docs', name), 'utf8')
    return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((found) => {
      const example = found[1] ?? ''
      // One that says which file it is stands there, where the others of its connector look for it.
      const file = /^\/\/ (connectors\/\S+)\n/.exec(example)?.[1] ?? `${name}-line-${text.slice(0, found.index).split('\n').length}.mts`
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), moduleOf(example))
      return file
    })
  })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  t.ok(files.filter((file) => file.startsWith('connectors.md')).length >= 7, 'the contract is documented by examples')

  const options = { noEmit: true, rewriteRelativeImportExtensions: false, rootDir: '/', typeRoots: [join(ROOT, 'node_modules/@types')] }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: options,
      include: [],
      files: [...files, ...KINDS.map((file) => join(ROOT, file))],
    }),
  )
  const compiled = await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  )
  t.equal(compiled, '')
})

t.test('the services of the cookbook make a connector with which a hub would start, and every kind is among them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-cookbook-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const text = readFileSync(join(ROOT, 'docs/cookbook.md'), 'utf8')
  const modules = await Promise.all(
    [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, example = ''], index) => {
      const file = join(folder, `${index}.mts`)
      writeFileSync(file, example.replace("'../../core/connector.ts'", `'${API}'`))
      return import(file) as Promise<Record<string, Service | ((services: readonly Service[]) => ConnectorDeclaration)>>
    }),
  )
  const parts = modules.flatMap((module) => Object.values(module))
  const services = parts.filter((part) => typeof part !== 'function')
  const [connectorOf] = parts.filter((part) => typeof part === 'function')
  t.same(new Set(services.map(({ contract }) => kindOf(contract).name)), new Set(kinds.map(({ name }) => name)))
  t.same(connectorOf && checkDeclarations([connectorOf(services)], kinds), [])
})
