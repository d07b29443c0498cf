import { Secret, TOTP } from 'otpauth'

/** RFC 6238 with what every authenticator app knows: SHA-1, six digits, 30 seconds. */
const PERIOD_SECONDS = 30
const SHAPE = { algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS }
/** RFC 4226 §4 R6: 160 bits. */
const SECRET_BYTES = 20
/** Steps by which the clocks may differ, either way (RFC 6238 §5.2). */
const WINDOW = 1

/** → a new secret in base32, as an authenticator app takes it. */
export const newSecret = (): string => new Secret({ size: SECRET_BYTES }).base32

/** → what a QR code for an authenticator app holds. */
export function uriOf(secret: string, issuer: string, label: string): string {
  return new TOTP({ ...SHAPE, secret, issuer, label }).toString()
}

/** → the step of time whose code this is, if it is after `lastStep` and within the window around `now`; else null. */
export function stepOf(secret: string, code: string, now: number, lastStep: number): number | null {
  const totp = new TOTP({ ...SHAPE, secret })
  const current = totp.counter({ timestamp: now })
  const steps = Array.from({ length: 2 * WINDOW + 1 }, (_, index) => current - WINDOW + index)
  const fits = (step: number) => totp.validate({ token: code, timestamp: step * PERIOD_SECONDS * 1000, window: 0 }) !== null
  return steps.find((step) => step > lastStep && fits(step)) ?? null
}
