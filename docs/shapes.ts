import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import type { Shape } from '../plugins/declarations/shape.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
/** Where the types of a declaration stand; a policy adds its own by declaration merging. */
const SOURCES = [
  'core/contract/*.ts',
  'core/upstream/{dialect,envelope}.ts',
  'plugins/*/policy.ts',
  'plugins/*/*/{policy,assists,withholding}.ts',
]
/** What the start looks at. A service is read as its author writes it: what is left to the defaults has words of its own. */
const WANTED = ['ConnectorDeclaration', 'ServiceDraft', 'Handler']
/** Types of others, whatever they say, and services, of which the start looks at each part by itself. */
const OPAQUE = new Set(['TSchema', 'Service'])

interface Node {
  readonly type: string
  readonly name?: string
  readonly value?: unknown
  readonly optional?: boolean
  readonly operator?: string
  readonly key?: Node
  readonly id?: Node
  readonly left?: Node
  readonly init?: Node
  readonly literal?: Node
  readonly argument?: Node
  readonly typeName?: Node
  readonly exprName?: Node
  readonly expression?: Node
  readonly constraint?: Node | null
  readonly elementType?: Node
  readonly elementTypes?: readonly Node[]
  readonly objectType?: Node
  readonly indexType?: Node
  readonly typeAnnotation?: Node
  readonly typeParameters?: { readonly params: readonly Node[] } | null
  readonly typeArguments?: { readonly params: readonly Node[] } | null
  readonly types?: readonly Node[]
  readonly members?: readonly Node[]
  readonly extends?: readonly Node[]
  readonly params?: readonly Node[]
  readonly properties?: readonly Node[]
  readonly declarations?: readonly Node[]
  readonly declaration?: Node | null
  readonly body?: Node | readonly Node[]
}

type Options = Extract<Shape, { options: unknown }>

