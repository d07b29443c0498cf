import type { FieldNotes, Unit } from '../contract/fields.ts'
import { readHalfWidth } from './text.ts'

/** Numbers and amounts, read by their digits: nothing is rounded but where the declaration says so. */

/** By far the commonest forms; everything else goes the long way. */
const PLAIN = /^-?\d{1,13}(\.\d{1,2})?$/
const LARGEST_PLAIN = 1e13

/**
 * Signs, thousands in threes, `.5` of Oracle, `3.5E4` of Java, the currency before or behind.
 * Where something else may be meant (1,23) nothing is guessed.
 */
const AMOUNT =
  /^([+-]?)(¥|RMB|CNY|人民币)? ?([+-]?)(\d+|[1-9]\d{0,2}(?:,\d{3})+)?(?:\.(\d*))?(?:E([+-]?\d{1,2}))? ?(元|圆|万元|万|分|RMB|CNY|人民币)?$/i
const LONGEST = 64

/** One of the unit is that power of ten of yuan. */
const POWERS = { yuan: 0, '10k-yuan': 4, fen: -2 } as const
const UNITS: Readonly<Record<string, Unit>> = { 元: 'yuan', 圆: 'yuan', 万元: '10k-yuan', 万: '10k-yuan', 分: 'fen' }

interface Decimal {
  negative: boolean
  digits: string
  /** How many of the digits are decimals. */
  scale: number
}

export function readNumber(value: unknown): number | null | undefined {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined
  if (typeof value !== 'string') return undefined
  if (PLAIN.test(value)) return Number(value) || 0
  const found = parse(value)
  if (!found || found.currency) return found && undefined
  // Of a rate, a share, the nearest number is what is meant; of a whole number each digit.
  return readNumber(Number(`${found.negative ? '-' : ''}${found.digits}E${-found.scale}`) || 0)
}

export function readInteger(value: unknown): number | null | undefined {
  const number = readNumber(value)
  return typeof number !== 'number' || Number.isSafeInteger(number) ? number : undefined
}

/** → yuan. The unit that the agency writes itself goes before the declared one; there is nothing smaller than a fen in fen. */
export function moneyReader({
  unit = 'yuan',
  rounding,
}: Pick<FieldNotes, 'unit' | 'rounding'>): (value: unknown) => number | null | undefined {
  const isYuan = unit === 'yuan'
  return (value) => {
    if (isYuan && typeof value === 'string' && PLAIN.test(value)) return Number(value) || 0
    if (isYuan && typeof value === 'number' && Math.abs(value) < LARGEST_PLAIN && Math.round(value * 100) / 100 === value) return value
    const found = parse(value)
    if (!found) return found
    const counted = found.unit ?? unit
    const yuan = tidy({ ...found, scale: found.scale - POWERS[counted] })
    const exact = rounding === undefined ? withoutArtefact(yuan) : roundHalfUp(withoutArtefact(yuan), 2)
    return counted === 'fen' && exact.scale > 2 ? undefined : toNumber(exact)
  }
}

/** null for no value, undefined for what is no decimal number. */
function parse(value: unknown): (Decimal & { unit: Unit | undefined; currency: boolean }) | null | undefined {
  const text = readHalfWidth(value)
  if (typeof text !== 'string') return text
  const [matched, sign = '', before = '', inner = '', whole = '', decimals = '', exponent = '0', after = ''] =
    AMOUNT.exec(text.length > LONGEST ? '?' : text) ?? []
  const unit = UNITS[after]
  const isTwice = (sign !== '' && inner !== '') || (before !== '' && after !== '' && !unit)
  if (matched === undefined || isTwice || whole + decimals === '') return undefined
  const digits = whole.replaceAll(',', '') + decimals
  return { negative: sign + inner === '-', digits, scale: decimals.length - Number(exponent), unit, currency: before + after !== '' }
}

/** Without zeros that say nothing. */
function tidy({ negative, digits, scale }: Decimal): Decimal {
  let zeros = 0
  while (zeros < scale && digits[digits.length - 1 - zeros] === '0') zeros++
  return { negative, digits: digits.slice(0, digits.length - zeros).replace(/^0+/, ''), scale: scale - zeros }
}

/** Half away from zero (四舍五入). */
function roundHalfUp(decimal: Decimal, places: number): Decimal {
  const cut = decimal.scale - places
  if (cut <= 0) return decimal
  const digits = decimal.digits.padStart(cut + 1, '0')
  const up = digits.charCodeAt(digits.length - cut) >= 53
  return tidy({ ...decimal, digits: String(BigInt(digits.slice(0, -cut)) + (up ? 1n : 0n)), scale: places })
}

const DIGITS_OF_DOUBLE = 15

/** 35212.330000000002 is what the sender's arithmetic made of an amount in fen, not an amount with twelve decimals. */
function withoutArtefact(decimal: Decimal): Decimal {
  const places = decimal.scale - (decimal.digits.length - DIGITS_OF_DOUBLE)
  if (decimal.digits.length <= DIGITS_OF_DOUBLE || places < 4) return decimal
  const short = roundHalfUp(decimal, places)
  return short.scale <= 2 ? short : decimal
}

/** The exact sum, digit by digit; null where no number holds it. */
export function addUp(amounts: readonly number[]): number | null {
  const decimals = amounts.map((amount) => parse(String(amount)))
  const scale = Math.max(0, ...decimals.map((decimal) => decimal?.scale ?? 0))
  let total = 0n
  for (const decimal of decimals) {
    if (!decimal) return null
    const size = BigInt(decimal.digits) * 10n ** BigInt(scale - decimal.scale)
    total += decimal.negative ? -size : size
  }
  return toNumber(tidy({ negative: total < 0n, digits: String(total < 0n ? -total : total), scale })) ?? null
}

/** The number that has these digits and no others; undefined where a number cannot hold them all. */
function toNumber({ negative, digits, scale }: Decimal): number | undefined {
  if (digits === '') return 0
  if (Math.abs(scale) > LONGEST) return undefined
  const padded = scale > 0 ? digits.padStart(scale + 1, '0') : digits + '0'.repeat(-scale)
  const text = scale > 0 ? `${padded.slice(0, -scale)}.${padded.slice(-scale)}` : padded
  const number = Number(text)
  return String(number) === text ? (negative ? -number : number) || 0 : undefined
}
