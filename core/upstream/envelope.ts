import { isUtf8, transcode } from 'node:buffer'
import type { RawReply } from './dialect.ts'
import { UpstreamError } from './error.ts'
import { parseJson } from './json.ts'

/** How an agency wraps its answers; a union of what is seen behind exchange platforms, as data. */
export interface Envelope {
  /** Keys that may hold the result code, tried in order, in any case. An answer with none of them is bare data. */
  codeKeys: readonly string[]
  messageKeys: readonly string[]
  /** Codes that mean success, compared as text. */
  success: readonly string[]
  /** Codes that mean success to some and failure to others: success only together with rows, or with an empty text. */
  successWithData: readonly string[]
  /** Paths to a second code inside the data; where there is one it must mean success too. */
  innerCodeKeys: readonly string[]
  /** Codes that mean "nothing found" rather than an error. */
  empty: readonly string[]
  /** Messages, and plain-text bodies, that mean "nothing found" (exact). */
  emptyTexts: readonly string[]
  /** Paths to the rows, tried in order; `''` is the root. */
  data: readonly string[]
  /** Paths to the number of all rows, where the answer is one page of several. */
  total: readonly string[]
  /** Whether data may be JSON written into a string. */
  jsonInString: boolean
  /** Charset where the Content-Type names none; what cannot be UTF-8 is read as GB 18030. */
  charset: 'utf-8' | 'gbk'
}

export type SourceRow = Readonly<Record<string, unknown>>

export interface Opened {
  rows: readonly SourceRow[]
  /** All rows there are, when the agency says so. */
  total: number | null
}

const NOTHING: Opened = { rows: [], total: 0 }

/** → a function that opens an answer (HTTP 2xx) into rows, or throws an {@link UpstreamError}. */
export function compileEnvelope(envelope: Envelope): (reply: RawReply) => Opened {
  const success = new Set([...envelope.success, ...envelope.successWithData])
  const uncertain = new Set(envelope.successWithData)
  const innerCodePaths = envelope.innerCodeKeys.map(stepsOf)
  const empty = new Set(envelope.empty)
  const emptyTexts = new Set(envelope.emptyTexts)
  const dataPaths = envelope.data.map(stepsOf)
  const totalPaths = envelope.total.map(stepsOf)
  const envelopeKeys = new Set([...envelope.codeKeys, ...envelope.messageKeys, ...envelope.total].map((key) => key.toLowerCase()))

  return function open(reply) {
    const invalid = () => new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: reply.status })
    const text = decode(reply, envelope.charset, invalid).trim()
    if (text[0] !== '{' && text[0] !== '[') {
      if (emptyTexts.has(text)) return NOTHING
      throw invalid()
    }
    const root = parse(text, invalid)
    if (Array.isArray(root)) return { rows: toRows(root), total: null }

    const object = root as SourceRow
    const code = lookup(object, envelope.codeKeys)
    const words = lookup(object, envelope.messageKeys)
    const saysEmpty = emptyTexts.has(String(words))
    const refused = () => new UpstreamError('HUB_UPSTREAM_REFUSED', { delivery: 'refused', status: reply.status, words })
    if (code !== undefined && !success.has(String(code))) {
      if (empty.has(String(code)) || saysEmpty) return NOTHING
      throw refused()
    }
    for (const path of innerCodePaths) if (!success.has(String(follow(object, path) ?? envelope.success[0]))) throw refused()
    const rows = toRows(findData(object, code !== undefined))
    if (rows.length === 0 && uncertain.has(String(code)) && !saysEmpty) throw refused()
    return { rows, total: findTotal(object) }

    function findData(object: SourceRow, wrapped: boolean): unknown {
      for (const path of dataPaths) {
        if (path.length > 0) {
          const data = follow(object, path)
          if (data !== undefined) return data
        } else if (!wrapped || Object.keys(object).some((key) => !envelopeKeys.has(key.toLowerCase()))) {
          return object
        }
      }
      if (wrapped) return null
      throw invalid()
    }

    function findTotal(object: SourceRow): number | null {
      for (const path of totalPaths) {
        const total = Number(follow(object, path) ?? Number.NaN)
        if (Number.isSafeInteger(total) && total >= 0) return total
      }
      return null
    }

    function toRows(data: unknown): SourceRow[] {
      if (data === null || data === '') return []
      if (typeof data === 'string') {
        const inner = data.trim()
        if (emptyTexts.has(inner)) return []
        if (!envelope.jsonInString || (inner[0] !== '{' && inner[0] !== '[')) throw invalid()
        return toRows(parse(inner, invalid))
      }
      if (Array.isArray(data)) {
        for (const row of data) if (!isObject(row)) throw invalid()
        return data as SourceRow[]
      }
      if (!isObject(data)) throw invalid()
      return Object.keys(data).length === 0 ? [] : [data]
    }
  }
}

