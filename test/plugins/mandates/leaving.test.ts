import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { build } from '../../helper/hub.ts'
import { call, declarations, enterpriseId, inDays, inventIdNumber, usccOf, userId } from '../../helper/identity.ts'
import { targets } from '../../helper/targets.ts'

const ADMIN = 1
const PHONE = '13812345678'
const NAMES = ['name_sealed', 'phone_sealed', 'id_number_sealed', 'id_number_hash']

for (const target of targets) {
  t.test(`${target.name}: 注销 leaves no name, phone or id number in mandates`, async (t) => {
    const hub = await build(t, { target, declarations: declarations() })
    const { database, vault } = hub.app
    const agents = `/v1/enterprises/${enterpriseId(1)}/agents`
    const invite = (person: number, name = people[person - 1]?.name) => ({
      ...{ name, phone: PHONE, idNumber: people[person - 1]?.number, scope: ['housing-fund'], endsAt: inDays(30) },
    })
    const add = (body: object) => call(hub, 'POST', agents, { body })
    t.equal((await call(hub, 'POST', '/v1/me/enterprises', { body: { uscc: usccOf(1) } })).statusCode, 201)
    const agent = (await add(invite(5))).json().data
    t.equal(agent.status, 'active')
    t.equal((await call(hub, 'DELETE', `${agents}/${agent.id}`)).statusCode, 200, 'ended long before he leaves')
    t.equal((await add(invite(5))).statusCode, 201, 'and again an agent')
    const stranger = (await add({ ...invite(5), name: '周未至', idNumber: inventIdNumber('19930704') })).json().data

    // An invitation under the number and another name, as it stays when somebody is verified later.
    const hash = vault.fingerprint(`01:${people[4]?.number}`, 'users.id_number')
    await database('mandates').where({ id: stranger.id }).update({ id_number_hash: hash })

    t.equal((await hub.post('/v1/me/deregister', { person: 5 })).statusCode, 204)
    const left = await database('mandates').where({ user_id: userId(5) })
    t.equal(left.length, 2, 'who it was, as an id, when and in what is the enterprise’s own record')
    for (const row of [...left, await database('mandates').where({ id: stranger.id }).first()]) {
      t.match(row, { status: 'disabled', scope: 'housing-fund', enterprise_id: enterpriseId(1) })
      for (const column of NAMES) t.equal(row[column], null, column)
    }
    const shown = (await call(hub, 'GET', agents)).json().data
    t.match(
      shown.filter(({ status }: { status: string }) => status === 'disabled'),
      [1, 2, 3].map(() => ({ name: null, phone: null, idNumber: null })),
      'the list of agents goes on working',
    )

    // The legal representative himself: bound in his name by the registry.
    t.equal((await hub.post('/v1/me/deregister', { person: ADMIN })).statusCode, 204)
    const [bound, ...more] = await database('mandates').where({ user_id: userId(1), role: 'legal-representative' })
    t.same(more, [])
    t.match(bound, { status: 'disabled', name_sealed: null, enterprise_id: enterpriseId(1) })
  })
}
