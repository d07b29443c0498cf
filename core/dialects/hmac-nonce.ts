import { createHmac, randomBytes } from 'node:crypto'
import type { DialectDeclaration } from '../upstream/dialect.ts'
import { createDirectSigner, type DirectOptions, directLayout } from './direct.ts'
import type { Carrier } from './exchange-request.ts'

type NoncePart = 'clientId' | 'timestamp' | 'nonce'

export interface NonceForm {
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

export const defaultNonceForm: NonceForm = { order: ['clientId', 'timestamp', 'nonce'], digest: 'base64', algorithm: 'sha256' }
export const defaultNonceNames = { clientId: 'X-Client-Id', timestamp: 'X-Timestamp', nonce: 'X-Nonce', signature: 'X-Signature' }

/**
 * An HMAC over client id, time and a nonce, as on Shandong's open data platform (standards §1.4); the
 * platform takes times within ten minutes. The signature covers neither path nor body.
 *
 * @example
 * upstream: { dialect: hmacNonce({ digest: 'hex', timeUnit: 's' }), … }
 */
export function hmacNonce(options: HmacNonceOptions = {}): DialectDeclaration {
  const { timeUnit = 'ms' } = options
  const form = { ...defaultNonceForm, ...options }
  const names = { ...defaultNonceNames, ...options.names }
  return {
    name: 'hmac-nonce',
    options,
    credentials: {
      clientId: { title: '客户端编号（client id）', secret: false },
      clientSecret: { title: '客户端密钥', secret: true },
    },
    createSigner(context) {
      const { clientId = '', clientSecret = '' } = context.credentials
      const lay = directLayout(context, options, options.carriers)
      return createDirectSigner(context, options, 'fresh', (outgoing) => {
        const now = Date.now()
        const timestamp = String(timeUnit === 's' ? Math.floor(now / 1000) : now)
        const nonce = randomBytes(16).toString('hex')
        const signature = nonceSignature({ clientId, timestamp, nonce }, clientSecret, form)
        return lay(outgoing, {
          [names.clientId]: clientId,
          [names.timestamp]: timestamp,
          [names.nonce]: nonce,
          [names.signature]: signature,
        })
      })
    },
  }
}

/** HMAC over the parts in the form's order, all UTF-8 (vector: standards §1.9). */
export function nonceSignature(parts: Readonly<Record<NoncePart, string>>, secret: string, form: NonceForm = defaultNonceForm): string {
  const hmac = createHmac(form.algorithm, secret).update(form.order.map((part) => parts[part]).join(''))
  return form.digest === 'HEX' ? hmac.digest('hex').toUpperCase() : hmac.digest(form.digest)
}
