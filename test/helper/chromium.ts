import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { keepPicture, PICTURES } from './pictures.ts'

const NAMES = ['chromium-headless-shell', 'chromium', 'google-chrome']
/** Long enough for a machine that is busy with everything else. */
const PATIENCE_MS = 45_000

/** Debian's Chromium, or another one on the path; null where there is none. */
const executable: string | null =
  (process.env['PATH'] ?? '')
    .split(':')
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .sort((a, b) => rank(a) - rank(b))
    .find(isExecutable) ?? null

/** Why a test of pages cannot run here; in CI it has to. */
export const withoutBrowser: string | false = executable !== null || process.env['CI'] === 'true' ? false : 'no Chromium is installed'

function rank(path: string): number {
  return NAMES.findIndex((name) => path.endsWith(`/${name}`))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export const LOOKS = [
  { name: 'phone-light', viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true },
  { name: 'phone-dark', viewport: { width: 360, height: 740 }, colorScheme: 'dark', isMobile: true },
  { name: 'desktop-light', viewport: { width: 1280, height: 800 }, colorScheme: 'light', isMobile: false },
  { name: 'desktop-dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark', isMobile: false },
] as const

export type Look = (typeof LOOKS)[number]

/** Those that pages are walked in: phone and desktop, light and dark; all four with `LOOKS=all`. */
export const looks: readonly Look[] = process.env['LOOKS'] === 'all' ? LOOKS : [LOOKS[0], LOOKS[3]]

/** A browser that ends with the test. */
export async function openChromium(t: Test): Promise<Browser> {
  const browser = await chromium.launch({
    ...(executable ? { executablePath: executable } : {}),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    timeout: PATIENCE_MS,
    // The process belongs to other tests too.
    ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
  })
  t.teardown(() => browser.close())
  return browser
}

/** Of a picture, in pixels; nobody looks further down. */
const TALLEST = 4000

/** What a page's console complained of, as of a policy that forbids something. */
const complaints = new WeakMap<Page, string[]>()

/** A page in this look. */
export async function openPage(t: Test, browser: Browser, look: Look, options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
  const { name: _name, ...device } = look
  const context = await browser.newContext({ ...device, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  t.teardown(() => context.close())
  const page = await context.newPage()
  const told: string[] = []
  page.on('console', (message) => message.type() === 'error' && !/status of [45]\d\d/.test(message.text()) && told.push(message.text()))
  page.on('pageerror', (error) => told.push(error.message))
  complaints.set(page, told)
  return page
}

/** What axe-core finds serious, by all its rules or by some. */
async function seriousOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  const violations = await page.evaluate(async (only) => {
    const { axe: run } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Finding[] }> } }
    return (await run.run(only === undefined ? {} : { runOnly: only })).violations
  }, rules)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`)
}

const BESIDE = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

/** WCAG 2.2, 1.4.4: a desktop's page at 200 % has half the width, a phone's has letters twice as large. → pixels that stand beside it then. */
async function besideAtTwice(page: Page, { isMobile, viewport }: Look): Promise<number> {
  const enlarge = (size: string) => page.evaluate(`document.documentElement.style.fontSize = '${size}'`)
  if (isMobile) await enlarge('200%')
  else await page.setViewportSize({ ...viewport, width: viewport.width / 2 })
  const beside = await page.evaluate<number>(BESIDE)
  if (isMobile) await enlarge('')
  else await page.setViewportSize(viewport)
  return beside
}

interface Finding {
  id: string
  impact: string | null
  nodes: { html: string; failureSummary?: string }[]
}

/**
 * What every page has to stand: axe-core finds nothing serious, nor in the colours of the other scheme, its console is quiet, and nothing has to be scrolled sideways. It is kept
 * as a picture to look at, and noted as looked at.
 */
export async function inspect(t: Test, page: Page, look: Look, name: string): Promise<void> {
  t.strictSame(complaints.get(page), [], `${look.name}: nothing to complain of on ${name}`)
  await page.evaluate(axe.source)
  t.strictSame(await seriousOf(page), [], `${look.name}: axe on ${name}`)
  await page.emulateMedia({ colorScheme: look.colorScheme === 'light' ? 'dark' : 'light' })
  t.strictSame(await seriousOf(page, ['color-contrast']), [], `${look.name}: contrast of ${name} in the other colours`)
  await page.emulateMedia({ colorScheme: look.colorScheme })
  const beside = await page.evaluate<number>(BESIDE)
  t.ok(beside <= 0, `${look.name}: ${name} fits its width`)
  t.ok((await besideAtTwice(page, look)) <= 0, `${look.name}: ${name} fits its width at 200 %`)
  const file = `${name}-${look.name}.png`
  const height = Math.min(TALLEST, await page.evaluate<number>('document.documentElement.scrollHeight'))
  await page.screenshot({ path: join(PICTURES, file), fullPage: true, clip: { x: 0, y: 0, width: look.viewport.width, height } })
  keepPicture({ path: new URL(page.url()).pathname, look: look.name, name, file })
}
