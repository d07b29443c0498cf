import { halfWidth } from './half-width.ts'

/**
 * The numbers that say who somebody is: one normal form, and the check digits. Every such number taken in passes
 * here, from whatever door, so that one person is one person however his number was typed.
 */

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const ID_CHECKS = '10X98765432'
const BEIJING_MS = 8 * 3_600_000

function plain(text: string): string {
  return halfWidth(text.replace(/\s/g, ''))
}

/**
 * An id number as the standard writes it: capital X, and 18 digits for the 15 of 1989, which GB 11643-1999 widened by
 * the century and a check digit. Whatever else comes back plain, to be refused by {@link isIdNumber}.
 */
export function normalIdNumber(text: string): string {
  const number = plain(text).toUpperCase()
  if (!/^[1-9]\d{14}$/.test(number)) return number
  const body = `${number.slice(0, 6)}19${number.slice(6)}`
  return Number.isNaN(birthdayOf(body)) ? number : body + checkOf(body)
}

/** A 统一社会信用代码 in capitals. */
export function normalUscc(text: string): string {
  return plain(text).toUpperCase()
}

/** A mobile number without the country's code, and without what is put between its digits. */
export function normalPhone(text: string): string {
  return plain(text)
    .replaceAll('-', '')
    .replace(/^(?:\+|00)?86(?=1\d{10}$)/, '')
}

/** Check character of an id number's first 17 digits. */
export function checkOf(body: string): string {
  const sum = ID_WEIGHTS.reduce((total, weight, index) => total + weight * Number(body[index]), 0)
  return ID_CHECKS[sum % 11] ?? ''
}

/**
 * GB 11643: 17 digits and a check character (upper-case X), with a birthday that was. The first six
 * are not looked up: numbers keep the codes of districts that are gone (411023, once 许昌县).
 */
export function isIdNumber(text: string, now = Date.now()): boolean {
  if (!/^[1-9]\d{16}[\dX]$/.test(text)) return false
  const birthday = birthdayOf(text)
  if (Number.isNaN(birthday) || birthday > now) return false
  return checkOf(text) === text[17]
}

/** → epoch milliseconds of that day's beginning in Beijing, or NaN for a day that the calendar lacks. `years` later with the second argument. */
export function birthdayOf(idNumber: string, years = 0): number {
  const [year, month, day] = [idNumber.slice(6, 10), idNumber.slice(10, 12), idNumber.slice(12, 14)].map(Number) as [number, number, number]
  const born = new Date(Date.UTC(year, month - 1, day))
  if (year < 1800 || born.getUTCMonth() !== month - 1 || born.getUTCDate() !== day) return Number.NaN
  // Whoever was born on 29 February comes of age on 1 March of a common year.
  return Date.UTC(year + years, month - 1, day) - BEIJING_MS
}

const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
const USCC_FORM = new RegExp(`^[${USCC_ALPHABET}]{2}\\d{6}[${USCC_ALPHABET}]{10}$`)

/** GB 32100-2015: 18 characters of an alphabet without I, O, S, V and Z; the last one checks the rest. */
export function isUscc(text: string): boolean {
  if (!USCC_FORM.test(text)) return false
  const sum = USCC_WEIGHTS.reduce((total, weight, index) => total + weight * USCC_ALPHABET.indexOf(text[index] ?? ''), 0)
  return USCC_ALPHABET[(31 - (sum % 31)) % 31] === text[17]
}

/** Mainland mobile number. */
export function isPhone(text: string): boolean {
  return /^1[3-9]\d{9}$/.test(text)
}

interface NumberFormat {
  /** The form that is kept, compared and shown. */
  normal: (text: string) => string
  test: (text: string) => boolean
  /** What a citizen reads when a number fails. */
  problem: string
}

/** JSON-schema formats of these numbers, for the hub's validators: what is put in is brought to its normal form, then tested. */
export const numberFormats: Readonly<Record<string, NumberFormat>> = {
  'id-number': { normal: normalIdNumber, test: (text) => isIdNumber(text), problem: '身份证号有误，请核对' },
  uscc: { normal: normalUscc, test: isUscc, problem: '统一社会信用代码有误，请核对' },
  'document-number': {
    normal: (text) => halfWidth(text).trim().replaceAll('(', '（').replaceAll(')', '）'),
    test: (text) => text !== '',
    problem: '编号有误，请核对',
  },
  'paper-number': {
    normal: (text) => plain(text).toUpperCase(),
    test: (text) => /^[0-9A-Z（）()-]{5,24}$/.test(text),
    problem: '证件号码有误，请核对',
  },
  phone: { normal: normalPhone, test: isPhone, problem: '手机号有误，请核对' },
}