/** The types of a declaration as data (plugins/declarations/shapes.ts), by which a start knows every option and every word there is. */
export function generateShapes(): Record<string, string> {
  const { declared, constants } = readTypes()
  const written = new Map<string, Shape>()
  const shapeOfName = createReader(declared, constants, written)
  for (const name of WANTED) shapeOfName(name)
  const lines = [...reached(written)].sort().map((name) => `  ${name}: ${JSON.stringify(written.get(name))},`)
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
`,
  }
}

/** What the wanted ones name, and so on: those that only others extend are not asked for. */
function reached(written: ReadonlyMap<string, Shape>): Set<string> {
  const names = new Set(WANTED)
  for (const name of names) for (const [, other = ''] of JSON.stringify(written.get(name)).matchAll(/{"of":"(\w+)"}/g)) names.add(other)
  return names
}

function readTypes() {
  const declared = new Map<string, Node[]>()
  const constants = new Map<string, Node>()
  const take = (statement: Node): void => {
    const node = statement.declaration ?? statement
    if (node.type === 'TSModuleDeclaration') for (const inner of listOf((node.body as Node).body)) take(inner)
    for (const { id, init } of node.declarations ?? []) if (id?.name && init) constants.set(id.name, bare(init))
    const name = node.id?.name
    if (name && (node.type === 'TSInterfaceDeclaration' || node.type === 'TSTypeAliasDeclaration'))
      declared.set(name, [...(declared.get(name) ?? []), node])
  }
  for (const file of globSync(SOURCES, { cwd: ROOT }).sort())
    for (const statement of parseSync(file, readFileSync(ROOT + file, 'utf8')).program.body as unknown as Node[]) take(statement)
  return { declared, constants }
}

const listOf = (body: Node['body']): readonly Node[] => (Array.isArray(body) ? body : [])

/** An object, without the `as const` behind it. */
function bare(node: Node): Node {
  return node.type === 'TSAsExpression' && node.expression ? node.expression : node
}

/** → a function that reads a named type, and all that it names, into `written`. */
function createReader(declared: ReadonlyMap<string, Node[]>, constants: ReadonlyMap<string, Node>, written: Map<string, Shape>) {
  const reading = new Set<string>()

  function shapeOfName(name: string): Shape {
    // A type that holds itself, as columns hold fields.
    if (written.has(name) || reading.has(name)) return { of: name }
    const nodes = declared.get(name)
    if (!nodes) throw new Error(`docs/shapes.ts: no such type: ${name}`)
    reading.add(name)
    const shape = join(nodes.map((node) => (node.type === 'TSInterfaceDeclaration' ? interfaceShape(node) : aliasShape(node))))
    reading.delete(name)
    if (!isOptions(shape)) return shape
    written.set(name, shape)
    return { of: name }
  }

  const scopeOf = ({ typeParameters }: Node): Scope =>
    new Map(typeParameters?.params.map(({ name: id, constraint }) => [idOf(id), constraint]))
  const aliasShape = (node: Node) => shapeOf(node.typeAnnotation, scopeOf(node))

  function interfaceShape(node: Node): Shape {
    const scope = scopeOf(node)
    const above = (node.extends ?? []).map((heritage) =>
      open(reference(heritage.expression?.name ?? '', heritage.typeArguments?.params ?? [], scope)),
    )
    return join([...above, membersShape(listOf((node.body as Node).body), scope)])
  }

  function membersShape(members: readonly Node[], scope: Scope): Options {
    const entries = members.map(({ type, key, optional, typeAnnotation }): [string, Shape] => {
      const shape = type === 'TSMethodSignature' ? 'function' : shapeOf(typeAnnotation?.typeAnnotation, scope)
      return [`${key?.name ?? key?.value}${optional ? '?' : ''}`, shape]
    })
    return { options: Object.fromEntries(entries) }
  }

  function open(shape: Shape): Shape {
    return typeof shape === 'object' && 'of' in shape ? (written.get(shape.of) ?? shape) : shape
  }

  function shapeOf(node: Node | undefined, scope: Scope): Shape {
    switch (node?.type) {
      case 'TSStringKeyword':
        return 'text'
      case 'TSNumberKeyword':
        return 'number'
      case 'TSBooleanKeyword':
        return 'flag'
      case 'TSObjectKeyword':
        return 'object'
      case 'TSFunctionType':
        return 'function'
      case 'TSNullKeyword':
        return { words: [null] }
      case 'TSLiteralType':
        return { words: [node.literal?.value as string] }
      case 'TSArrayType':
        return { list: shapeOf(node.elementType, scope) }
      case 'TSTupleType':
        return { list: merge((node.elementTypes ?? []).map((each) => shapeOf(each, scope))) }
      case 'TSNamedTupleMember':
        return shapeOf(node.elementType, scope)
      case 'TSParenthesizedType':
        return shapeOf(node.typeAnnotation, scope)
      case 'TSUnionType':
        return unionShape(
          (node.types ?? []).filter(({ type }) => type !== 'TSUndefinedKeyword'),
          scope,
        )
      case 'TSIntersectionType':
        return join((node.types ?? []).map((each) => open(shapeOf(each, scope))))
      case 'TSTypeLiteral':
        return membersShape(node.members ?? [], scope)
      case 'TSMappedType':
        return node.constraint ? mapped(node.constraint, shapeOf(node.typeAnnotation, scope), node.optional === true, scope) : 'any'
      case 'TSTypeOperator':
        return node.operator === 'keyof' ? keysOf(node.typeAnnotation, scope) : shapeOf(node.typeAnnotation, scope)
      case 'TSIndexedAccessType':
        return memberOf(open(shapeOf(node.objectType, scope)), String(node.indexType?.literal?.value))
      case 'TSTypeReference':
        return reference(node.typeName?.name ?? '', node.typeArguments?.params ?? [], scope)
      default:
        return 'any'
    }
  }

  function unionShape([first, ...others]: readonly Node[], scope: Scope): Shape {
    if (others.length === 0) return shapeOf(first, scope)
    return merge([first, ...others].map((each) => open(shapeOf(each, scope))))
  }

  /** A record with these keys, or with any. */
  function mapped(keys: Node, of: Shape, optional: boolean, scope: Scope): Shape {
    const shape = shapeOf(keys, scope)
    if (typeof shape === 'string' || !('words' in shape)) return { map: of }
    return { options: Object.fromEntries(shape.words.map((word) => [`${word}${optional ? '?' : ''}`, of])) }
  }

  function keysOf(node: Node | undefined, scope: Scope): Shape {
    if (node?.type === 'TSTypeQuery')
      return { words: (constants.get(node.exprName?.name ?? '')?.properties ?? []).map(({ key }) => key?.name ?? String(key?.value)) }
    const name = node?.typeName?.name ?? ''
    const shape = scope.has(name) ? 'any' : open(shapeOf(node, scope))
    return typeof shape === 'object' && 'options' in shape
      ? { words: Object.keys(shape.options).map((key) => key.replace('?', '')) }
      : 'text'
  }

  function reference(name: string, [first, second]: readonly Node[], scope: Scope): Shape {
    if (scope.has(name)) return shapeOf(scope.get(name) ?? undefined, new Map())
    const inner = () => open(shapeOf(first, scope))
    if (name === 'Readonly') return shapeOf(first, scope)
    if (name === 'Partial') return partial(inner())
    if (name === 'Record') return first ? mapped(first, shapeOf(second, scope), false, scope) : 'any'
    if (name === 'Exclude') return exclude(inner(), shapeOf(second, scope))
    if (name === 'Pick') return pick(inner(), shapeOf(second, scope))
    return OPAQUE.has(name) ? 'any' : shapeOfName(name)
  }

  return Object.assign(shapeOfName, { shapeOf, open })
}

type Scope = ReadonlyMap<string, Node | null | undefined>
type Reader = ReturnType<typeof createReader>

/** The name of a type's parameter. */
function idOf(name: unknown): string {
  return typeof name === 'string' ? name : ((name as Node | undefined)?.name ?? '')
}

const isOptions = (shape: Shape): shape is Options => typeof shape === 'object' && 'options' in shape

function memberOf(shape: Shape, name: string): Shape {
  return isOptions(shape) ? (shape.options[name] ?? shape.options[`${name}?`] ?? 'any') : 'any'
}

function partial(shape: Shape): Shape {
  return isOptions(shape)
    ? { options: Object.fromEntries(Object.entries(shape.options).map(([key, of]) => [`${key.replace('?', '')}?`, of])) }
    : shape
}

function exclude(shape: Shape, without: Shape): Shape {
  const words = wordsOf(without)
  return { words: wordsOf(shape).filter((word) => !words.includes(word)) }
}

function pick(shape: Shape, names: Shape): Shape {
  const words = wordsOf(names)
  return isOptions(shape)
    ? { options: Object.fromEntries(Object.entries(shape.options).filter(([key]) => words.includes(key.replace('?', '')))) }
    : shape
}

const wordsOf = (shape: Shape) => (typeof shape === 'object' && 'words' in shape ? shape.words : [])

/** All of them at once. What says anything says nothing more. */
function join(shapes: readonly Shape[]): Shape {
  const said = shapes.filter((shape) => shape !== 'any')
  const parts = said.filter(isOptions)
  if (parts.length < said.length || parts.length === 0) return said[0] ?? 'any'
  return { options: Object.assign({}, ...parts.map(({ options }) => options)) }
}

/** One of them. Which options go together is for other checks: here an object may have those of all. */
function merge(shapes: readonly Shape[]): Shape {
  if (shapes.includes('any')) return 'any'
  const words = [...new Set(shapes.flatMap(wordsOf))]
  const objects = shapes.filter(isOptions)
  const others = shapes.filter((shape) => !isOptions(shape) && !(typeof shape === 'object' && 'words' in shape))
  const all: Shape[] = [
    ...new Map(others.map((shape) => [JSON.stringify(shape), shape])).values(),
    ...(words.length > 0 ? [{ words }] : []),
    ...(objects.length > 0 ? [union(objects)] : []),
  ]
  const [only] = all
  return all.length === 1 && only ? only : { either: all }
}

function union(objects: readonly Options[]): Options {
  const names = [...new Set(objects.flatMap(({ options }) => Object.keys(options).map((key) => key.replace('?', ''))))]
  const entries = names.map((name): [string, Shape] => {
    const isInAll = objects.every(({ options }) => name in options)
    return [`${name}${isInAll ? '' : '?'}`, merge(objects.flatMap(({ options }) => options[name] ?? options[`${name}?`] ?? []))]
  })
  return { options: Object.fromEntries(entries) }
}

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
