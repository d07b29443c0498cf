import t from 'tap'
import { kinds } from '../../../../plugins/kinds/index.ts'
import { loadConnectors } from '../../../../plugins/load-connectors.ts'
import type { Sandbox } from '../../../../plugins/sandbox/server.ts'
import { bindAccounts } from '../../../helper/accounts.ts'
import { inspect, looks, openChromium, openPage, withoutBrowser } from '../../../helper/chromium.ts'
import { enter, handOver, listen, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'

t.test('a service of each kind, and what a citizen meets when there is nothing to be had', { skip: withoutBrowser }, async (t) => {
  const declarations = await loadConnectors()
  const hub = await build(t, { declarations })
  const origin = await listen(hub)
  const visitor = await enter(hub, origin)
  const cards = [...hub.app.hall.cards.values()]

  /** The first service of the kind whose page says what is looked for to the first person. */
  async function find(isIt: (text: string, status: number) => boolean, kind?: string): Promise<string> {
    for (const { path } of cards.filter(({ service }) => kind === undefined || service.contract.kind === kind)) {
      const page = await visitor.open(path)
      if (isIt(words(page), page.status)) return path
    }
    throw new Error(`no page of ${kind}`)
  }
  const pages = new Map([
    ['state-no-account', '/hall/gas/bill-query'],
    ['state-account', '/hall/accounts/gas'],
  ])
  await bindAccounts(hub, declarations)
  const served = new Set(cards.map(({ service }) => service.contract.kind))
  for (const kind of kinds.flatMap(({ serves }) => serves).filter((each) => served.has(each)))
    pages.set(`kind-${kind}`, await find((text, status) => status === 200 && !text.includes('没有查到记录'), kind))
  pages.set('state-nothing', await find((text, status) => status === 200 && text.includes('没有查到记录')))
  pages.set('state-forbidden', await find((_, status) => status === 403))
  pages.set('state-conflict', await find((_, status) => status === 409))

  const browser = await openChromium(t)
  for (const look of looks)
    await t.test(look.name, async (t) => {
      const { faults } = hub.app.sandbox as Sandbox
      const page = await openPage(t, browser, look)
      await page.goto(await handOver(hub))
      await page.getByRole('button', { name: '是我本人，继续' }).click()
      for (const [name, path] of pages) {
        await page.goto(origin + path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await inspect(t, page, look, name)
      }
      faults.set({ kind: 'http-500' })
      await page.goto(origin + (pages.get('kind-query') ?? ''))
      await inspect(t, page, look, 'state-agency-down')
      faults.clear()
    })
})
