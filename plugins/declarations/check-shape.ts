import type { ConnectorDeclaration, Service } from '../../core/contract/types.ts'
import { nearest } from './nearest.ts'
import type { Shape } from './shape.ts'
import { dialectOptions, makerOptions, shapes } from './shapes.ts'

type Options = Readonly<Record<string, Shape>>

/** What a place passes over: `water.bills.amount` is a field of a service of a connector. */
const PASSED_OVER = new Set(['contract', 'fields', 'inputs', 'columns', 'notes'])
/** More names than these are looked up. */
const FEW = 12
/** What is made by a function of the authoring API, as it is written. */
const MADE: Readonly<Record<string, string>> = {
  DialectDeclaration: '',
  CallbackDeclaration: '',
  Envelope: 'envelope.',
  Field: 'field.',
  Input: 'input.',
}
/** What is written by another name than it is kept under. */
const WRITTEN: Readonly<Record<string, readonly string[]>> = { FieldNotes: makerOptions.field, InputNotes: makerOptions.input }

/** Services are looked at one by one. */
const { services: _services, ...ITSELF } = optionsOf('ConnectorDeclaration')

/**
 * What a compiler would say of a declaration, which a package in JavaScript never saw: options that there are not, words
 * that mean nothing, what is missing or of another type. An option that nobody reads would be ignored, and a word that nobody
 * knows be taken for another.
 */
export function checkShape(connector: ConnectorDeclaration): string[] {
  const { services, ...itself } = connector
  const place = typeof connector.id === 'string' ? connector.id : 'connector'
  const known = [...checkOptions(itself, ITSELF, place, 'ConnectorDeclaration'), ...checkDialects(connector, place)]
  if (!Array.isArray(services)) return [...known, `${place}: services must be a list`]
  return [...known, ...services.flatMap((service: Service, index) => checkService(service, place, index))]
}

/** What each dialect was given. A system that is none is named elsewhere. */
function checkDialects({ upstream, systems = {} }: ConnectorDeclaration, place: string): string[] {
  const all = [['upstream', upstream] as const, ...Object.entries(systems).map(([name, system]) => [`systems.${name}`, system] as const)]
  return all.flatMap(([key, system]) => {
    const { name = '', simulator = '', options } = system?.dialect ?? {}
    return options ? check(options, dialectOptions[name] ?? dialectOptions[simulator] ?? 'any', `${place}.${key}.dialect`, '') : []
  })
}

function checkService(service: Service, place: string, index: number): string[] {
  const { contract, handler = null }: Partial<Service> = service ?? {}
  if (typeof contract !== 'object' || contract === null) return [`${place}.services[${index}]: is no service: write service({ … })`]
  const at = `${place}.${contract.id ?? `services[${index}]`}`
  return [...check(contract, { of: 'ServiceDraft' }, at, ''), ...(handler ? check(handler, { of: 'Handler' }, `${at}.via`, '') : [])]
}

/** `key` is what the value is called at its place. */
function check(value: unknown, shape: Shape, place: string, key: string, name = ''): string[] {
  if (shape === 'any') return []
  if (typeof shape === 'string') return isOf(value, shape) ? [] : [wrong(value, `a ${shape}`, place, key, name)]
  if ('of' in shape) return check(value, shapes[shape.of] ?? 'any', place, key, shape.of)
  if ('words' in shape) return checkWord(value, shape.words, place, key)
  if ('either' in shape) return checkEither(value, shape.either, place, key)
  const inside = key === '' || PASSED_OVER.has(key) ? place : `${place}.${key}`
  if ('list' in shape) {
    if (!Array.isArray(value)) return [wrong(value, 'a list', place, key, name)]
    return value.flatMap((each, index) => check(each, shape.list, place, `${key}[${index}]`))
  }
  if (!isObject(value)) return [wrong(value, 'an object', place, key, name)]
  if ('options' in shape) return checkOptions(value, shape.options, inside, name)
  return entriesOf(value).flatMap(([each, held]) => check(held, shape.map, inside, each))
}

function checkOptions(value: object, options: Options, place: string, name: string): string[] {
  const { known, required } = prepare(options)
  const entries = entriesOf(value)
  const given = new Set(entries.map(([option]) => option))
  return [
    ...required.filter((option) => !given.has(option)).map((option) => `${place}: missing ${option}`),
    ...entries.flatMap(([option, held]) => {
      const shape = known.get(option)
      if (shape === undefined) return [unknown('option', option, WRITTEN[name] ?? [...known.keys()], place)]
      return check(held, shape, place, option)
    }),
  ]
}

interface Prepared {
  readonly known: ReadonlyMap<string, Shape>
  readonly required: readonly string[]
}

/** Read once: a hub has thousands of fields with the same options. */
const prepared = new WeakMap<Options, Prepared>()

function prepare(options: Options): Prepared {
  const before = prepared.get(options)
  if (before) return before
  const known = new Map(Object.entries(options).map(([option, shape]) => [option.replace('?', ''), shape]))
  const made = { known, required: Object.keys(options).filter((option) => !option.endsWith('?')) }
  prepared.set(options, made)
  return made
}

function checkEither(value: unknown, shapes: readonly Shape[], place: string, key: string): string[] {
  const tried = shapes.map((shape) => check(value, shape, place, key))
  if (tried.some((problems) => problems.length === 0)) return []
  // Of several the one that is nearest: an object's options, a word's words.
  const meant = shapes.findIndex((shape) => typeof shape === 'object' && (isObject(value) ? 'options' in shape : 'words' in shape))
  return tried[Math.max(meant, 0)] ?? []
}

function checkWord(value: unknown, words: readonly unknown[], place: string, key: string): string[] {
  return words.includes(value) ? [] : [`${place}: unknown ${key}: ${show(value)} (known: ${words.join(', ')})`]
}

function unknown(what: string, word: string, names: readonly string[], place: string): string {
  const meant = nearest(word, names)
  const known = names.length > FEW ? 'docs/contract.md has those there are' : `known: ${names.join(', ')}`
  return `${place}: unknown ${what}: ${word} (${meant ? `${meant}?` : known})`
}

/** A function that was not called, and a name in place of what it names, are written so by whoever is new to it. */
function wrong(value: unknown, wanted: string, place: string, key: string, name: string): string {
  const maker = MADE[name]
  const at = key === '' ? place : `${place}: ${key}`
  const made =
    typeof value === 'function'
      ? value.name
      : typeof value === 'string'
        ? value.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
        : ''
  if (maker !== undefined && made !== '') return `${at} is ${show(value)}: write ${maker}${made}()`
  return `${at} must be ${wanted}, not ${show(value)}`
}

function show(value: unknown): string {
  if (typeof value === 'function') return `the function ${value.name}`
  if (Array.isArray(value)) return 'a list'
  return isObject(value) ? 'an object' : String(value)
}

function isOf(value: unknown, type: 'text' | 'number' | 'flag' | 'object' | 'function'): boolean {
  if (type === 'object') return isObject(value)
  return typeof value === (type === 'text' ? 'string' : type === 'flag' ? 'boolean' : type)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)
const entriesOf = (value: object): [string, unknown][] => Object.entries(value).filter(([, held]) => held !== undefined)

function optionsOf(name: string): Options {
  const shape: Shape | undefined = shapes[name]
  return typeof shape === 'object' && 'options' in shape ? shape.options : {}
}
