import t from 'tap'
import type { Sandbox } from '../../../plugins/sandbox/server.ts'
import { build } from '../../helper/hub.ts'

const ask = (hub: Awaited<ReturnType<typeof build>>, service: string) => hub.app.inject({ url: `/v1/medical-insurance/${service}` })

t.test('a public answer is reused; a refusal, another question and another service are not answered from it', async (t) => {
  const hub = await build(t)
  const { faults } = hub.app.sandbox as Sandbox
  faults.set({ kind: 'error-code', times: 1 })
  t.match((await ask(hub, 'policies')).json(), { status: 502, code: 'HUB_UPSTREAM_REFUSED' })
  const first = (await ask(hub, 'policies')).json().data
  t.equal(first.length, 4)
  t.ok((await ask(hub, 'knowledge')).json().data[0].knowledgeTitle)
  t.equal((await ask(hub, 'designated-pharmacies?region=411081')).json().data.length, 1)

  faults.set({ kind: 'html' })
  t.same((await ask(hub, 'policies')).json().data, first)
  t.equal((await ask(hub, 'designated-pharmacies?region=411081')).statusCode, 200, 'a sealed POST that only asks is reused too')
  t.equal((await ask(hub, 'policies?policyCategory=04')).statusCode, 502)
  t.equal((await hub.get('/v1/medical-insurance/account-balance')).statusCode, 502, 'nothing personal is kept')
})
