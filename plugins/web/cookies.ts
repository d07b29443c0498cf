/** → the value of a cookie in a `Cookie` header; null where there is none, or two that differ. */
export function readCookie(header: string | undefined, name: string): string | null {
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
  path: string
  secure: boolean
  /** Seconds; without it the cookie goes with the browser, 0 removes it. */
  maxAge?: number
}

/** → a `Set-Cookie` header. `value` must be of the characters of RFC 6265 §4.1.1, as base64url is. */
export function writeCookie(name: string, value: string, { path, secure, maxAge }: CookieOptions): string {
  const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`
  return `${name}=${value}; Path=${path}${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
}
