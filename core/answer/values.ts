import { beijing } from '../base/time.ts'
import { compileDatePattern } from '../contract/date-pattern.ts'
import { type CodeList, type CodeValue, type FieldNotes, type FileNote, OPEN_ENDS, type UntilValue } from '../contract/fields.ts'

/**
 * Readers of upstream values: every form that agencies are seen to use for a type, and nothing else.
 * Each returns null for "no value" (null, '', and a date of zeros) and `undefined` for what it cannot read.
 */
export type Reader = (value: unknown) => unknown

/** The result of a reader on something that is not of its type. */
const UNREADABLE = undefined

/** What an agency writes into one field; a longer text is no value of it. Declarations may say otherwise (`longest`). */
const LONGEST_TEXT = 10_000
const LONGEST_FILE_NAME = 255

function readText(value: unknown, longest = LONGEST_TEXT): string | null | undefined {
  if (typeof value === 'string') {
    if (value.length > longest) return UNREADABLE
    const text = value.trim()
    return text === '' ? null : text
  }
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : UNREADABLE
}

function readNumber(value: unknown): number | null | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : UNREADABLE
  if (typeof value !== 'string') return UNREADABLE
  const text = value.trim()
  if (text === '') return null
  if (!/^[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/.test(text)) return UNREADABLE
  return Number(text.replaceAll(',', ''))
}

/** Rounds to whole fen; binary fractions of a fen are an artefact of the sender's arithmetic. */
function readMoney(unit: 'yuan' | '10k-yuan'): Reader {
  const factor = unit === '10k-yuan' ? 10_000 : 1
  return (value) => {
    const amount = readNumber(value)
    return typeof amount === 'number' ? Math.round(amount * factor * 100) / 100 : amount
  }
}

/** There is nothing smaller than a fen: 12.34 where fen were declared is an amount in another unit. */
function readFen(value: unknown): number | null | undefined {
  const fen = readInteger(value)
  return typeof fen === 'number' ? fen / 100 : fen
}

function readInteger(value: unknown): number | null | undefined {
  const number = readNumber(value)
  return typeof number !== 'number' || Number.isSafeInteger(number) ? number : UNREADABLE
}

const FLAGS: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  y: true,
  yes: true,
  是: true,
  有: true,
  异常: true,
  '0': false,
  false: false,
  n: false,
  no: false,
  否: false,
  无: false,
  正常: false,
}

export function readFlag(value: unknown): boolean | null | undefined {
  if (typeof value === 'boolean') return value
  const text = readText(value)
  return typeof text === 'string' ? FLAGS[text.toLowerCase()] : text
}

const DAY = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$|^(\d{4})(\d{2})(\d{2})$/
const MONTH = /^(\d{4})[-/.年]?(\d{1,2})月?$/
const MOMENT = /^(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})[ T]?(\d{2}):?(\d{2}):?(\d{2})?(?:[.,]\d{1,9})?(Z|[+-]\d{2}:?\d{2})?$/

/** → `YYYY-MM-DD`, from YYYYMMDD, YYYY-MM-DD and its like, a date with time, or epoch milliseconds. */
export function readDate(value: unknown): string | null | undefined {
  const text = readText(value)
  if (typeof text !== 'string') return text
  if (/^0+$/.test(text)) return null
  // Eight digits written together are the commonest form by far.
  const day = text.length === 8 && !Number.isNaN(Number(text)) ? [text.slice(0, 4), text.slice(4, 6), text.slice(6)] : partsOfDay(text)
  if (day) return civilDay(Number(day[0]), Number(day[1]), Number(day[2])) ?? UNREADABLE
  return readMoment(text)?.slice(0, 10) ?? UNREADABLE
}

/** Year, month and day. Without separators only eight digits are a day: 201211 is a month and never 1 January 2012. */
function partsOfDay(text: string): (string | undefined)[] | null {
  const found = DAY.exec(text)
  return found && (found[1] === undefined ? found.slice(4) : found.slice(1, 4))
}

