import type { DialectDeclaration } from '../upstream/dialect.ts'
import type { DirectOptions } from './direct.ts'
import { signingDialect } from './signed-string.ts'
import type { SigningForm } from './signing-form.ts'

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
  return { ...signingDialect('tif', tifForm(options)), options }
}

/** SHA-256 over timestamp + token + nonce + timestamp, hexadecimal in capitals (standards §1.4, vector §1.9). */
export function tifForm({ headerPrefix = 'x-tif', ...direct }: TifOptions = {}): SigningForm {
  return {
    ...direct,
    parts: ['time', 'key', 'nonce', 'time'],
    separator: '',
    digest: { hash: 'sha256' },
    encoding: 'HEX',
    // The standard names the unit of the time, not its tolerance.
    time: { format: 's', skewSeconds: 300 },
    nonce: { hexBytes: 16 },
    keyId: { name: 'paasId', title: '应用编号（paasid）' },
    key: { name: 'token', title: '应用令牌（token）' },
    place: {
      headers: {
        [`${headerPrefix}-paasid`]: '{keyId}',
        [`${headerPrefix}-timestamp`]: '{time}',
        [`${headerPrefix}-nonce`]: '{nonce}',
        [`${headerPrefix}-signature`]: '{signature}',
      },
    },
  }
}
