import { beijing } from '../base/time.ts'
import { compileDatePattern } from '../contract/date-pattern.ts'
import { readHalfWidth } from './text.ts'

/** Days, months and times: every form that agencies are seen to use. What may be two days is none. */
const DAY = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$|^(\d{4})(\d{2})(\d{2})$/
const MONTH = /^(\d{4})[-/.年]?(\d{1,2})月?$/
const MOMENT =
  /^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]+(?:(上午|下午) ?)?(\d{1,2}):|[-/.]?(\d{2})[-/.]?(\d{2})[ T]?(\d{2}):?)(\d{2}):?(\d{2})?(?:[.,]\d{1,9})?(Z|[+-]\d{2}:?\d{2})?$/
/** `Jul 1, 2015 12:00:00 AM` of gson, `Wed Jul 01 00:00:00 CST 2015` of Java; its CST is China's. */
const ENGLISH = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4})(?:,? (\d{1,2}):(\d{2}):(\d{2})(?:\s?([AP]M))?)?$/
const JAVA = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{2}):(\d{2}):(\d{2}) CST (\d{4})$/
/** `/Date(1435680000000+0800)/` of .NET: the offset is for show, the number says it all. */
const DOTNET = /^\/Date\((-?\d{1,14})(?:[+-]\d{4})?\)\/$/
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** The least date of .NET, of Go: none was set. */
const NO_DAY = /^0+$|^0001-01-01/

function textOf(value: unknown): string | null | undefined {
  const text = readHalfWidth(value)
  return typeof text === 'string' && NO_DAY.test(text) ? null : text
}

/** → `YYYY-MM-DD`, from YYYYMMDD, YYYY-MM-DD and its like, a date with time, or epoch seconds and milliseconds. */
export function readDate(value: unknown): string | null | undefined {
  const text = textOf(value)
  if (typeof text !== 'string') return text
  // Eight digits written together are the commonest form by far.
  const day = text.length === 8 && !Number.isNaN(Number(text)) ? [text.slice(0, 4), text.slice(4, 6), text.slice(6)] : partsOfDay(text)
  if (day) return civilDay(Number(day[0]), Number(day[1]), Number(day[2])) ?? undefined
  return momentOf(text)?.slice(0, 10)
}

/** Year, month and day. Without separators only eight digits are a day: 201211 is a month and never 1 January 2012. */
function partsOfDay(text: string): (string | undefined)[] | null {
  const found = DAY.exec(text)
  return found && (found[1] === undefined ? found.slice(4) : found.slice(1, 4))
}

/** Also takes a month, for an agency that keeps no day: it stands for its first. */
export function monthAsDay(read: (value: unknown) => unknown): (value: unknown) => unknown {
  return (value) => {
    const text = textOf(value)
    const month = typeof text === 'string' ? MONTH.exec(text) : null
    return read(month ? `${month[1]}-${month[2]}-01` : value)
  }
}

/** → `YYYY-MM`. */
export function readMonth(value: unknown): string | null | undefined {
  const text = textOf(value)
  if (typeof text !== 'string') return text
  const month = MONTH.exec(text)
  if (month) return civilDay(Number(month[1]), Number(month[2]), 1)?.slice(0, 7)
  return readDate(text)?.slice(0, 7)
}

/** → RFC 3339 in Beijing time. Times without an offset are Beijing's; a bare day is its midnight. */
export function readMoment(value: unknown): string | null | undefined {
  const text = textOf(value)
  return typeof text === 'string' ? momentOf(text) : text
}

function momentOf(text: string): string | undefined {
  const parts = MOMENT.exec(text)
  if (!parts) {
    const day = partsOfDay(text)
    return day ? local(day.map(Number), []) : (epochOf(text) ?? englishOf(text))
  }
  const [, year, m1, d1, half, h1, m2, d2, h2, minute, second = '0', offset] = parts
  const day = [year, m1 ?? m2, d1 ?? d2].map(Number)
  const civil = local(day, [
    hourOf(h1 ?? h2 ?? '', half === undefined ? undefined : half === '下午' ? 'PM' : 'AM'),
    Number(minute),
    Number(second),
  ])
  // Twelve digits that begin with no year of ours are milliseconds, of the last century for the most part.
  if (/^(?!19|20)\d{12}$/.test(text)) return epochOf(text)
  if (!civil || !offset) return civil
  const zone = offset === 'Z' || offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`
  return instant(Date.parse(civil.slice(0, 19) + zone))
}

/**
 * Nine and ten digits are seconds, 11 to 13 milliseconds. What begins with a day may have been meant as one
 * (2026010112), and is nothing.
 */
function epochOf(text: string): string | undefined {
  const dotNet = DOTNET.exec(text)
  if (dotNet) return instant(Number(dotNet[1]))
  if (/^\d{9,10}$/.test(text)) return /^(19|20)/.test(text) && readDate(text.slice(0, 8)) ? undefined : instant(Number(text) * 1000)
  return /^-?\d{11,13}$/.test(text) ? instant(Number(text)) : undefined
}

function englishOf(text: string): string | undefined {
  const java = JAVA.exec(text)
  if (java) return local([Number(java[6]), MONTHS.indexOf(java[1] ?? '') + 1, Number(java[2])], java.slice(3, 6).map(Number))
  const [, month = '', day, year, hour, minute, second, half] = ENGLISH.exec(text) ?? []
  const time = hour === undefined ? [] : [hourOf(hour, half), Number(minute), Number(second)]
  return year === undefined ? undefined : local([Number(year), MONTHS.indexOf(month) + 1, Number(day)], time)
}

function hourOf(hour: string, half: string | undefined): number {
  if (half === undefined) return Number(hour)
  return Number(hour) < 1 || Number(hour) > 12 ? Number.NaN : (Number(hour) % 12) + (half === 'PM' ? 12 : 0)
}

const EARLIEST = Date.UTC(1800, 0, 1)
const LATEST = Date.UTC(9999, 11, 31)

function instant(at: number): string | undefined {
  return at >= EARLIEST && at <= LATEST ? beijing(at) : undefined
}

/** A day and time of Beijing's clocks. */
function local(
  [year = 0, month = 0, day = 0]: readonly number[],
  [hour = 0, minute = 0, second = 0]: readonly number[],
): string | undefined {
  const civil = civilDay(year, month, day)
  const isTime = hour >= 0 && hour <= 23 && minute <= 59 && second <= 59
  return civil && isTime ? `${civil}T${two(hour)}:${two(minute)}:${two(second)}+08:00` : undefined
}

/** → a reader of days, months or times that come in the declared pattern and in no other: 03/04 is one day only. */
export function patternReader(pattern: string, type: 'date' | 'month' | 'datetime'): (value: unknown) => string | null | undefined {
  const { read } = compileDatePattern(pattern)
  return (value) => {
    const text = textOf(value)
    if (typeof text !== 'string') return text
    if (/^0+$/.test(text.replace(/[^\p{L}\d]/gu, ''))) return null
    const found = read(text)
    if (!found) return undefined
    const { year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0 } = found
    return local([year, month, day], [hour, minute, second])?.slice(0, type === 'month' ? 7 : type === 'date' ? 10 : undefined)
  }
}

const two = (number: number) => String(number).padStart(2, '0')

function civilDay(year: number, month: number, day: number): string | null {
  // Not a number fails every comparison.
  if (!(year >= 1800 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return null
  if (day > 28 && day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null
  return `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`
}
