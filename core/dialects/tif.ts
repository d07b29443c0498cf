import { createHash, randomBytes } from 'node:crypto'
import type { DialectDeclaration } from '../upstream/dialect.ts'
import { createDirectSigner, type DirectOptions, directLayout } from './direct.ts'

export interface TifOptions extends DirectOptions {
  /** What the header names begin with. Default `x-tif`. */
  headerPrefix?: string
}

/**
 * The TIF gateway of Guangdong, Beijing and Shenzhen (standards §1.4): `x-tif-paasid`, `-timestamp` (seconds),
 * `-nonce`, `-signature`. The signature covers neither path nor body.
 *
 * @example
 * upstream: { dialect: tif({ path: '/ebus/{path}' }), … }
 */
export function tif(options: TifOptions = {}): DialectDeclaration {
  const { headerPrefix = 'x-tif' } = options
  return {
    name: 'tif',
    options,
    credentials: { paasId: { title: '应用编号（paasid）', secret: false }, token: { title: '应用令牌（token）', secret: true } },
    createSigner(context) {
      const { paasId = '', token = '' } = context.credentials
      const lay = directLayout(context, options)
      return createDirectSigner(context, options, 'fresh', (outgoing) => {
        const timestamp = String(Math.floor(Date.now() / 1000))
        const nonce = randomBytes(16).toString('hex')
        return lay(outgoing, {
          [`${headerPrefix}-paasid`]: paasId,
          [`${headerPrefix}-timestamp`]: timestamp,
          [`${headerPrefix}-nonce`]: nonce,
          [`${headerPrefix}-signature`]: tifSignature(timestamp, token, nonce),
        })
      })
    },
  }
}

/** → SHA-256 over timestamp + token + nonce + timestamp, hexadecimal in capitals (standards §1.4, vector §1.9). */
export function tifSignature(timestamp: string, token: string, nonce: string): string {
  return createHash('sha256')
    .update(timestamp + token + nonce + timestamp)
    .digest('hex')
    .toUpperCase()
}
