import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { pseudonymOf } from '../../../plugins/users/users.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { auditOf } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const URL = '/v1/medical-insurance/hospitalisation-records'
const [guardian, child] = [people[3], people[1]] as [(typeof people)[number], (typeof people)[number]]

/** Person 4 was in no hospital, person 2 was: whose records an answer holds shows at once. */
const ask = (hub: Hub, query = '') => hub.get(`${URL}${query}`, { person: guardian.index })

async function entrust(hub: Hub, change: Record<string, unknown> = {}): Promise<void> {
  await hub.app.database('mandates').where({ id: 'guardian-of-child' }).delete()
  await hub.app.database('mandates').insert({
    id: 'guardian-of-child',
    user_id: guardian.id,
    subject_user_id: child.id,
    role: 'guardian',
    scope: 'medical-insurance',
    status: 'active',
    granted_by: 'test',
    starts_at: 0,
    ends_at: Date.now() + 3_600_000,
    ...change,
  })
}

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target })
    const query = `?dependant=${child.id}`
    const refusal = { status: 403, code: 'HUB_MANDATE_REQUIRED', stepUp: { method: 'mandate' } }

    t.test('without a guardian’s mandate a family member’s records stay shut', async (t) => {
      t.same((await ask(hub)).json().data, [])
      const answer = await ask(hub, query)
      t.match(answer.json(), refusal)
      t.notMatch(answer.body, child.name)
      t.match((await ask(hub, `?dependant=${crypto.randomUUID()}`)).json(), refusal)
      t.match((await ask(hub, '?dependant=nobody')).json(), { status: 400, errors: [{ pointer: '/query/dependant' }] }, 'no id')
    })

    t.test('with one they open, and the audit tells whose they are', async (t) => {
      await entrust(hub)
      const answer = await ask(hub, query)
      t.equal(answer.statusCode, 200)
      t.match(answer.json().data, [{ hospitalName: '许昌市示例中心医院' }])
      const [row] = await auditOf(hub, answer.json().meta.traceId)
      t.match(row, { outcome: 'ok', user: pseudonymOf(hub.app.vault, guardian.id), target: pseudonymOf(hub.app.vault, child.id) })
      t.same((await ask(hub)).json().data, [], 'the guardian’s own records stay their own')
      t.match((await hub.get(`${URL}?dependant=${guardian.id}`, { person: child.index })).json(), refusal, 'not the other way round')
    })

    t.test('it ends with the mandate, and reaches no further than its scope', async (t) => {
      const changes = [
        { ends_at: Date.now() - 1 },
        { starts_at: Date.now() + 60_000 },
        { status: 'disabled' },
        { scope: 'medical-insurance.drug-purchase-records' },
        { role: 'agent' },
      ]
      for (const change of changes) {
        await entrust(hub, change)
        t.match((await ask(hub, query)).json(), refusal, JSON.stringify(change))
      }
    })

    t.test('services that the contract keeps personal know no dependants', async (t) => {
      await entrust(hub)
      const answer = await hub.get(`/v1/medical-insurance/account-balance${query}`, { person: guardian.index })
      t.match(answer.json(), { status: 400, code: 'HUB_VALIDATION', errors: [{ pointer: '/query/dependant' }] })
    })
  })
}
