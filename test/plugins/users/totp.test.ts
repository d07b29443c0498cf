import fc from 'fast-check'
import t from 'tap'
import { newSecret, stepOf, uriOf } from '../../../plugins/users/totp.ts'
import { codeOf } from '../../helper/authenticator.ts'

/** RFC 6238 Appendix B, SHA-1: time and eight digits; the last six of them are the code of six. */
const VECTORS = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
] as const
/** '12345678901234567890' in base32. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

t.test('RFC 6238 Appendix B', async (t) => {
  for (const [seconds, code] of VECTORS) {
    const step = Math.floor(seconds / 30)
    t.equal(codeOf(SECRET, step, 8), code, `the tests' own, at ${seconds}`)
    t.equal(stepOf(SECRET, code.slice(2), seconds * 1000, 0), step, `the hub's, at ${seconds}`)
  }
})

const secrets = fc.constant(null).map(newSecret)
const times = fc.integer({ min: 60_000, max: 4_102_444_800_000 })

t.test('a code counts within one step, and after the last one that counted', async (t) => {
  fc.assert(
    fc.property(secrets, times, fc.integer({ min: -1, max: 1 }), (secret, now, off) => {
      const step = Math.floor(now / 30_000) + off
      const code = codeOf(secret, step)
      // By chance two steps may have one code; then an earlier one of the window may be found.
      const found = stepOf(secret, code, now, step - 1)
      return found !== null && codeOf(secret, found) === code && stepOf(secret, code, now, step + 2) === null
    }),
  )
  t.pass()
})

t.test('no code of a step outside the window passes, nor anything else', async (t) => {
  const far = fc.integer({ min: 2, max: 100_000 }).chain((off) => fc.constantFrom(off, -off))
  const window = (secret: string, now: number) => [-1, 0, 1].map((off) => codeOf(secret, Math.floor(now / 30_000) + off))
  fc.assert(
    fc.property(secrets, times, far, (secret, now, off) => {
      const code = codeOf(secret, Math.max(0, Math.floor(now / 30_000) + off))
      return window(secret, now).includes(code) || stepOf(secret, code, now, 0) === null
    }),
  )
  fc.assert(
    fc.property(
      secrets,
      times,
      fc.string(),
      (secret, now, code) => window(secret, now).includes(code) || stepOf(secret, code, now, 0) === null,
    ),
  )
  t.pass()
})

t.test('a secret has 160 bits, is new each time, and comes as an authenticator app reads it', async (t) => {
  const secret = newSecret()
  t.match(secret, /^[A-Z2-7]{32}$/)
  t.not(newSecret(), secret)
  const uri = new URL(uriOf(secret, '许昌集成中枢管理', 'somebody'))
  t.equal(`${uri.protocol}//${uri.host}`, 'otpauth://totp')
  t.equal(decodeURIComponent(uri.pathname), '/许昌集成中枢管理:somebody')
  t.match(Object.fromEntries(uri.searchParams), { secret, issuer: '许昌集成中枢管理', algorithm: 'SHA1', digits: '6', period: '30' })
})
