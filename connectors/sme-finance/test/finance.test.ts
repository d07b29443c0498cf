import t from 'tap'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import finance from '../index.ts'

const BASE = '/v1/sme-finance'

t.test('the promise has not shrunk', async (t) => {
  t.equal(promisesOf('sme-finance').length, 2)
})

t.test('中小企业融资', async (t) => {
  const hub = await build(t, { declarations: [finance] })
  const read = async (as: object) => (await hub.get(`${BASE}/information-data`, as)).json()

  await t.test('one’s own, or the enterprise’s for which one acts', async (t) => {
    t.match(await read({ person: 1 }), { data: { personName: '贾*', enterpriseName: null } })
    t.match(await read({ person: 1, enterprise: 3 }), {
      data: { enterpriseName: /许昌/, netProfit: -92_000, assets: [{ assetValue: 260_000 }] },
    })
    t.match(await read({ person: 2, enterprise: 3 }), { code: /^HUB_(MANDATE|ENTERPRISE)/ }, 'no agent of that one')
  })

  await t.test('a record that is somebody else’s is withheld', async (t) => {
    hub.app.sandbox?.faults.set({ kind: 'wrong-person', sid: 'sme-finance.information-data', times: 1 })
    t.match(await read({ person: 1 }), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' })
    t.match(await read({ person: 1 }), { data: { personName: '贾*' } })
  })

  await t.test('its pages open for agents, and for the enterprise that they act for', async (t) => {
    const start = async (as: object) => (await hub.post(`${BASE}/authorized-entry`, { ...as, body: {} })).json()
    t.match(await start({ person: 1 }), { code: 'HUB_MANDATE_REQUIRED' })
    t.match(await start({ person: 1, enterprise: 1 }), { data: { url: /\/go\/sme-finance\// } })
  })
})
