import { type DatePart, troubleOfPattern } from '../../core/contract/date-pattern.ts'
import type { FieldNotes, FieldType } from '../../core/contract/fields.ts'
import type { InputNotes, InputType } from '../../core/contract/inputs.ts'
import { namesInPath } from '../../core/contract/paths.ts'
import { rowsOf, systemOf, systemsOf } from '../../core/contract/systems.ts'
import type { ConnectorDeclaration, ServiceContract } from '../../core/contract/types.ts'
import type { DialectDeclaration } from '../../core/upstream/dialect.ts'

type Problems = string[]

const DAY: readonly DatePart[] = ['year', 'month', 'day']
const FIELD_PARTS: Partial<Record<FieldType, readonly DatePart[]>> = { date: DAY, datetime: DAY, until: DAY, month: ['year', 'month'] }
const INPUT_PARTS: Partial<Record<InputType, readonly DatePart[]>> = { period: DAY, date: DAY, time: ['hour', 'minute'] }
/** Inputs that are one text: what can stand in a path or a header. */
const ONE_TEXT: ReadonlySet<InputType> = new Set(['text', 'integer', 'choice', 'date', 'time', 'flag', 'verified'])
/** Theirs is the connection's and the dialect's business. */
const FORBIDDEN_HEADERS = new Set(['host', 'connection', 'content-length', 'content-type', 'transfer-encoding', 'authorization'])

/** What is wrong with how the systems of a connector are written to. */
export function checkSystems(connector: ConnectorDeclaration): Problems {
  return systemsOf(connector).flatMap(([key, , { dateFormat, subject }]) => {
    const trouble = troubleOfPattern(dateFormat, DAY)
    return [...checkFacts(key, subject.person), ...(trouble === null ? [] : [`${key}.upstream.dateFormat: ${trouble}`])]
  })
}

/** Who asks for himself has no enterprise whose facts could be told. */
function checkFacts(key: string, subject: Readonly<Record<string, string>> = {}): Problems {
  const strange = Object.entries(subject).filter(([, fact]) => fact.startsWith('enterprise.'))
  return strange.map(([parameter, fact]) => `${key}.upstream.subject.person: ${parameter} is a fact of an enterprise: ${fact}`)
}

export function checkFieldPattern({ type, pattern, monthAsFirstDay }: FieldNotes): Problems {
  return [
    ...checkPattern(pattern, FIELD_PARTS[type]),
    ...(pattern !== undefined && monthAsFirstDay ? ['a pattern leaves no room for months'] : []),
  ]
}

export function checkInputPattern({ type, pattern }: InputNotes): Problems {
  return checkPattern(pattern, INPUT_PARTS[type])
}

function checkPattern(pattern: string | undefined, needed: readonly DatePart[] | undefined): Problems {
  if (pattern === undefined) return []
  const trouble = needed ? troubleOfPattern(pattern, needed) : 'has no use for a pattern'
  return trouble === null ? [] : [trouble]
}

/** What is wrong with the expression that a value must match, which is compiled when somebody first gives one. */
export function checkExpression(pattern: unknown): Problems {
  try {
    if (pattern !== undefined) new RegExp(String(pattern), 'u')
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}

/** What is wrong with the path, the headers and the keys of a service's calls. */
export function checkRequest(connector: ConnectorDeclaration, contract: ServiceContract): Problems {
  const { path, headers = {}, method = 'POST', system } = contract.upstream ?? {}
  // A system that isn't there is named elsewhere.
  if (system !== undefined && !connector.systems?.[system]) return []
  const inPath = namesInPath(path)
  const inHeaders = Object.values(headers).flatMap((value) => (typeof value === 'object' && 'input' in value ? [value.input] : []))
  return [
    ...[...inPath, ...inHeaders].flatMap((name) => checkPlaced(name, contract)),
    ...inPath.flatMap((name) => {
      const notes = contract.inputs[name]?.notes
      return notes && !notes.required && !notes.fact ? [`upstream.path: the input ${name} must be required`] : []
    }),
    ...(/[{}]/.test((path ?? '').replace(/\{[^{}]+\}/g, '')) ? [`upstream.path: braces that hold no input: ${path}`] : []),
    ...(path === undefined || placesPath(systemOf(connector, contract).dialect)
      ? []
      : ['upstream.path: the dialect has no place for a path']),
    ...Object.entries(headers).flatMap(([name, value]) => checkHeader(name, typeof value === 'string' ? value : '')),
    ...(contract.submission && (inPath.length > 0 || Object.keys(headers).length > 0)
      ? ['a submission has no inputs in its path and no headers: its status is asked for without them']
      : []),
    ...(contract.submission && method !== 'POST' && method !== 'PUT' ? ['a submission is sent by POST or PUT'] : []),
    ...checkKeys(connector, contract),
    ...checkPaging(connector, contract),
  ]
}

function checkPlaced(name: string, { inputs }: ServiceContract): Problems {
  const notes = inputs[name]?.notes
  if (!notes) return [`upstream: no such input: ${name}`]
  return ONE_TEXT.has(notes.type) ? [] : [`upstream: a ${notes.type} cannot stand in a path or a header: ${name}`]
}

function placesPath({ placesPath, options }: DialectDeclaration): boolean {
  const { path } = (options ?? {}) as { path?: string }
  return placesPath ?? (path === undefined || path.includes('{path}'))
}

function checkHeader(name: string, constant: string): Problems {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return [`upstream.headers: not a header's name: ${name}`]
  if (FORBIDDEN_HEADERS.has(name.toLowerCase())) return [`upstream.headers: ${name} is not the service's to set`]
  return /^[\x20-\x7e]*$/.test(constant) ? [] : [`upstream.headers: ${name} holds more than ASCII`]
}

function checkPaging(connector: ConnectorDeclaration, contract: ServiceContract): Problems {
  const { paging, envelope } = contract.upstream ?? {}
  if (!paging) return []
  const { total } = { ...systemOf(connector, contract).envelope, ...envelope }
  return [
    ...(paging.rows >= 1 ? [] : ['upstream.paging.rows must be at least 1']),
    ...(paging.through && (rowsOf(contract) === 'one' || contract.kind === 'document' || contract.document)
      ? ['upstream.paging.through is for lists, and a document is printed whole']
      : []),
    ...(paging.through && total.length === 0 ? ['upstream.paging.through needs envelope.total: the count is the agency’s'] : []),
  ]
}

/** In a body no key may be both a value and the way to another. */
function checkKeys(connector: ConnectorDeclaration, contract: ServiceContract): Problems {
  const { subject } = systemOf(connector, contract)
  const keys = new Set([
    ...Object.keys(contract.upstream?.constants ?? {}),
    ...Object.keys({ ...subject.person, ...subject.enterprise }),
    ...Object.values(contract.inputs).flatMap(({ notes }) => [...notes.codes]),
  ])
  return [...keys].flatMap((key) =>
    [...keys].some((other) => other.startsWith(`${key}.`)) ? [`upstream: ${key} is a value and a path to others`] : [],
  )
}
