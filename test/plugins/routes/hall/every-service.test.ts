import t from 'tap'
import { kindOf } from '../../../../plugins/kinds/index.ts'
import { loadConnectors } from '../../../../plugins/load-connectors.ts'
import { bindAccounts } from '../../../helper/accounts.ts'
import { enter, listen, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'

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

t.test('every service has a page; it asks for each input, and an answer shows each field', async (t) => {
  const declarations = await loadConnectors()
  const hub = await build(t, { declarations })
  const origin = await listen(hub)
  await bindAccounts(hub, declarations)
  const browsers = await Promise.all(ASKERS.map((as) => enter(hub, origin, as)))
  const [first] = browsers
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
    if (form?.status === 200)
      for (const { notes } of inputs) if (!form.text.includes(notes.title)) t.fail(`${path} asks for ${notes.title}`)
    if (!asks || contract.face || contract.anyOf || inputs.some(({ notes }) => notes.required)) continue
    let answered = false
    for (const browser of browsers) {
      const page = await browser.open(path)
      if (page.status !== 200 || words(page).includes('没有查到记录')) continue
      answered = true
      const text = words(page)
      for (const [name, { notes }] of Object.entries(contract.fields))
        if (!text.includes(notes.title) && !notes.columns) t.fail(`${path} shows ${name} ${notes.title}`)
      break
    }
    if (!answered) silent.push(service.key)
  }
  t.same(silent, [], 'somebody is answered at each')
})