/** Also takes a month, for an agency that keeps no day: it stands for its first. */
function monthAsDay(read: Reader): Reader {
  return (value) => {
    const text = readText(value)
    const month = typeof text === 'string' && !/^0+$/.test(text) ? MONTH.exec(text) : null
    return read(month ? `${month[1]}-${month[2]}-01` : value)
  }
}

/** → `YYYY-MM`. */
export function readMonth(value: unknown): string | null | undefined {
  const text = readText(value)
  if (typeof text !== 'string') return text
  if (/^0+$/.test(text)) return null
  const month = MONTH.exec(text)
  if (month) return civilDay(Number(month[1]), Number(month[2]), 1)?.slice(0, 7) ?? UNREADABLE
  return readDate(text)?.slice(0, 7) ?? UNREADABLE
}

/** → RFC 3339 in Beijing time. Times without an offset are Beijing's; a bare day is its midnight. */
export function readMoment(value: unknown): string | null | undefined {
  const text = readText(value)
  if (typeof text !== 'string') return text
  if (/^0+$/.test(text)) return null
  if (/^\d{13}$/.test(text)) return beijing(Number(text))
  const parts = MOMENT.exec(text)
  if (!parts) {
    const day = partsOfDay(text)
    const civil = day && civilDay(Number(day[0]), Number(day[1]), Number(day[2]))
    return civil ? `${civil}T00:00:00+08:00` : UNREADABLE
  }
  const [, year, month, date, hour, minute, second = '00', offset] = parts
  const civil = civilDay(Number(year), Number(month), Number(date))
  if (!civil || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return UNREADABLE
  const local = `${civil}T${hour}:${minute}:${second}`
  if (!offset) return `${local}+08:00`
  const at = Date.parse(local + (offset === 'Z' || offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`))
  return Number.isNaN(at) ? UNREADABLE : beijing(at)
}

/** → a reader of days, months or times that come in the declared pattern and in no other: 03/04 is one day only. */
function patternReader(pattern: string, type: 'date' | 'month' | 'datetime'): Reader {
  const { read } = compileDatePattern(pattern)
  return (value) => {
    const text = readText(value)
    if (typeof text !== 'string') return text
    if (/^0+$/.test(text.replace(/[^\p{L}\d]/gu, ''))) return null
    const found = read(text)
    if (!found) return UNREADABLE
    const { year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0 } = found
    const civil = civilDay(year, month, day)
    if (!civil || hour > 23 || minute > 59 || second > 59) return UNREADABLE
    if (type === 'month') return civil.slice(0, 7)
    return type === 'date' ? civil : `${civil}T${two(hour)}:${two(minute)}:${two(second)}+08:00`
  }
}

const two = (number: number) => String(number).padStart(2, '0')

/** The end of a validity: a day, or one of the words for none. */
function readUntil({ pattern, words = [] }: FieldNotes): Reader {
  const readDay = pattern === undefined ? remembered.date : patternReader(pattern, 'date')
  const open = new Set([...OPEN_ENDS, ...words])
  return (value): UntilValue | null | undefined => {
    const text = readText(value)
    if (typeof text === 'string' && open.has(text)) return { until: null, name: OPEN_NAME }
    const day = readDay(value)
    if (typeof day !== 'string') return day === null ? null : UNREADABLE
    return day.startsWith('9999-') ? { until: null, name: OPEN_NAME } : { until: day, name: day }
  }
}

const OPEN_NAME = '长期'

function civilDay(year: number, month: number, day: number): string | null {
  if (year < 1800 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return null
  if (day > 28 && day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null
  return `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`
}

/** Accepts a code, a code without its leading zero, or the list's own Chinese name. */
export function readCode(list: CodeList): Reader {
  const known = new Map<string, CodeValue>()
  for (const [code, name] of Object.entries(list.values)) {
    const value = { code, name }
    known.set(name, value)
    known.set(code.replace(/^0+(?=\d)/, ''), value)
  }
  for (const [code, name] of Object.entries(list.values)) known.set(code, { code, name })
  return (value) => {
    const text = readText(value)
    if (typeof text !== 'string') return text
    return known.get(text) ?? (list.closed || text.length > 64 ? UNREADABLE : { code: text, name: text })
  }
}

function readFiles(value: unknown): FileNote[] | null | undefined {
  if (value === null || value === '') return null
  const items = Array.isArray(value) ? value : [value]
  const files: FileNote[] = []
  for (const item of items) {
    const file = typeof item === 'string' ? { name: item } : item
    if (typeof file !== 'object' || file === null) return UNREADABLE
    const { id, name, fileName, wjmc, wjbh, mediaType, contentType, wjlx } = file as Record<string, unknown>
    const number = readText(id ?? wjbh ?? files.length + 1)
    const title = readText(name ?? fileName ?? wjmc)
    // A mere address may be empty; a file that is described has a name.
    if (number === UNREADABLE || title === UNREADABLE || (title === null && typeof item !== 'string')) return UNREADABLE
    const own = nameOf(title ?? '')
    if (own.length > LONGEST_FILE_NAME) return UNREADABLE
    files.push({ id: number ?? '', name: own, mediaType: readText(mediaType ?? contentType ?? wjlx) ?? null })
  }
  return files
}

const REMEMBERED_TEXTS = 4096
const LONGEST_REMEMBERED = 10

/**
 * The same days, months and amounts recur from row to row and from answer to answer, and reading a
 * text costs some ten times what finding it again does: this halves the work on a row.
 */
function remember(read: Reader): Reader {
  const known = new Map<string, unknown>()
  return (value) => {
    if (typeof value !== 'string' || value.length > LONGEST_REMEMBERED) return read(value)
    const found = known.get(value)
    if (found !== undefined) return found
    const result = read(value)
    if (known.size >= REMEMBERED_TEXTS) known.clear()
    known.set(value, result)
    return result
  }
}

// One memory a type, whatever the number of fields; nothing in it tells whose value it was.
const remembered = {
  number: remember(readNumber),
  integer: remember(readInteger),
  yuan: remember(readMoney('yuan')),
  '10k-yuan': remember(readMoney('10k-yuan')),
  fen: remember(readFen),
  date: remember(readDate),
  month: remember(readMonth),
}

/** {@link readDate}, of days that recur. */
export const readDay = remembered.date

/** The file's own name: an address would give the agency's system away. */
function nameOf(path: string): string {
  const [address = ''] = path.split(/[?#]/, 1)
  return address.slice(Math.max(address.lastIndexOf('/'), address.lastIndexOf('\\')) + 1) || '附件'
}

/** → the reader for a field; lists are read by the caller, which knows their columns. */
export function readerOf(notes: FieldNotes): Reader {
  switch (notes.type) {
    case 'text':
      return (value) => readText(value, notes.longest)
    case 'money':
      return remembered[notes.unit ?? 'yuan']
    case 'number':
      return remembered.number
    case 'integer':
      return remembered.integer
    case 'flag':
      return readFlag
    case 'until':
      return readUntil(notes)
    case 'date':
      if (notes.pattern !== undefined) return remember(patternReader(notes.pattern, 'date'))
      return notes.monthAsFirstDay ? monthAsDay(remembered.date) : remembered.date
    case 'month':
      if (notes.pattern !== undefined) return remember(patternReader(notes.pattern, 'month'))
      return remembered.month
    case 'datetime':
      if (notes.pattern !== undefined) return patternReader(notes.pattern, 'datetime')
      return notes.monthAsFirstDay ? monthAsDay(readMoment) : readMoment
    case 'code':
      return readCode(notes.list ?? { source: '', closed: false, values: {} })
    case 'files':
      return readFiles
    case 'list':
      throw new Error('lists are read by their columns')
  }
}
