import { type Browser, createBrowser, type Page } from './browser.ts'
import type { Hub } from './hub.ts'

type As = NonNullable<Parameters<Hub['token']>[0]>

/** The address at which a hub listens for browsers. */
export async function listen({ app }: Hub): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
}

/** What the app hands over to its web view. */
export async function handOver(hub: Hub, path = '/hall', as: As = {}): Promise<string> {
  const response = await hub.post('/v1/me/pages', { face: false, ...as, body: { path } })
  if (response.statusCode !== 201) throw new Error(response.body)
  return response.json().data.url
}

/** A browser that the app let in, and whose user said that it is he. */
export async function enter(hub: Hub, origin: string, as: As = {}): Promise<Browser> {
  const browser = createBrowser({ [origin]: origin })
  const opened = await browser.open(await handOver(hub, '/hall', as))
  const asked = await browser.open(opened.location ?? '')
  const entered = await send(browser, asked, {})
  if (entered.status !== 303) throw new Error(entered.text)
  return browser
}

interface SendOptions {
  /** Which of the page's forms: the one whose action ends so. Default: the last with method post. */
  action?: string
  files?: Readonly<Record<string, { name: string; type: string; content: Buffer }>>
}

const readText = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))

/** Fills a form of the page in and presses its button, as a browser without scripts does. */
export async function send(
  browser: Browser,
  page: Page,
  given: Readonly<Record<string, string | readonly string[]>>,
  { action: ending = '', files }: SendOptions = {},
): Promise<Page> {
  const forms = [...page.text.matchAll(/<form method="post"(?: action="([^"]*)")?[^>]*>(.*?)<\/form>/gs)]
  const [, action = '', inner = ''] = forms.findLast(([, where = '']) => readText(where).endsWith(ending)) ?? []
  const values = new Map<string, readonly string[]>()
  for (const [, name = '', value = ''] of inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g))
    values.set(name, [readText(value)])
  for (const [name, value] of Object.entries(given)) values.set(name, [value].flat())
  if (!values.has('do')) values.set('do', ['submit'])
  const pairs = [...values].flatMap(([name, all]) => all.map((value) => [name, value] as [string, string]))
  if (!inner.includes('type="file"')) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return browser.open(readText(action), { method: 'POST', headers, body: new URLSearchParams(pairs) })
  }
  const body = new FormData()
  for (const [name, value] of pairs) body.append(name, value)
  for (const [name, { name: filename, type, content }] of Object.entries(files ?? {}))
    body.append(name, new Blob([new Uint8Array(content)], { type }), filename)
  return browser.open(readText(action), { method: 'POST', body })
}

/** What a person reads of a page. */
export function words({ text }: Page): string {
  return readText(text.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ')
}
