import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import * as api from '../../core/connector.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const API = join(ROOT, 'core/connector.ts')

/** `…` stands for what an example leaves out. */
const REST = `
// biome-ignore lint: it may be anything
declare const rest: any
`
/** A part of a declaration, `inputs: { … }`: its calls are checked. */
const PART = 'declare function part(parts: Record<string, unknown>): void\n'

/** An example of a document as a module that the compiler can read. */
function moduleOf(example: string): string {
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
      const file = `${name}-line-${text.slice(0, found.index).split('\n').length}.mts`
      writeFileSync(join(folder, file), moduleOf(found[1] ?? ''))
      return file
    })
  })
  t.ok(files.filter((file) => file.startsWith('connectors.md')).length >= 7, 'the contract is documented by examples')

  const options = { noEmit: true, rewriteRelativeImportExtensions: false, rootDir: '/', typeRoots: [join(ROOT, 'node_modules/@types')] }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions: options, include: [], files }),
  )
  const compiled = await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  )
  t.equal(compiled, '')
})
