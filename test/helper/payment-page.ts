import { type Browser, createBrowser, type Page } from './browser.ts'
import type { openOrders } from './orders.ts'

type Orders = Awaited<ReturnType<typeof openOrders>>

/** What the page's form would send by its button `do`; more or other where a test says so. */
export function submit(browser: Browser, page: Page, choice: string, change: Record<string, string> = {}): Promise<Page> {
  const [, action = ''] = /<form method="post" action="([^"]*)"/.exec(page.text) ?? []
  const [, seal = ''] = /name="seal" value="([^"]*)"/.exec(page.text) ?? []
  const body = new URLSearchParams({ seal, do: choice, ...change })
  return browser.open(action, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
}

/** Where a page sends the browser on by itself. */
export function onTo({ text }: Page): string {
  return (/http-equiv="refresh" content="0;url=([^"]*)"/.exec(text)?.[1] ?? '').replaceAll('&#38;', '&')
}

/** Browsers that come from the app of a hub with orders, and its cashiers. */
export function paymentPages({ hub, post }: Orders) {
  const address = hub.app.server.address()
  const origin = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
  const handOver = async (order: { statusUrl: string }, person = 1) => {
    const response = await post(`${order.statusUrl}/page`, { person })
    const { data, code } = response.json() as { data?: { url: string }; code?: string }
    return { status: response.statusCode, code, url: data?.url ?? '' }
  }
  return {
    origin,
    handOver,
    browser: () => createBrowser({ [origin]: origin }),
    /** → a browser that the app let in, and the page it is led to. */
    async enter(order: { statusUrl: string }, person = 1): Promise<{ browser: Browser; page: Page }> {
      const browser = createBrowser({ [origin]: origin })
      const opened = await browser.open((await handOver(order, person)).url)
      return { browser, page: await browser.open(opened.location ?? '') }
    },
    /** What the citizen does at the cashier's page. → where that leads back to. */
    async atCashier(url: string, choice: 'pay' | 'leave'): Promise<string> {
      const first = await fetch(url, { redirect: 'manual' })
      const place = first.headers.get('location') ?? url
      const cashier = first.status === 302 ? await fetch(new URL(place, url)) : first
      const text = await cashier.text()
      const field = (name: string) => (new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '').replaceAll('&#38;', '&')
      const [, action = ''] = /<form method="post" action="([^"]*)"/.exec(text) ?? []
      const body = new URLSearchParams({ number: field('number'), back: field('back'), do: choice })
      const done = await fetch(new URL(action, url), { method: 'POST', body, redirect: 'manual' })
      return done.headers.get('location') ?? ''
    },
  }
}