const BYTE_ORDER_MARK = 0xfeff

/**
 * GB 18030 contains GBK and GB 2312. Bytes that are not what they are said to be are an error, never mojibake; where
 * nothing is said they are what the declaration says, and what cannot be UTF-8 is the other thing that agencies send.
 */
function decode({ body, contentType }: RawReply, declared: Envelope['charset'], invalid: () => Error): string {
  const named = /charset=["']?([\w-]+)/i.exec(contentType)?.[1]?.toLowerCase()
  const charset = named ?? declared
  if (charset === 'utf-8' || charset === 'utf8') {
    if (isUtf8(body)) {
      // Chinese becomes UTF-16 anyway; by this way it does so at twice the speed of toString('utf8').
      const text = transcode(body, 'utf8', 'utf16le').toString('utf16le')
      return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
    }
    if (named !== undefined || isBrokenUtf8(body)) throw invalid()
  } else if (!['gbk', 'gb2312', 'gb18030'].includes(charset)) throw invalid()
  try {
    return new TextDecoder('gb18030', { fatal: true }).decode(body)
  } catch {
    throw invalid()
  }
}

/** UTF-8 of which a character was cut, by a column that was too short: most of its Chinese can be read, of GBK hardly any. */
function isBrokenUtf8(body: Buffer): boolean {
  const text = body.toString('utf8')
  return (text.match(/\p{Script=Han}/gu)?.length ?? 0) > (text.match(/\ufffd/g)?.length ?? 0)
}

function parse(text: string, invalid: () => Error): object {
  try {
    return parseJson(text) as object
  } catch {
    // The parser's message quotes the body, so it is not kept as cause.
    throw invalid()
  }
}

const stepsOf = (path: string): readonly (readonly string[])[] => (path === '' ? [] : path.split('.').map((key) => [key]))

function follow(object: SourceRow, path: ReturnType<typeof stepsOf>): unknown {
  return path.reduce<unknown>((value, step) => (isObject(value) ? lookup(value, step) : undefined), object)
}

/** Exact key first, then any case: agencies write `code`, `CODE` and `Code`. */
export function lookup(object: SourceRow, keys: readonly string[]): unknown {
  for (const key of keys) if (object[key] !== undefined) return object[key]
  const known = indexes.get(object)
  if (known) return pick(known, keys)
  for (const key of keys) {
    let seen = 0
    for (const candidate in object) {
      if (++seen > MANY) return pick(indexOf(object), keys)
      if (isSameKey(candidate, key) && object[candidate] !== undefined) return object[candidate]
    }
  }
  return undefined
}

/** So many members no envelope has. An answer of a million would hold up the process, were all of them gone through for each key. */
const MANY = 100
const indexes = new WeakMap<SourceRow, ReadonlyMap<string, unknown>>()

function pick(index: ReadonlyMap<string, unknown>, keys: readonly string[]): unknown {
  for (const key of keys) {
    const value = index.get(key.toLowerCase())
    if (value !== undefined) return value
  }
  return undefined
}

/** By their names in lower case; of several spellings the first. */
function indexOf(object: SourceRow): ReadonlyMap<string, unknown> {
  const index = new Map<string, unknown>()
  for (const name in object) {
    const folded = name.toLowerCase()
    if (object[name] !== undefined && isSameKey(name, folded) && !index.has(folded)) index.set(folded, object[name])
  }
  indexes.set(object, index)
  return index
}

// Most differ in length, which costs nothing to tell.
const isSameKey = (one: string, other: string) => one.length === other.length && one.toLowerCase() === other.toLowerCase()

export function isObject(value: unknown): value is SourceRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
