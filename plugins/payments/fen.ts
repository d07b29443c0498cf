/** 1234 → `12.34`. Whole numbers of fen only. */
export function yuanOf(fen: number): string {
  if (!Number.isSafeInteger(fen) || fen < 0) throw new RangeError(`not an amount in fen: ${fen}`)
  return `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`
}

/** `12.34`, `12.3`, `12` → fen, by the digits; null for anything else, such as a third decimal. */
export function fenOf(yuan: unknown): number | null {
  const [, whole, decimals = ''] = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(String(yuan)) ?? []
  return whole === undefined ? null : Number(whole) * 100 + Number(decimals.padEnd(2, '0'))
}

/** An amount as an agency writes it, in its unit → fen; null for what is none. */
export function fenIn(amount: unknown, unit: 'yuan' | 'fen'): number | null {
  if (unit === 'yuan') return fenOf(amount)
  const whole = typeof amount === 'string' && amount.trim() === '' ? Number.NaN : Number(amount)
  return Number.isSafeInteger(whole) ? whole : null
}
