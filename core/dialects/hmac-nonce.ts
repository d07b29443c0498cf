import type { DialectDeclaration } from '../upstream/dialect.ts'
import type { DirectOptions } from './direct.ts'
import type { Carrier } from './exchange-request.ts'
import { signingDialect } from './signed-string.ts'
import type { SigningForm } from './signing-form.ts'

type NoncePart = 'clientId' | 'timestamp' | 'nonce'

interface NonceForm {
  /** What the HMAC covers, without separators. Default client id, timestamp, nonce. */
  order: readonly NoncePart[]
  /** `HEX` is hexadecimal in capitals. Default `base64`. */
  digest: 'base64' | 'hex' | 'HEX'
  /** Default `sha256`. */
  algorithm: 'sha256' | 'sm3'
}

export interface HmacNonceOptions extends DirectOptions, Partial<NonceForm> {
  /** Unit of the timestamp. Default `ms`. */
  timeUnit?: 'ms' | 's'
  /** Where the four values travel. Default headers only. */
  carriers?: readonly Carrier[]
  /** What they are called. Default `X-Client-Id`, `X-Timestamp`, `X-Nonce`, `X-Signature`. */
  names?: Partial<Record<NoncePart | 'signature', string>>
}

const defaultNames = { clientId: 'X-Client-Id', timestamp: 'X-Timestamp', nonce: 'X-Nonce', signature: 'X-Signature' }
const values = { clientId: 'keyId', timestamp: 'time', nonce: 'nonce', signature: 'signature' } as const

/**
 * An HMAC over client id, time and a nonce, as on Shandong's open data platform (standards §1.4); the
 * platform takes times within ten minutes. The signature covers neither path nor body.
 *
 * @example
 * upstream: { dialect: hmacNonce({ digest: 'hex', timeUnit: 's' }), … }
 */
export function hmacNonce(options: HmacNonceOptions = {}): DialectDeclaration {
  return { ...signingDialect('hmac-nonce', hmacNonceForm(options)), options }
}

/** HMAC over the parts in order, all UTF-8 (vector: standards §1.9). */
export function hmacNonceForm(options: HmacNonceOptions = {}): SigningForm {
  const {
    timeUnit = 'ms',
    order = ['clientId', 'timestamp', 'nonce'],
    digest = 'base64',
    algorithm = 'sha256',
    carriers = ['header'],
  } = options
  const { path, bodyFormat, refusal } = options
  const names = { ...defaultNames, ...options.names }
  const placed = Object.fromEntries(
    (['clientId', 'timestamp', 'nonce', 'signature'] as const).map((part) => [names[part], `{${values[part]}}`]),
  )
  return {
    ...(path === undefined ? {} : { path }),
    ...(bodyFormat === undefined ? {} : { bodyFormat }),
    ...(refusal === undefined ? {} : { refusal }),
    parts: order.map((part) => values[part]),
    separator: '',
    ...(order.includes('timestamp') && order.includes('nonce') ? {} : { weakness: '由对方规定的签名内容决定' }),
    digest: { hmac: algorithm },
    encoding: digest,
    time: { format: timeUnit, skewSeconds: 600 },
    nonce: { hexBytes: 16 },
    keyId: { name: 'clientId', title: '客户端编号（client id）' },
    key: { name: 'clientSecret', title: '客户端密钥' },
    place: {
      ...(carriers.includes('header') ? { headers: placed } : {}),
      ...(carriers.includes('query') ? { query: placed } : {}),
      ...(carriers.includes('body') ? { body: placed } : {}),
    },
  }
}
