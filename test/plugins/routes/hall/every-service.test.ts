import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { kindOf } from '../../../../plugins/kinds/index.ts'
import { loadConnectors } from '../../../../plugins/load-connectors.ts'
import { bindAccounts } from '../../../helper/accounts.ts'
import { LOOKS, openChromium, openPage, withoutBrowser } from '../../../helper/chromium.ts'
import { enter, handOver, listen, words } from '../../../helper/hall.ts'
import { build, type Hub } from '../../../helper/hub.ts'

/** Whoever of the sandbox may have a record: people, and an agent of each enterprise. */
const ASKERS = [
  { person: 1 },
  { person: 2 },
  { person: 3 },
  { person: 4 },
  { person: 5 },
  { person: 8 },
  { person: 1, enterprise: 1 },
  { person: 3, enterprise: 3 },
]

/** → what Chromium shows of a page to one of the askers, who comes in with his first; null where there is no Chromium. */
async function chromiumOf(t: Test, hub: Hub, origin: string): Promise<(asker: number, path: string) => Promise<string | null>> {
  if (withoutBrowser) return async () => null
  const browser = await openChromium(t)
  const pages = new Map<number, Page>()
  async function begin(asker: number): Promise<Page> {
    const page = await openPage(t, browser, LOOKS[0], { javaScriptEnabled: false })
    await page.goto(await handOver(hub, '/hall', ASKERS[asker]))
    await page.getByRole('button', { name: '是我本人，继续' }).click()
    await page.getByRole('heading', { name: '办事大厅' }).first().waitFor()
    pages.set(asker, page)
    return page
  }
  return async (asker, path) => {
    const page = pages.get(asker) ?? (await begin(asker))
    const response = await page.goto(origin + path, { waitUntil: 'domcontentloaded' })
    t.ok((response?.status() ?? 500) < 500, path)
    return page.locator('body').textContent()
  }
}

t.test('every service has a page; it asks for each input, and an answer shows each field', async (t) => {
  const declarations = await loadConnectors()
  const hub = await build(t, { declarations })
  const origin = await listen(hub)
  await bindAccounts(hub, declarations)
  const browsers = await Promise.all(ASKERS.map((as) => enter(hub, origin, as)))
  const [first] = browsers
  const shown = await chromiumOf(t, hub, origin)
  const silent: string[] = []
  for (const { path, service } of hub.app.hall.cards.values()) {
    const { contract } = service
    const asks = kindOf(contract).method === 'GET'
    const inputs = Object.values(contract.inputs).filter(({ notes }) => notes.fact === undefined && notes.type !== 'near')
    const form = await first?.open(path)
    // A face has to be verified first, or there is nothing to be asked.
    if (form?.status === 303) continue
    if (kindOf(contract).leads && contract.identity === 'none') {
      t.match(form?.text, '进入', path)
      continue
    }
    t.ok(form && form.status < 500, `${path}: ${form?.status}`)
    const isForm = !asks || contract.face !== undefined || contract.anyOf !== undefined || inputs.some(({ notes }) => notes.required)
    if (form?.status === 200) {
      // Of one that answers at once Chromium shows the answer, below.
      const seen = (isForm ? await shown(0, path) : null) ?? form.text
      for (const { notes } of inputs)
        if (!form.text.includes(notes.title) || !seen.includes(notes.title)) t.fail(`${path} asks for ${notes.title}`)
    }
    if (isForm) continue
    let answered = false
    for (const [asker, browser] of browsers.entries()) {
      const page = await browser.open(path)
      if (page.status !== 200 || words(page).includes('没有查到记录')) continue
      answered = true
      const [text, seen] = [words(page), await shown(asker, path)]
      for (const [name, { notes }] of Object.entries(contract.fields))
        if (!(text.includes(notes.title) && (seen ?? text).includes(notes.title)) && !notes.columns)
          t.fail(`${path} shows ${name} ${notes.title}`)
      break
    }
    if (!answered) silent.push(service.key)
  }
  t.same(silent, [], 'somebody is answered at each')
})
