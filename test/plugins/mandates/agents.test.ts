import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { build, type Hub } from '../../helper/hub.ts'
import {
  ACCOUNT,
  addUser,
  call,
  declarations,
  EMPLOYER,
  enterpriseId,
  inDays,
  inventIdNumber,
  usccOf,
  userId,
} from '../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { confirm } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

const AGENTS = `/v1/enterprises/${enterpriseId(1)}/agents`
const NOT_REPRESENTATIVE = [403, 'HUB_LEGAL_REPRESENTATIVE_REQUIRED']
const NO_MANDATE = [403, 'HUB_MANDATE_REQUIRED']

/** What person 1 types to add somebody of the sandbox. */
function draft(person: number, changes: object = {}) {
  const { name, number } = people[person - 1] as { name: string; number: string }
  return { name, phone: '13812345678', idNumber: number, scope: ['housing-fund.employer-account'], endsAt: inDays(30), ...changes }
}

const employer = async (hub: Hub, person: number) => verdict(await call(hub, 'GET', EMPLOYER, { person, enterprise: 1 }))

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: declarations() })
    const { database } = hub.app
    const add = (body: object, options: object = {}) => call(hub, 'POST', AGENTS, { body, ...options })
    await call(hub, 'POST', '/v1/me/enterprises', { body: { uscc: usccOf(1) } })

    t.test('nobody but the legal representative administers agents', async (t) => {
      // Person 4 gets all rights of an agent; they are not enough.
      await database('mandates').insert({
        id: crypto.randomUUID(),
        user_id: userId(4),
        enterprise_id: enterpriseId(1),
        scope: '*',
        status: 'active',
        granted_by: 'test',
        starts_at: 0,
        ends_at: Date.now() + 1e9,
      })
      const some = `${AGENTS}/${crypto.randomUUID()}`
      for (const person of [2, 4]) {
        for (const [method, url, body] of [
          ['GET', AGENTS],
          ['POST', AGENTS, draft(6)],
          ['POST', AGENTS, {}],
          ['PATCH', some, { phone: '13812345678' }],
          ['DELETE', some],
          ['GET', `/v1/enterprises/${enterpriseId(1)}/events`],
          ['GET', `/v1/enterprises/${crypto.randomUUID()}/agents`],
        ] as const) {
          const response = await call(hub, method, url, { person, body })
          t.same(verdict(response), NOT_REPRESENTATIVE, `${person} ${method} ${url}`)
          t.same(response.json().stepUp, { method: 'enterprise-binding' })
        }
      }
      t.same(verdict(await call(hub, 'GET', `/v1/enterprises/${enterpriseId(2)}/agents`)), NOT_REPRESENTATIVE, 'his own only')
      t.same(verdict(await hub.app.inject(AGENTS)), [401, 'HUB_TOKEN_MISSING'])
    })

    t.test('an agent may use what he was given, from then on, until then', async (t) => {
      t.same(await employer(hub, 6), NO_MANDATE)
      const { traceId, headers } = trace()
      const response = await add(draft(6), { headers })
      t.equal(response.statusCode, 201)
      const { data } = response.json()
      t.match(data, { role: 'agent', status: 'active', current: true, name: '孙*远', phone: '138****5678', idNumber: '411***********0008' })
      t.match(await auditOf(hub, traceId), [
        { service: 'enterprises.agents.add', enterprise: enterpriseId(1), target: data.id, outcome: 'ok' },
      ])
      t.same(await employer(hub, 6), [200, null])
      t.match((await call(hub, 'GET', '/v1/me/mandates', { person: 6 })).json().data, [{ id: data.id, enterprise: { uscc: usccOf(1) } }])

      const change = (body: object) => call(hub, 'PATCH', `${AGENTS}/${data.id}`, { body })
      t.equal((await change({ startsAt: inDays(1) })).json().data.current, false)
      t.same(await employer(hub, 6), NO_MANDATE, 'not yet')
      await change({ startsAt: inDays(-2), endsAt: inDays(-1) })
      t.same(await employer(hub, 6), NO_MANDATE, 'no longer')
      t.same(verdict(await change({ endsAt: inDays(-3) })), [400, 'HUB_VALIDATION'], 'an end before the start')
      await change({ endsAt: inDays(10), phone: '13900001111' })
      t.same(await employer(hub, 6), [200, null])
      const listed = (await call(hub, 'GET', AGENTS)).json().data
      t.match(
        listed.find(({ id }: { id: string }) => id === data.id),
        { phone: '139****1111', idNumber: '411***********0008' },
      )
      t.same(verdict(await change({})), [400, 'HUB_VALIDATION'])
    })

    t.test('rights are named one by one, and only such as an agent can have', async (t) => {
      for (const scope of [['*'], ['housing-fund.personal-account'], ['nothing'], ['demo'], ['housing-fund.employer-account', 'nothing']]) {
        const response = await add(draft(7, { scope }))
        t.same(verdict(response), [400, 'HUB_VALIDATION'], scope.join())
        t.equal(response.json().errors[0].pointer, `/body/scope/${scope.length - 1}`)
      }
      t.same(verdict(await add(draft(7, { scope: [] }))), [400, 'HUB_VALIDATION'])
      t.same(verdict(await add(draft(7, { endsAt: inDays(-1) }))), [400, 'HUB_VALIDATION'])
      const [row] = (await call(hub, 'GET', '/v1/me/mandates', { person: 6 })).json().data
      await database('mandates').where({ id: row.id }).update({ scope: 'demo' })
      t.same(await employer(hub, 6), NO_MANDATE, 'another system’s right')
      await call(hub, 'PATCH', `${AGENTS}/${row.id}`, { body: { scope: ['housing-fund'] } })
      t.same(await employer(hub, 6), [200, null], 'a whole system')
    })

    t.test('numbers are checked, and name and number must be one person’s', async (t) => {
      const wrong: [object, string][] = [
        [{ idNumber: '411081200002290007' }, '/body/idNumber'],
        [{ idNumber: '41108120000229000' }, '/body/idNumber'],
        [{ phone: '23812345678' }, '/body/phone'],
        [{ name: '李样' }, '/body/name'],
      ]
      for (const [change, pointer] of wrong) {
        const response = await add(draft(5, change))
        t.same(verdict(response), [400, 'HUB_VALIDATION'])
        t.equal(response.json().errors[0].pointer, pointer)
      }
      t.same(verdict(await add(draft(1))), [400, 'HUB_VALIDATION'], 'himself')
      t.same(verdict(await add(draft(6))), [409, 'HUB_MANDATE_EXISTS'])
      const answers = await Promise.all([add(draft(5)), add(draft(5))])
      t.same(answers.map(({ statusCode }) => statusCode).sort(), [201, 409], 'twice at once')
    })

    t.test('who is not known yet becomes an agent when first verified, under that name', async (t) => {
      const number = inventIdNumber('19930704')
      const invited = (await add({ ...draft(2), name: '周·未至', idNumber: number })).json().data
      t.match(invited, { status: 'invited', current: false, name: '周**至' })
      const id = await addUser(hub, 'newcomer')
      const claims = { sub: 'newcomer' }
      const verify = (name: string, user: string) =>
        hub.app.people.recordRealName({ userId: user, name, idType: '01', idNumber: number, channel: 'app', recordedBy: null })
      await verify('周未到', id)
      t.same((await call(hub, 'GET', '/v1/me/mandates', { claims })).json().data, [], 'another name')
      await verify('周•未至', id)
      t.match((await call(hub, 'GET', '/v1/me/mandates', { claims })).json().data, [{ id: invited.id, status: 'active', current: true }])
      t.same(verdict(await call(hub, 'GET', EMPLOYER, { claims: { ...claims, enterprise: enterpriseId(1) } })), [200, null])
      const log = (await call(hub, 'GET', `/v1/enterprises/${enterpriseId(1)}/events?mandate=${invited.id}`)).json().data
      t.match(log, [
        { action: 'accepted', actorRole: 'holder' },
        { action: 'invited', actorRole: 'legal-representative' },
      ])
      t.notOk('actor' in log[0])
    })

    t.test('somebody invited while he was being verified gets it when he looks', async (t) => {
      const number = inventIdNumber('19930705')
      const id = await addUser(hub, 'late')
      const { id: invited } = (await add({ ...draft(2), name: '吴后', idNumber: number })).json().data
      await hub.app.people.recordRealName({ userId: id, name: '吴后', idType: '01', idNumber: number, channel: 'app', recordedBy: null })
      await database('mandates').where({ id: invited }).update({ status: 'invited', user_id: null })
      t.match((await call(hub, 'GET', '/v1/me/mandates', { claims: { sub: 'late' } })).json().data, [{ id: invited, status: 'active' }])
    })

    t.test('disabling ends it at once; what is done is in the log with who did it', async (t) => {
      const [{ id }] = (await call(hub, 'GET', '/v1/me/mandates', { person: 6 })).json().data
      const { headers, traceId } = trace()
      t.equal((await call(hub, 'DELETE', `${AGENTS}/${id}`, { headers })).json().data.status, 'disabled')
      t.same(await employer(hub, 6), NO_MANDATE)
      t.same(verdict(await call(hub, 'DELETE', `${AGENTS}/${id}`)), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await call(hub, 'PATCH', `${AGENTS}/${id}`, { body: { phone: '13900001111' } })), [404, 'HUB_NO_RECORD'])
      const log = (await call(hub, 'GET', `/v1/enterprises/${enterpriseId(1)}/events?mandate=${id}`)).json()
      t.match(log.data[0], { action: 'disabled', actorRole: 'legal-representative', traceId })
      t.equal(log.data.at(-1).action, 'granted')
      t.equal(log.meta.page.total, log.data.length)
      const [event] = await database('mandate_events').where({ mandate_id: id }).orderBy('id', 'desc').limit(1)
      t.equal(event.actor, userId(1))
      t.equal((await add(draft(6))).statusCode, 201, 'and may be added again')
      t.equal((await call(hub, 'GET', `${AGENTS}?status=disabled`)).json().data.length, 1)
    })

    t.test('an agent may go by himself, but end nobody else’s mandate', async (t) => {
      const [{ id }] = (await call(hub, 'GET', '/v1/me/mandates', { person: 5 })).json().data
      t.same(verdict(await call(hub, 'DELETE', `/v1/me/mandates/${id}`, { person: 4 })), [404, 'HUB_NO_RECORD'])
      t.equal((await call(hub, 'DELETE', `/v1/me/mandates/${id}`, { person: 5 })).statusCode, 204)
      t.same(await employer(hub, 5), NO_MANDATE)
    })

    t.test('an expired representative is none', async (t) => {
      const mandate = { enterprise_id: enterpriseId(1), role: 'legal-representative' }
      const row = await database('mandates').where(mandate).first('ends_at')
      await database('mandates')
        .where(mandate)
        .update({ ends_at: Date.now() - 1 })
      t.same(verdict(await call(hub, 'GET', AGENTS)), NOT_REPRESENTATIVE)
      await database('mandates').where(mandate).update(row)
    })

    t.test('freezing an enterprise stops all its mandates in the next request', async (t) => {
      const url = `/admin/enterprises/${enterpriseId(1)}`
      t.same(await employer(hub, 6), [200, null])
      t.equal((await call(hub, 'POST', `${url}/freeze`, { person: 2, body: { purpose: '收到投诉' } })).json().data.status, 'frozen')
      for (const person of [1, 4, 6]) t.same(await employer(hub, person), [403, 'HUB_ENTERPRISE_FROZEN'], `person ${person}`)
      t.same(verdict(await call(hub, 'GET', AGENTS)), [403, 'HUB_ENTERPRISE_FROZEN'])
      t.same(verdict(await call(hub, 'POST', '/v1/me/enterprises', { body: { uscc: usccOf(1) } })), [403, 'HUB_ENTERPRISE_FROZEN'])
      await call(hub, 'POST', `${url}/unfreeze`, { person: 2, body: { purpose: '投诉不实' } })
      for (const person of [1, 4, 6]) t.same(await employer(hub, person), [200, null], `person ${person}`)
      const events = (await call(hub, 'GET', `${url}/events`, { person: 3 })).json().data
      t.match(events.slice(0, 2), [
        { action: 'unfrozen', actor: userId(2), actorRole: 'operator', purpose: '投诉不实' },
        { action: 'frozen', actor: userId(2), purpose: '收到投诉' },
      ])
    })

    t.test('an operator serves citizens at the counter, in what was granted, until it ends', async (t) => {
      const { allows } = hub.app.delegations
      const grant = (scope: string[], person = 5) =>
        call(hub, 'POST', '/admin/operators', { body: { userId: userId(person), scope, endsAt: inDays(1), purpose: '窗口排班' } })
      t.equal(await allows('operator', userId(5), userId(6), 'demo.balance'), false)
      t.same(verdict(await grant(['*'])), [400, 'HUB_VALIDATION'], 'never everything')
      t.same(verdict(await grant(['housing-fund.employer-account'])), [400, 'HUB_VALIDATION'], 'an enterprise has agents')
      const asked = await grant(['demo'])
      t.equal(await allows('operator', userId(5), userId(6), 'demo.balance'), false, 'not by one person alone')
      const { result: id } = (await confirm(hub, asked, 2)).json().data
      t.same(verdict(await grant(['demo'])), [409, 'HUB_MANDATE_EXISTS'])
      t.equal(await allows('operator', userId(5), userId(6), 'demo.balance'), true)
      t.equal(await allows('operator', userId(5), userId(6), 'housing-fund.personal-account'), false, 'nothing else')
      t.equal(await allows('operator', userId(6), userId(5), 'demo.balance'), false, 'nobody else')
      await call(hub, 'POST', `/admin/mandates/${id}/disable`, { body: { purpose: '离岗' } })
      t.equal(await allows('operator', userId(5), userId(6), 'demo.balance'), false)
    })

    t.test('a guardian acts for a child, in what was granted, until it is of age', async (t) => {
      const { guardianOf } = hub.app.users
      const verified = async (sub: string, birthday: string) => {
        const id = await addUser(hub, sub)
        await hub.app.people.recordRealName({
          userId: id,
          name: '周小苗',
          idType: '01',
          idNumber: inventIdNumber(birthday),
          channel: 'app',
          recordedBy: null,
        })
        return id
      }
      const year = new Date().getUTCFullYear()
      const child = await verified('child', `${year - 17}0101`)
      const grant = (childUserId: string, changes: object = {}) =>
        call(hub, 'POST', '/admin/guardians', {
          body: { userId: userId(6), childUserId, scope: ['demo'], endsAt: inDays(5000), purpose: '柜台核验户口簿', ...changes },
        })
      t.equal(await guardianOf(userId(6), child, 'demo.balance'), null)
      const { result: id } = (await confirm(hub, await grant(child), 2)).json().data
      t.match(await guardianOf(userId(6), child, 'demo.balance'), { id: child, name: '周小苗' })
      t.equal(await guardianOf(userId(6), child, 'housing-fund.personal-account'), null, 'nothing else')
      t.equal(await guardianOf(userId(5), child, 'demo.balance'), null, 'nobody else')
      t.equal(await guardianOf(child, userId(6), 'demo.balance'), null, 'not the other way round')
      await database('mandates').where({ id }).update({ role: 'agent' })
      t.equal(await guardianOf(userId(6), child, 'demo.balance'), null, 'no other role')
      await database('mandates').where({ id }).update({ role: 'guardian' })
      const { ends_at } = await database('mandates').where({ id }).first('ends_at')
      t.equal(Number(ends_at), Date.parse(`${year + 1}-01-01T00:00:00+08:00`), 'until the 18th birthday')
      t.match((await call(hub, 'GET', '/v1/me/mandates', { person: 6 })).json().data.at(-1), {
        role: 'guardian',
        child: { id: child, name: '周*苗' },
        enterprise: null,
      })

      t.same(verdict(await grant(child)), [409, 'HUB_MANDATE_EXISTS'])
      t.same(verdict(await grant(userId(5))), [400, 'HUB_VALIDATION'], 'of age')
      t.same(verdict(await grant(await verified('adult', `${year - 19}0101`))), [400, 'HUB_VALIDATION'])
      t.same(verdict(await grant(await addUser(hub, 'unverified'))), [400, 'HUB_VALIDATION'])
      t.same(verdict(await grant(child, { userId: child })), [400, 'HUB_VALIDATION'], 'himself')
      t.same(verdict(await grant(child, { scope: ['housing-fund'] })), [400, 'HUB_VALIDATION'], 'a system without guardians')
      t.same(verdict(await grant(child, { purpose: undefined })), [400, 'HUB_VALIDATION'])

      await hub.app.people.setStatus(child, 'disable')
      await t.rejects(guardianOf(userId(6), child, 'demo.balance'), { code: 'HUB_USER_DISABLED' })
      await hub.app.people.setStatus(child, 'enable')
      await call(hub, 'POST', `/admin/mandates/${id}/disable`, { person: 2, body: { purpose: '监护权变更' } })
      t.equal(await guardianOf(userId(6), child, 'demo.balance'), null, 'ended')
    })

    t.test('no number or phone that was typed is anywhere in clear', async (t) => {
      for (const table of ['mandates', 'mandate_events', 'audit_rows', 'real_name_records']) {
        const text = JSON.stringify(await database(table).select('*'))
        for (const secret of ['13812345678', '13900001111', '411081200002290008', inventIdNumber('19930704'), '孙拟远', '周·未至'])
          t.notOk(text.includes(secret), `${secret} in ${table}`)
      }
      t.notMatch(hub.logged(), /13812345678|411081200002290008/)
      t.equal((await call(hub, 'GET', ACCOUNT, { person: 6 })).statusCode, 200)
    })
  })
}
