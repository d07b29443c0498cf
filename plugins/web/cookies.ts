/**
 * Over TLS a cookie is bound to this host by its name (RFC 6265bis §4.1.3.2): no other host of the domain can set
 * one that passes for it.
 */
function fullName(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name
}

/** → the value of a cookie in a `Cookie` header; null where there is none, or two that differ. `secure` as it was written. */
export function readCookie(header: string | undefined, cookie: string, secure: boolean): string | null {
  const name = fullName(cookie, secure)
  const values = new Set(
    (header ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${name}=`))
      .map((pair) => pair.slice(name.length + 1)),
  )
  const [value] = values
  return values.size === 1 && value ? value : null
}

export interface CookieOptions {
  /** Where it is sent, without TLS; with it everywhere, as its name demands. */
  path: string
  secure: boolean
  /** Seconds; without it the cookie goes with the browser, 0 removes it. */
  maxAge?: number
  /** Sent along with no visit that begins at another site (RFC 6265bis §5.6.7.1). */
  strict?: boolean
}

/** → a `Set-Cookie` header. `value` must be of the characters of RFC 6265 §4.1.1, as base64url is. */
export function writeCookie(name: string, value: string, { path, secure, maxAge, strict = false }: CookieOptions): string {
  const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`
  return `${fullName(name, secure)}=${value}; Path=${secure ? '/' : path}${age}; HttpOnly; SameSite=${strict ? 'Strict' : 'Lax'}${secure ? '; Secure' : ''}`
}
