import { numberFormats } from '../../core/base/checksums.ts'
import { halfWidth } from '../../core/base/half-width.ts'

/** ISO/IEC 7812-1 Annex B (Luhn): what the numbers of bank cards end in. */
export function isBankAccount(text: string): boolean {
  if (!/^\d{12,19}$/.test(text)) return false
  const sum = [...text].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

/**
 * 联行号 of the payment system: 3 digits for the bank, 4 for the place, 4 for the branch, and one that checks them by
 * ISO/IEC 7064 MOD 11,10, as the numbers that the large banks publish for their head offices do.
 */
export function isBankCode(text: string): boolean {
  if (!/^[1-9]\d{11}$/.test(text)) return false
  const product = [...text.slice(0, 11)].reduce((before, digit) => (((before + Number(digit)) % 10 || 10) * 2) % 11, 10)
  return (product + Number(text[11])) % 10 === 1
}

const digits = (text: string) => halfWidth(text.replace(/[\s-]/g, ''))

/** All formats of texts in the hub's schemas: the normal form of what is put in, its test, and what a citizen reads when it fails. */
export const textFormats: typeof numberFormats = {
  ...numberFormats,
  'bank-account': { normal: digits, test: isBankAccount, problem: '银行账号有误，请核对' },
  'bank-code': { normal: digits, test: isBankCode, problem: '联行号有误，请核对' },
}

/** Formats of numbers: an amount in yuan has two decimals at most. */
export const amountFormats = {
  yuan: { test: (value: number) => Number(value.toFixed(2)) === value, problem: '金额最多两位小数' },
} as const

export function problemOf(format: string): string | undefined {
  return textFormats[format]?.problem ?? (format === 'yuan' ? amountFormats.yuan.problem : undefined)
}
