import type { DialectDeclaration } from '../upstream/dialect.ts'
import { createDirectSigner, type DirectOptions, directLayout } from './direct.ts'
import { signedHeaders } from './signed-headers.ts'

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
  return {
    name: 'bg-hmac',
    options,
    credentials: { accessKey: { title: '访问编号（AK）', secret: true }, secretKey: { title: '访问密钥（SK）', secret: true } },
    createSigner(context) {
      const { accessKey = '', secretKey = '' } = context.credentials
      const lay = directLayout(context, options, [])
      return createDirectSigner(context, options, 'fresh', (outgoing) => {
        const request = lay(outgoing, {})
        const [path = '', search = ''] = request.path.split('?', 2)
        const signed = signedHeaders({ method: request.method, path, query: bgQuery(search, options), accessKey, secretKey })
        return { ...request, headers: { ...request.headers, ...signed } }
      })
    },
  }
}

/** The pairs of a query string in the form in which they are signed. */
export function bgQuery(search: string, { query = 'plain' }: BgHmacOptions): Iterable<[string, string]> {
  if (query === 'plain') return new URLSearchParams(search)
  return search.split('&').flatMap((pair): [string, string][] => {
    const [name = '', value = ''] = pair.split('=', 2)
    return name === '' ? [] : [[name, value]]
  })
}
