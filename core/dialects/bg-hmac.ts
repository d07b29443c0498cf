import type { DialectDeclaration } from '../upstream/dialect.ts'
import type { DirectOptions } from './direct.ts'
import { signingDialect } from './signed-string.ts'
import type { SigningForm } from './signing-form.ts'

export interface BgHmacOptions extends DirectOptions {
  /** How names and values of the query string are signed: as they are meant, or percent-encoded. Default `plain`. */
  query?: 'plain' | 'encoded'
}

/**
 * Zhejiang's IRS / BG gateway (standards §1.4): an HMAC over method, path, sorted query, access key and an
 * RFC 1123 date within 90 s, in `X-BG-*` headers. The signature does not cover the body.
 *
 * @example
 * upstream: { dialect: bgHmac({ path: '/restapi/prod/{path}' }), … }
 */
export function bgHmac(options: BgHmacOptions = {}): DialectDeclaration {
  return { ...signingDialect('bg-hmac', bgForm(options)), options }
}

/** Base64(HMAC-SHA256(secret, METHOD\nPATH\nsorted query\nkey\ndate\n)) (standards §1.4, vector §1.9). */
export function bgForm({ query = 'plain', ...direct }: BgHmacOptions = {}): SigningForm {
  return {
    ...direct,
    parts: ['method', 'path', { query: 'by-pair', text: query }, 'keyId', 'time'],
    trailing: true,
    digest: { hmac: 'sha256' },
    time: { format: 'rfc1123', skewSeconds: 90 },
    keyId: { name: 'accessKey', title: '访问编号（AK）', secret: true },
    key: { name: 'secretKey', title: '访问密钥（SK）' },
    place: {
      headers: {
        'x-bg-hmac-access-key': '{keyId}',
        'x-bg-hmac-algorithm': 'hmac-sha256',
        'x-bg-hmac-signature': '{signature}',
        'x-bg-date-time': '{time}',
      },
    },
  }
}
