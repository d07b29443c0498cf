import type { DialectDeclaration } from '../upstream/dialect.ts'
import { createDirectSigner, type DirectOptions, directLayout } from './direct.ts'

export interface ApiKeyOptions extends DirectOptions {
  /** Where the key travels. Default `header`. */
  carrier?: 'header' | 'query'
  /** Its name there. Default `x-api-key` as a header, `api_key` in the query string. */
  name?: string
  /** Word before the key, as in `Authorization: APPCODE <key>`. */
  scheme?: string
}

/**
 * A key that goes along with every call (standards §1.4, "simple key-in-URL"). Nothing is signed, so only
 * TLS protects it; in a query string it also ends up in the agency's access logs.
 *
 * @example
 * upstream: { dialect: apiKey({ carrier: 'query' }), … }
 */
export function apiKey(options: ApiKeyOptions = {}): DialectDeclaration {
  const { carrier = 'header', scheme } = options
  const name = apiKeyName(options)
  return {
    name: 'api-key',
    options,
    credentials: { apiKey: { title: '接口密钥（API key）', secret: true } },
    createSigner(context) {
      const { apiKey: key = '' } = context.credentials
      const lay = directLayout(context, options, [carrier])
      const signed = { [name]: scheme === undefined ? key : `${scheme} ${key}` }
      return createDirectSigner(context, options, 'fixed', (outgoing) => lay(outgoing, signed))
    },
  }
}

export function apiKeyName({ carrier, name }: ApiKeyOptions): string {
  return name ?? (carrier === 'query' ? 'api_key' : 'x-api-key')
}
