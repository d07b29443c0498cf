import t from 'tap'
import { pseudonymOf } from '../../../plugins/users/users.ts'
import { build } from '../../helper/hub.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const STAYS = '/v1/medical-insurance/hospitalisation-records'
const soon = () => new Date(Date.now() + 30 * 86_400_000).toISOString()

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target })
    const me = async (person: number) => (await hub.get('/v1/me', { person })).json().data.id as string
    const parent = await me(2)
    await me(1)
    const ask = (person = 1, of = parent) => hub.get(`${STAYS}?dependant=${of}`, { person })
    const child = { name: '贾明', idNumber: '41100219900101000X', scope: ['medical-insurance.hospitalisation-records'], endsAt: soon() }
    const admit = (body: object, options = {}) => hub.post('/v1/me/family', { person: 2, body, ...options })

    t.test('nobody sees an adult’s records by himself, and who lets him shows his face', async (t) => {
      t.strictSame(verdict(await ask()), [403, 'HUB_MANDATE_REQUIRED'])
      t.strictSame(verdict(await admit(child, { face: false })), [403, 'HUB_FACE_REQUIRED'])
      const far = { ...child, endsAt: new Date(Date.now() + 800 * 86_400_000).toISOString() }
      for (const wrong of [{ ...child, name: '贾小明' }, { ...child, scope: ['housing-fund'] }, far])
        t.strictSame(verdict(await admit(wrong)), [400, 'HUB_VALIDATION'])
      t.strictSame(verdict(await admit(child, { person: 1 })), [400, 'HUB_VALIDATION'], 'nobody lets himself')
      t.strictSame(verdict(await ask()), [403, 'HUB_MANDATE_REQUIRED'])
    })

    t.test('who was let asks about that person, in that service, and is on record; until it is taken back', async (t) => {
      const { traceId, headers } = trace()
      const admitted = await admit(child)
      t.equal(admitted.statusCode, 201)
      t.match(admitted.json().data, { role: 'kin', name: '贾*', current: true })
      t.strictSame(verdict(await admit(child)), [409, 'HUB_MANDATE_EXISTS'])
      const found = await hub.get(`${STAYS}?dependant=${parent}`, { person: 1, headers })
      t.equal(found.statusCode, 200)
      t.strictSame(found.json().data, (await hub.get(STAYS, { person: 2 })).json().data, 'the parent’s stays')
      t.match(await auditOf(hub, traceId), [{ outcome: 'ok', service: 'hospitalisation-records' }])
      const drugs = `/v1/medical-insurance/drug-purchase-records?dependant=${parent}`
      t.strictSame(verdict(await hub.get(drugs, { person: 1 })), [403, 'HUB_MANDATE_REQUIRED'])
      t.strictSame(verdict(await ask(3)), [403, 'HUB_MANDATE_REQUIRED'], 'nobody else')
      t.strictSame(verdict(await ask(2, await me(1))), [403, 'HUB_MANDATE_REQUIRED'], 'not the other way round')

      const { id } = admitted.json().data
      t.match((await hub.get('/v1/me/family', { person: 2 })).json().data, [{ id, statusName: '有效' }])
      const dismiss = async (person: number) =>
        hub.app.inject({
          method: 'DELETE',
          url: `/v1/me/family/${id}`,
          headers: { authorization: `Bearer ${await hub.token({ person })}` },
        })
      t.strictSame(verdict(await dismiss(3)), [404, 'HUB_NO_RECORD'])
      t.equal((await dismiss(2)).statusCode, 204)
      t.strictSame(verdict(await ask()), [403, 'HUB_MANDATE_REQUIRED'], 'at once')
      t.equal((await admit(child)).statusCode, 201, 'and let again')
      await hub.app.database('mandates').where({ role: 'kin', status: 'active' }).update({ ends_at: Date.now() })
      t.strictSame(verdict(await ask()), [403, 'HUB_MANDATE_REQUIRED'], 'a term that has run out')
      t.equal((await admit(child)).statusCode, 201)
    })

    t.test('whom the agency’s own record names as family needs no mandate, as long as it does', async (t) => {
      const mother = await me(8)
      const { traceId, headers } = trace()
      const found = await hub.get(`${STAYS}?dependant=${mother}`, { person: 5, headers })
      t.equal(found.statusCode, 200, found.body)
      t.strictSame(found.json().data, (await hub.get(STAYS, { person: 8 })).json().data)
      const [row] = await auditOf(hub, traceId)
      t.match(row, { outcome: 'ok', target: pseudonymOf(hub.app.vault, mother) })
      t.strictSame(verdict(await ask(8, await me(5))), [403, 'HUB_MANDATE_REQUIRED'], 'not the other way round')
      t.strictSame(verdict(await ask(6, mother)), [403, 'HUB_MANDATE_REQUIRED'], 'nobody else')
      t.strictSame(verdict(await ask(5, crypto.randomUUID())), [403, 'HUB_MANDATE_REQUIRED'], 'nor about nobody')
      const faults = hub.app.sandbox?.faults
      faults?.set({ kind: 'values', sid: 'medical-insurance.family-account', values: { fam_certno: '"410***********0005"' } })
      t.strictSame(verdict(await ask(5, mother)), [403, 'HUB_MANDATE_REQUIRED'], 'a masked number proves nobody')
      faults?.clear()
      faults?.set({ kind: 'http-500', sid: 'medical-insurance.family-account', times: 5 })
      t.strictSame(verdict(await ask(5, mother)), [502, 'HUB_UPSTREAM_INVALID'], 'what cannot be proved is not assumed')
      faults?.clear()
    })
  })
}
