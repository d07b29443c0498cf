/**
 * A browser at a simulated agency's authorization page, from the hub's link until it leaves the agency: it signs on as one of the
 * invented people and consents, or declines. → where it is sent. Rejects where a page lies in the way.
 */
export async function decideAt(authorizeUrl: string, person: number | 'none'): Promise<URL> {
  const jar = new Map<string, string>()
  const { origin } = new URL(authorizeUrl)

  async function open(url: URL, form?: URLSearchParams): Promise<URL> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie }, ...(form ? { method: 'POST', body: form } : {}) })
    await response.body?.cancel()
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';', 1).join().split(/=(.*)/s)
      jar.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`授权页面没有返回中枢（${response.status}）`)
    return new URL(location, url)
  }

  const login = await open(new URL(authorizeUrl))
  // The request itself was refused.
  if (login.origin !== origin || !login.pathname.includes('/login/')) return login
  const resume = await open(login, new URLSearchParams({ person: String(person) }))
  return open(resume)
}
