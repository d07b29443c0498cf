import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import type { Shape } from '../plugins/declarations/shape.ts'
import { isOptions } from './shape-algebra.ts'
import { createReader, idOf, listOf, type Node, type Scope } from './shape-reader.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
/** Where the types of a declaration stand; a policy adds its own by declaration merging. */
const SOURCES = [
  'core/contract/*.ts',
  'core/upstream/{dialect,envelope}.ts',
  'core/dialects/signing-form.ts',
  'plugins/*/policy.ts',
  'plugins/*/*/{policy,assists,withholding}.ts',
]
/** What dialects take. One that signs a string that its author describes has a name for each description. */
const DIALECTS = globSync('core/dialects/*.ts', { cwd: ROOT }).filter((file) => !/\/sign(ing-|ed-string|ed-callback)/.test(file))
const DESCRIBED = { name: 'signed-string', type: 'SigningForm' }
/** What the start looks at. A service is read as its author writes it: what is left to the defaults has words of its own. */
const WANTED = ['ConnectorDeclaration', 'ServiceDraft', 'Handler']

/** The types of a declaration as data (plugins/declarations/shapes.ts), by which a start knows every option and every word there is. */
export function generateShapes(): Record<string, string> {
  const { dialects, ...types } = readTypes()
  const { constants } = types
  const written = new Map<string, Shape>()
  const shapeOfName = createReader(types, written)
  for (const name of WANTED) shapeOfName(name)
  const read = [...dialects].map(([name, type]) => [name, shapeOfName.open(shapeOfName.shapeOf(type, new Map()))] as const)
  const taken = [...read, [DESCRIBED.name, shapeOfName.open(shapeOfName(DESCRIBED.type))] as const].sort()
  const lines = [...reached(written, taken)].sort().map((name) => `  ${name}: ${JSON.stringify(written.get(name))},`)
  const options = ['field', 'input'].map((maker) => `  ${maker}: ${JSON.stringify(optionsOf(constants.get(maker), shapeOfName))},`)
  return {
    'plugins/declarations/shapes.ts': `// Written by \`npm run docs\` from the types of a declaration; change those, not this file.
import type { Shape } from './shape.ts'

export const shapes: Readonly<Record<string, Shape>> = {
${lines.join('\n')}
}

/** What authors write with \`field.…()\` and \`input.…()\`. */
export const makerOptions: Readonly<Record<'field' | 'input', readonly string[]>> = {
${options.join('\n')}
}

/** What dialects take, by their names. */
export const dialectOptions: Readonly<Record<string, Shape>> = {
${taken.map(([name, shape]) => `  '${name}': ${JSON.stringify(shape)},`).join('\n')}
}
`,
  }
}

/** What the wanted ones name, and so on: those that only others extend are not asked for. */
function reached(written: ReadonlyMap<string, Shape>, taken: unknown): Set<string> {
  const namesIn = (shape: unknown) => [...JSON.stringify(shape ?? null).matchAll(/{"of":"(\w+)"}/g)].map(([, name = '']) => name)
  const names = new Set([...WANTED, ...namesIn(taken)])
  for (const name of names) for (const other of namesIn(written.get(name))) names.add(other)
  return names
}

function readTypes() {
  const declared = new Map<string, Node[]>()
  const constants = new Map<string, Node>()
  const dialects = new Map<string, Node>()
  const merged = new Set<Node>()
  const doubled = new Set<string>()
  const take = (statement: Node, isMerged = false): void => {
    const node = statement.declaration ?? statement
    if (node.type === 'TSModuleDeclaration') for (const inner of listOf((node.body as Node).body)) take(inner, true)
    for (const { id, init } of node.declarations ?? []) if (id?.name && init) constants.set(id.name, bare(init))
    const dialect = dialectOf(node)
    if (dialect) dialects.set(...dialect)
    const name = node.id?.name
    if (!name || (node.type !== 'TSInterfaceDeclaration' && node.type !== 'TSTypeAliasDeclaration')) return
    const before = declared.get(name) ?? []
    // Types of one name in two files cannot be told apart here.
    if (!isMerged && before.some((each) => !merged.has(each))) doubled.add(name)
    if (isMerged) merged.add(node)
    declared.set(name, [...before, node])
  }
  for (const file of [...globSync(SOURCES, { cwd: ROOT }), ...DIALECTS].sort())
    for (const statement of parseSync(file, readFileSync(ROOT + file, 'utf8')).program.body as unknown as Node[]) take(statement)
  return { declared, constants, dialects, doubled }
}

/** → the name of a dialect that keeps its options as they are written, and their type. */
function dialectOf({ type, returnType, params, body }: Node): [name: string, options: Node] | null {
  const [options] = params ?? []
  const taken = (options?.left ?? options)?.typeAnnotation?.typeAnnotation
  if (type !== 'FunctionDeclaration' || returnType?.typeAnnotation?.typeName?.name !== 'DialectDeclaration' || !taken) return null
  const made = listOf((body as Node).body).find((statement) => statement.type === 'ReturnStatement')?.argument?.properties ?? []
  // A name of its own, or the one that a signing form is given.
  const given = made.find(({ type: kind }) => kind === 'SpreadElement')?.argument?.arguments?.[0]
  const name = (made.find(({ key }) => key?.name === 'name')?.value as Node | undefined)?.value ?? given?.value
  const isKept = made.some(({ key, value }) => key?.name === 'options' && (value as Node).name === 'options')
  return typeof name === 'string' && isKept ? [name, taken] : null
}

/** An object, without the `as const` behind it. */
function bare(node: Node): Node {
  return node.type === 'TSAsExpression' && node.expression ? node.expression : node
}

type Reader = ReturnType<typeof createReader>

/** The names of everything that the makers of a kind take. */
function optionsOf(makers: Node | undefined, { shapeOf, open }: Reader): string[] {
  const names = (makers?.properties ?? []).flatMap(({ value }) => {
    const maker = value as Node
    const scope: Scope = new Map(maker.typeParameters?.params.map(({ name: id }) => [idOf(id), null]))
    const last = (maker.params ?? []).at(-1)
    const taken = last?.left ?? last
    const shape = open(shapeOf(taken?.typeAnnotation?.typeAnnotation, scope))
    return isOptions(shape) ? Object.keys(shape.options).map((key) => key.replace('?', '')) : []
  })
  return [...new Set(names)].sort()
}
