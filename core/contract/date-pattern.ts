/**
 * How an agency writes days, months and times, as text: `dd/MM/yyyy`, `MM/yyyy`, `yyyy年M月d日`, `HHmm`. `yyyy` `MM`
 * `dd` `HH` `mm` `ss` have all their digits; `M`, `d` and `H` have no leading zero; other letters stand between
 * quotes. (`YYYY` and `DD` mean the same as `yyyy` and `dd`.)
 */
export interface DatePattern {
  /** → year, month, day, hour, minute, second as numbers, those that the pattern knows; undefined for another text. */
  read(text: string): Partial<Record<DatePart, number>> | undefined
  /** Writes `YYYY-MM-DD`, `YYYY-MM`, or one with `THH:mm:ss` behind it. */
  write(iso: string): string
  readonly parts: ReadonlySet<DatePart>
}

export type DatePart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

const TOKENS: Readonly<Record<string, readonly [part: DatePart, digits: string, start: number, end: number]>> = {
  yyyy: ['year', '\\d{4}', 0, 4],
  MM: ['month', '\\d{2}', 5, 7],
  M: ['month', '\\d{1,2}', 5, 7],
  dd: ['day', '\\d{2}', 8, 10],
  d: ['day', '\\d{1,2}', 8, 10],
  HH: ['hour', '\\d{2}', 11, 13],
  H: ['hour', '\\d{1,2}', 11, 13],
  mm: ['minute', '\\d{2}', 14, 16],
  ss: ['second', '\\d{2}', 17, 19],
}

const STEP = /'([^']*)'|(yyyy|YYYY|MM?|dd?|DD?|HH?|mm|ss)|([^A-Za-z'])/y

/** Throws a RangeError that says what is wrong with the pattern. */
export function compileDatePattern(pattern: string): DatePattern {
  const parts: DatePart[] = []
  const writers: ((iso: string) => string)[] = []
  let expression = ''
  let afterToken: string | null = null
  STEP.lastIndex = 0
  while (STEP.lastIndex < pattern.length) {
    const at = STEP.lastIndex
    const [, quoted, letters, plain] = STEP.exec(pattern) ?? fail(pattern, `unknown letters at ${at + 1}`)
    const literal = quoted ?? plain
    if (literal !== undefined) {
      expression += literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
      writers.push(() => literal)
      afterToken = null
      continue
    }
    const token = (letters as string).replaceAll('Y', 'y').replaceAll('D', 'd')
    const [part, digits, start, end] = TOKENS[token] as (typeof TOKENS)[string]
    if (parts.includes(part)) fail(pattern, `${part} twice`)
    if (afterToken !== null && (token.length === 1 || afterToken.length === 1))
      fail(pattern, 'a part without leading zero needs a separator')
    parts.push(part)
    expression += `(${digits})`
    writers.push(token.length === 1 ? (iso) => String(Number(iso.slice(start, end))) : (iso) => iso.slice(start, end))
    afterToken = token
  }
  if (parts.length === 0) fail(pattern, 'no part of a date')
  const form = new RegExp(`^${expression}$`)
  return {
    parts: new Set(parts),
    read(text) {
      const found = form.exec(text)
      return found ? Object.fromEntries(parts.map((part, index) => [part, Number(found[index + 1])])) : undefined
    },
    write(iso) {
      let text = ''
      for (const write of writers) text += write(iso)
      return text
    },
  }
}

/** → what is wrong with a pattern for days, months or times; null where nothing is. */
export function troubleOfPattern(pattern: string, needed: readonly DatePart[]): string | null {
  try {
    const { parts } = compileDatePattern(pattern)
    const missing = needed.filter((part) => !parts.has(part))
    return missing.length === 0 ? null : `the pattern ${pattern} lacks ${missing.join(', ')}`
  } catch (error) {
    return (error as RangeError).message
  }
}

function fail(pattern: string, trouble: string): never {
  throw new RangeError(`the pattern ${pattern} has ${trouble}`)
}
