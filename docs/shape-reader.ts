import type { Shape } from '../plugins/declarations/shape.ts'
import { exclude, isOptions, join, memberOf, merge, type Options, partial, pick, wordsOf } from './shape-algebra.ts'

/** Types of others, whatever they say, and services, of which the start looks at each part by itself. */
const OPAQUE = new Set(['TSchema', 'RegExp', 'Service'])

/** A node of oxc-parser's tree, with what is asked of one here. */
export interface Node {
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
  readonly default?: Node | null
  readonly arguments?: readonly Node[]
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
  readonly returnType?: Node
  readonly properties?: readonly Node[]
  readonly declarations?: readonly Node[]
  readonly declaration?: Node | null
  readonly body?: Node | readonly Node[]
}

/** What the sources declare, by name. */
interface Types {
  readonly declared: ReadonlyMap<string, Node[]>
  readonly constants: ReadonlyMap<string, Node>
  /** Of which there are two. */
  readonly doubled: ReadonlySet<string>
}

export const listOf = (body: Node['body']): readonly Node[] => (Array.isArray(body) ? body : [])

/** → a function that reads a named type, and all that it names, into `written`. */
export function createReader({ declared, constants, doubled }: Types, written: Map<string, Shape>) {
  const reading = new Set<string>()

  function shapeOfName(name: string): Shape {
    // A type that holds itself, as columns hold fields.
    if (written.has(name) || reading.has(name)) return { of: name }
    const nodes = declared.get(name)
    if (!nodes) throw new Error(`docs/shapes.ts: no such type: ${name}`)
    if (doubled.has(name)) throw new Error(`docs/shapes.ts: two types are called ${name}`)
    reading.add(name)
    const shape = join(nodes.map((node) => (node.type === 'TSInterfaceDeclaration' ? interfaceShape(node) : aliasShape(node))))
    reading.delete(name)
    if (!isOptions(shape)) return shape
    written.set(name, shape)
    return { of: name }
  }

  const scopeOf = ({ typeParameters }: Node): Scope =>
    new Map(typeParameters?.params.map(({ name: id, constraint, default: preset }) => [idOf(id), constraint ?? preset]))
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
    if (name === 'Pick') return pick(inner(), (option) => wordsOf(shapeOf(second, scope)).includes(option))
    if (name === 'Omit') return pick(inner(), (option) => !wordsOf(shapeOf(second, scope)).includes(option))
    return OPAQUE.has(name) ? 'any' : shapeOfName(name)
  }

  return Object.assign(shapeOfName, { shapeOf, open })
}

export type Scope = ReadonlyMap<string, Node | null | undefined>

/** The name of a type's parameter. */
export function idOf(name: unknown): string {
  return typeof name === 'string' ? name : ((name as Node | undefined)?.name ?? '')
}
