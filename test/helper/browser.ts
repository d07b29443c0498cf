/** A browser without a screen: keeps cookies by host, follows nothing by itself. */
export interface Browser {
  /** One request; a redirect is returned, not followed. */
  open(url: string, init?: RequestInit): Promise<Page>
  cookie(name: string): string | undefined
  setCookie(name: string, value: string): void
  /** The `Set-Cookie` headers of the last answer. */
  readonly lastSetCookies: readonly string[]
}

export interface Page {
  status: number
  /** Absolute, or null without a redirect. */
  location: string | null
  headers: Headers
  text: string
}

/** `places`: origins as pages name them → where they really are. Cookies are kept for the first of them only. */
export function createBrowser(places: Readonly<Record<string, string>>): Browser {
  const [home = ''] = Object.keys(places)
  const jar = new Map<string, string>()
  let lastSetCookies: readonly string[] = []

  return {
    get lastSetCookies() {
      return lastSetCookies
    },
    cookie: (name) => jar.get(name),
    setCookie: (name, value) => void jar.set(name, value),
    async open(url, init = {}) {
      const asked = new URL(url, home)
      const headers = new Headers(init.headers ?? {})
      if (asked.origin === home && jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
      const real = `${places[asked.origin] ?? asked.origin}${asked.pathname}${asked.search}`
      const response = await fetch(real, { ...init, headers, redirect: 'manual' })
      lastSetCookies = response.headers.getSetCookie()
      for (const cookie of lastSetCookies) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
        if (/; Max-Age=0(;|$)/.test(cookie)) jar.delete(name)
        else jar.set(name, value)
      }
      const location = response.headers.get('location')
      return {
        status: response.status,
        location: location === null ? null : new URL(location, asked).href,
        headers: response.headers,
        text: await response.text(),
      }
    },
  }
}
