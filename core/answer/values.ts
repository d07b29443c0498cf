import { normalIdNumber } from '../base/checksums.ts'
import { halfWidth } from '../base/half-width.ts'
import { type CodeList, type CodeValue, type FieldNotes, type FileNote, OPEN_ENDS, type UntilValue } from '../contract/fields.ts'
import { moneyReader, readInteger, readNumber } from './amounts.ts'
import { monthAsDay, patternReader, readDate, readMoment, readMonth } from './days.ts'
import { readHalfWidth, readText } from './text.ts'

/**
 * Readers of upstream values: every form that agencies are seen to use for a type, and nothing else.
 * Each returns null for "no value" (null, '', the word null, and a date of zeros) and `undefined` for what it cannot read.
 */
export type Reader = (value: unknown, findings?: Findings, name?: string) => unknown

/** What was found wrong with an answer that is an answer all the same; fields by their paths. */
export interface Findings {
  readonly unreadable: string[]
  readonly unknownCodes: string[]
}

/** The result of a reader on something that is not of its type. */
const UNREADABLE = undefined

/** A file's name that a person can read; declared texts may be longer (`longest`). */
const LONGEST_FILE_NAME = 255
const NORMAL_ID = /^[1-9]\d{16}[\dX]$/

/** Ids in the standard's form; one of stars alone says nothing about whose it is. */
function idReader({ subject, mask }: FieldNotes): Reader {
  const normal = mask === 'idNumber' || subject === 'person' ? normalIdNumber : (text: string) => text.toUpperCase()
  return (value) => {
    const text = readHalfWidth(value)
    if (typeof text !== 'string' || NORMAL_ID.test(text)) return text
    return subject !== undefined && /^\*+$/.test(text) ? UNREADABLE : normal(text)
  }
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
  const text = readHalfWidth(value)
  return typeof text === 'string' ? FLAGS[text.toLowerCase()] : text
}

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

const WORD = /\p{Script=Han}/u

/**
 * Accepts a code, a code without its leading zero, or the list's own Chinese name. Any other is noted: it has
 * no name, unless the agency has sent one in its place.
 */
export function readCode(list: CodeList): Reader {
  const known = new Map<string, CodeValue>()
  for (const [code, name] of Object.entries(list.values)) {
    const value = { code, name }
    known.set(name, value)
    known.set(code.replace(/^0+(?=\d)/, ''), value)
  }
  for (const [code, name] of Object.entries(list.values)) known.set(code, { code, name })
  return (value, findings, name = '') => {
    const text = readText(value)
    if (typeof text !== 'string') return text
    const found = known.get(text) ?? known.get(halfWidth(text))
    if (found) return found
    if (list.closed || text.length > 64) return UNREADABLE
    findings?.unknownCodes.push(name)
    return { code: text, name: WORD.test(text) ? text : null }
  }
}

/** What the agency itself calls a file, apart from what leaves: a place in a list is no name. */
const references = new WeakMap<FileNote, string>()
export const referenceOf = (file: FileNote): string | undefined => references.get(file)
export const noteReference = (file: FileNote, reference: string): void => void references.set(file, reference)

/** Where the agency says that a file lies; it never leaves, and is followed only on hosts that the service declares. */
const addresses = new WeakMap<FileNote, string>()
export const addressOf = (file: FileNote): string | undefined => addresses.get(file)
const ADDRESS = /^https?:\/\//i
const LONGEST_ADDRESS = 2048
/** Keys of a file in an agency's answer, as {@link readFiles} reads them. */
export const fileKeys = ['id', 'name', 'fileName', 'wjmc', 'wjbh', 'mediaType', 'contentType', 'wjlx', 'wjdz', 'url'] as const

function readFiles(value: unknown): FileNote[] | null | undefined {
  if (value === null || value === '') return null
  const items = Array.isArray(value) ? value : [value]
  const files: FileNote[] = []
  for (const item of items) {
    const file = typeof item === 'string' ? { name: item } : item
    if (typeof file !== 'object' || file === null) return UNREADABLE
    const { id, name, fileName, wjmc, wjbh, mediaType, contentType, wjlx, wjdz, url } = file as Partial<
      Record<(typeof fileKeys)[number], unknown>
    >
    const number = readText(id ?? wjbh ?? files.length + 1)
    const title = readText(name ?? fileName ?? wjmc)
    // A mere address may be empty; a file that is described has a name.
    if (number === UNREADABLE || title === UNREADABLE || (title === null && typeof item !== 'string')) return UNREADABLE
    const own = nameOf(title ?? '')
    if (own.length > LONGEST_FILE_NAME) return UNREADABLE
    const note = { id: number ?? '', name: own, mediaType: readText(mediaType ?? contentType ?? wjlx) ?? null, href: null }
    if (number && (id ?? wjbh)) references.set(note, number)
    const place = typeof item === 'string' ? item : (wjdz ?? url)
    if (typeof place === 'string' && place.length <= LONGEST_ADDRESS && ADDRESS.test(place)) addresses.set(note, place)
    files.push(note)
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
  yuan: remember(moneyReader({})),
  '10k-yuan': remember(moneyReader({ unit: '10k-yuan' })),
  fen: remember(moneyReader({ unit: 'fen' })),
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
      if (notes.subject !== undefined || notes.mask === 'idNumber') return idReader(notes)
      if (notes.mask === 'account' || notes.mask === 'phone') return readHalfWidth
      return (value) => readText(value, notes.longest)
    case 'money':
      return notes.rounding === undefined ? remembered[notes.unit ?? 'yuan'] : remember(moneyReader(notes))
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
