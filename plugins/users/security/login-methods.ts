import type { LoginMethod } from './settings.ts'

/** Values of `amr` (RFC 8176, and what identity platforms use beside it) → the method that each one tells of. */
const METHODS: Readonly<Record<string, LoginMethod>> = {
  pwd: 'password',
  sms: 'sms',
  otp: 'sms',
  tel: 'sms',
  email: 'email',
  fed: 'third-party',
  social: 'third-party',
  face: 'face',
}

/** → the methods by which somebody logged in, as his token tells; none where it says nothing that the hub knows. */
export function methodsOf(amr: unknown): readonly LoginMethod[] {
  if (!Array.isArray(amr)) return NONE
  const known = amr.flatMap((value: unknown) => (typeof value === 'string' && Object.hasOwn(METHODS, value) ? [METHODS[value]] : []))
  return [...new Set(known.filter((method) => method !== undefined))]
}

const NONE: readonly LoginMethod[] = []

/** Of several that were used together one must be allowed: it alone would have let him in. Nothing is held against a silent token. */
export function isAllowedLogin(used: readonly LoginMethod[], allowed: readonly LoginMethod[]): boolean {
  return used.length === 0 || used.some((method) => allowed.includes(method))
}
