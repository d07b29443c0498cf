import t from 'tap'
import { openLab } from '../../conformance/open-lab.ts'
import { formatReport } from '../../conformance/report.ts'
import { checkConnector } from '../../conformance/run.ts'
import { build } from '../helper/hub.ts'
import { library } from '../helper/library-connector.ts'

t.test('a newcomer’s library needs no code, and the kit finds nothing wrong with it', async (t) => {
  // The library calls its fields what the hub does.
  const own = library.services.flatMap(({ contract }) => Object.keys(contract.fields).map((name) => `\`${name}\``)).join(', ')
  const readme = `# 图书馆\n\n## To be confirmed with the agency\n\n1. The names of ${own}.\n`
  const report = await checkConnector({ connector: library, readme }, openLab)
  t.equal(report.tier, 'gold', formatReport(report))
  t.notOk(library.services.some(({ handler }) => handler))
})

t.test('a reader asks', async (t) => {
  const hub = await build(t, { declarations: [library] })
  const ask = async (path: string) => (await hub.get(`/v1/library/${path}`)).json()
  t.match(await ask('search?page=3&pageSize=50'), { data: { length: 37 }, meta: { page: { number: 3, size: 50, total: 137 } } })
  t.match((await ask('search?available=true')).meta.page, { total: 69 })
  t.match((await ask('card')).data, { validUntil: { until: null, name: '长期' }, fine: 1.5 })
  t.match(await ask('loans?sort=due'), { data: [{ due: '2026-05-11' }, { due: '2026-11-05' }] })
  t.match(await ask('loans?dueBetween=2026-11-01/..'), { data: [{ loanId: 'L-1/1' }], meta: { page: { total: 1 } } })
  t.match((await ask('renewal?loanId=L-1/2')).data, { loanId: 'L-1/2', newDue: '2026-12-05', fee: 0.5 })
  t.match((await ask('seats?room=A1&day=2026-11-03&from=09:00')).data.length, 3)
  t.same((await ask('seats?room=C3')).errors, [{ pointer: '/query/room', detail: '可选：A1 一楼自习室，B2 少儿阅览室' }])
  t.match((await ask('statistics')).data, [{ month: '2026-10', count: 3 }, { month: '2026-09' }])
  t.match((await hub.get('/v1/library/card?format=csv')).body, /长期,1\.5/)
})
