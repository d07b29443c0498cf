import type { DialectDeclaration } from '../upstream/dialect.ts'
import { createDirectSigner, type DirectOptions, directLayout } from './direct.ts'

/**
 * HTTP Basic authentication (RFC 7617), user name and password in UTF-8. A user name cannot hold a colon
 * (§2): that stops the start.
 *
 * @example
 * upstream: { dialect: basic(), … }
 */
export function basic(options: DirectOptions = {}): DialectDeclaration {
  return {
    name: 'basic',
    options,
    credentials: { username: { title: '用户名', secret: false }, password: { title: '密码', secret: true } },
    createSigner(context) {
      const { username = '', password = '' } = context.credentials
      if (username.includes(':')) throw new Error('basic: the user name must not hold a colon')
      const lay = directLayout(context, options)
      const signed = { authorization: basicAuthorization(username, password) }
      return createDirectSigner(context, options, 'fixed', (outgoing) => lay(outgoing, signed))
    },
  }
}

export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
