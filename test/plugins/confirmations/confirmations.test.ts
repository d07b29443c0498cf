import t from 'tap'
import { createRequests } from '../../../plugins/confirmations/requests.ts'
import { canMoveRequest, type RequestState, requestStates } from '../../../plugins/confirmations/states.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { build } from '../../helper/hub.ts'
import { ACCOUNT, addUser, call, declarations, inDays, inventIdNumber, userId } from '../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { confirm, decide, inOffice } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

const [ADMIN, OPERATOR, AUDITOR, CITIZEN, SECOND, OPERATOR_2] = [1, 2, 3, 4, 5, 6] as const
const purpose = '柜台核验'
const REFUSED = [403, 'HUB_ROLE_REQUIRED']
const NOT_YOU = [403, 'HUB_SECOND_PERSON']
const OVER = [409, 'HUB_REQUEST_STATE']

t.test('the table of states: what is decided stays decided', async (t) => {
  const states = Object.keys(requestStates) as RequestState[]
  for (const from of states)
    for (const to of states) t.equal(canMoveRequest(from, to), from === 'requested' && to !== 'requested', `${from} → ${to}`)
})

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: declarations() })
    const { database } = hub.app
    await inOffice(hub, SECOND)
    await inOffice(hub, OPERATOR_2, 'operator')
    const post = (url: string, body: object, person: number = ADMIN, headers = {}) =>
      call(hub, 'POST', url, { person, headers, body: { purpose, ...body } })
    const read = async (url: string) => (await call(hub, 'GET', url, { person: AUDITOR })).json()
    const stateOf = async (location: unknown) => (await read(String(location))).data.state
    const realName = (id: string, body: object, person: number = ADMIN, headers = {}) =>
      post(`/admin/users/${id}/real-name`, { name: '郑柜台', ...body }, person, headers)
    const appoint = (person: number, role: string | null, by: number = ADMIN) =>
      call(hub, 'PUT', `/admin/administrators/${userId(person)}`, { person: by, body: { role, purpose } })

    t.test('one administrator alone makes no account anybody', async (t) => {
      const spare = await addUser(hub, 'spare')
      const idNumber = inventIdNumber('19880808')
      const before = await database('users').where({ id: spare }).first()
      const first = trace()
      const asked = await realName(spare, { idNumber }, ADMIN, first.headers)
      t.equal(asked.statusCode, 202)
      const { location } = asked.headers
      t.match(location, /^\/admin\/requests\/[0-9a-f-]{36}$/)
      t.match(asked.json().data, {
        ...{ kind: 'users.real-name', state: 'requested', subject: { id: spare, name: null }, requestedBy: userId(ADMIN), reason: purpose },
        shown: { name: '郑*台', idNumber: /^411\*+/ },
      })
      t.same(await database('users').where({ id: spare }).first(), before, 'nothing is done')
      t.same(await database('real_name_records'), [])
      t.notMatch(JSON.stringify(await database('admin_requests')), new RegExp(`${idNumber}|郑柜台`), 'nor does it stand there in clear')

      t.equal((await realName(spare, { idNumber })).headers['location'], location, 'the same again is the same request')
      t.equal((await realName(spare, { idNumber }, SECOND)).headers['location'], location, 'asking as well is no confirmation')
      t.same(verdict(await confirm(hub, asked, ADMIN)), NOT_YOU, 'himself')
      t.same(verdict(await confirm(hub, asked, OPERATOR)), REFUSED, 'who might not have asked')
      t.same(verdict(await confirm(hub, asked, AUDITOR)), REFUSED)
      t.same(verdict(await confirm(hub, asked, CITIZEN)), REFUSED)
      t.equal(await stateOf(location), 'requested')

      const second = trace()
      const confirmed = await call(hub, 'POST', `${location}/confirmation`, {
        person: SECOND,
        headers: second.headers,
        body: { purpose: '已核对户口簿' },
      })
      t.match(confirmed.json().data, { state: 'confirmed', decidedBy: userId(SECOND), decisionReason: '已核对户口簿', shown: null })
      t.match(await database('users').where({ id: spare }).first(), { level: 'real-name', id_type: '01' })
      t.match(await database('real_name_records').where({ user_id: spare }), [{ channel: 'counter', recorded_by: userId(ADMIN) }])
      t.match(
        await database('admin_requests').where({ subject_user_id: spare }),
        [{ payload_sealed: null, open_key: null }],
        'what it was is kept once',
      )
      const id = String(location).split('/').at(-1)
      const [asking] = await auditOf(hub, first.traceId)
      const [deciding] = await auditOf(hub, second.traceId)
      t.match(asking, { service: 'users.real-name', purpose, outcome: 'ok', submission: id, target: /^[0-9a-f]{32}$/ })
      t.match(deciding, {
        service: 'requests.confirm',
        purpose: '已核对户口簿',
        outcome: 'ok',
        submission: id,
        target: (asking as { target?: string }).target,
      })

      t.match((await confirm(hub, asked, SECOND)).json().data, { state: 'confirmed' }, 'again, it is what came of it')
      t.equal((await database('real_name_records').where({ user_id: spare })).length, 1)
      t.same(verdict(await decide(hub, asked, 'rejection', SECOND)), OVER)
      t.same(verdict(await decide(hub, asked, 'withdrawal', ADMIN)), OVER)
    })

    t.test('an identity is neither overwritten nor given twice, when it is asked for and when it is confirmed', async (t) => {
      const idNumber = inventIdNumber('19770707')
      t.same(verdict(await realName(userId(4), { idNumber })), [409, 'HUB_IDENTITY_VERIFIED'])
      const [one, other] = [await addUser(hub, 'one'), await addUser(hub, 'other')]
      t.same(verdict(await realName(one, { idNumber: people[3]?.number })), [409, 'HUB_IDENTITY_TAKEN'])
      const both = [await realName(one, { idNumber }), await realName(other, { idNumber })] as const
      t.equal((await confirm(hub, both[0], SECOND)).statusCode, 200)
      t.same(verdict(await confirm(hub, both[1], SECOND)), [409, 'HUB_IDENTITY_TAKEN'])
      t.equal(await stateOf(both[1].headers['location']), 'requested', 'and waits for somebody to reject it')
      t.equal((await decide(hub, both[1], 'rejection', SECOND)).statusCode, 200)
      t.match(await database('users').where({ id: other }).first(), { level: 'login', id_number_hash: null })
    })

    t.test('who becomes who he is at a counter signs on anew, and his face is looked at anew', async (t) => {
      const id = await addUser(hub, 'face')
      const claims = { sub: 'face' }
      const asked = await realName(id, { idNumber: inventIdNumber('19660606') })
      await database('sessions').insert({
        id_hash: 'a',
        user_id: id,
        signed_on_at: Date.now(),
        seen_at: Date.now(),
        expires_at: Date.now() + 60_000,
      })
      t.equal((await confirm(hub, asked, SECOND)).statusCode, 200)
      t.same(await database('sessions').where({ user_id: id }), [])
      t.same(verdict(await hub.get(ACCOUNT, { claims, faceAgeSeconds: 60 })), [403, 'HUB_FACE_REQUIRED'])
    })

    t.test('nobody appoints alone, and nobody decides what concerns himself', async (t) => {
      const asked = await appoint(7, 'auditor')
      t.equal(asked.statusCode, 202)
      t.same(verdict(await call(hub, 'GET', '/admin/audit', { person: 7 })), REFUSED, 'not yet')
      t.same(verdict(await confirm(hub, asked, ADMIN)), NOT_YOU)
      t.equal((await confirm(hub, asked, SECOND)).statusCode, 200)
      t.equal((await call(hub, 'GET', '/admin/audit', { person: 7 })).statusCode, 200)
      t.match(await database('administrators').where({ user_id: userId(7) }), [{ role: 'auditor', granted_by: userId(ADMIN) }])
      const demotion = await appoint(SECOND, 'operator')
      for (const decision of ['confirmation', 'rejection', 'withdrawal'] as const)
        t.equal((await decide(hub, demotion, decision, SECOND)).statusCode, 403, `${decision} of what concerns himself`)
      t.equal((await decide(hub, demotion, 'withdrawal', ADMIN)).statusCode, 200)
      t.match((await decide(hub, demotion, 'withdrawal', ADMIN)).json().data, { state: 'withdrawn' }, 'again')
      t.equal((await appoint(7, null)).statusCode, 200, 'taking away needs nobody')
      t.same(verdict(await call(hub, 'GET', '/admin/audit', { person: 7 })), REFUSED)
    })

    t.test('an operator makes himself neither guardian nor counter staff', async (t) => {
      const child = await addUser(hub, 'child')
      const year = new Date().getUTCFullYear()
      const number = { name: '周小苗', idType: '01', idNumber: inventIdNumber(`${year - 8}0101`), channel: 'app', recordedBy: null }
      await hub.app.people.recordRealName({ userId: child, ...number })
      const terms = { scope: ['demo'], endsAt: inDays(30) }
      t.same(verdict(await post('/admin/operators', { userId: userId(OPERATOR), ...terms }, OPERATOR)), REFUSED)
      t.same(verdict(await post('/admin/guardians', { userId: userId(OPERATOR), childUserId: child, ...terms }, OPERATOR)), REFUSED)
      t.same(verdict(await post('/admin/guardians', { userId: userId(4), childUserId: userId(OPERATOR), ...terms }, OPERATOR)), REFUSED)
      t.same(await database('admin_requests').whereIn('kind', ['mandates.guardian', 'mandates.operator']), [])

      const asked = await post('/admin/guardians', { userId: userId(4), childUserId: child, ...terms }, OPERATOR)
      t.match(asked.json().data, {
        subject: { id: userId(4), name: '赵*安' },
        other: { id: child, name: '周*苗' },
        facts: { scope: ['demo'] },
      })
      t.equal(await hub.app.users.guardianOf(userId(4), child, 'demo.balance'), null)
      t.same(verdict(await confirm(hub, asked, OPERATOR)), NOT_YOU)
      const { result } = (await confirm(hub, asked, OPERATOR_2)).json().data
      t.match(await hub.app.users.guardianOf(userId(4), child, 'demo.balance'), { id: child })
      t.match(await database('mandate_events').where({ mandate_id: result }), [
        { actor: userId(OPERATOR), actor_role: 'operator', purpose },
      ])
      t.same(
        verdict(await post('/admin/guardians', { userId: userId(4), childUserId: child, ...terms }, OPERATOR)),
        [409, 'HUB_MANDATE_EXISTS'],
        'wrong before anybody is asked',
      )
    })

    t.test('both are looked at when it is confirmed, as the store has them', async (t) => {
      const admins = (person: number) => database('administrators').where({ user_id: userId(person) })
      const users = (person: number) => database('users').where({ id: userId(person) })
      const asked = await appoint(7, 'operator')
      await admins(ADMIN).update({ role: 'auditor' })
      t.same(verdict(await confirm(hub, asked, SECOND)), OVER, 'who asked could not ask any more')
      await admins(ADMIN).update({ role: 'admin' })
      await users(ADMIN).update({ status: 'disabled' })
      t.same(verdict(await confirm(hub, asked, SECOND)), OVER, 'his account is shut')
      await users(ADMIN).update({ status: 'active' })
      await users(SECOND).update({ level: 'login' })
      t.same(
        verdict(await confirm(hub, asked, SECOND)),
        [403, 'HUB_REAL_NAME_REQUIRED'],
        'of an unverified account nobody knows that it is another person',
      )
      await users(SECOND).update({ level: 'real-name' })
      t.same(await admins(7), [])
      t.equal((await confirm(hub, asked, SECOND)).statusCode, 200)
      await admins(7).delete()
    })

    t.test('of many who decide at once, one does', async (t) => {
      await inOffice(hub, 4)
      const asked = await appoint(7, 'operator')
      const outcomes = await Promise.all(
        [
          confirm(hub, asked, SECOND),
          decide(hub, asked, 'rejection', 4),
          confirm(hub, asked, SECOND),
          decide(hub, asked, 'withdrawal', ADMIN),
        ].map(async (decided) => (await decided).statusCode),
      )
      const state = await stateOf(asked.headers['location'])
      const good = outcomes.filter((status) => status === 200).length
      t.equal(good, state === 'confirmed' ? 2 : 1, `${outcomes} ended ${state}`)
      t.equal((await database('administrators').where({ user_id: userId(7) })).length, state === 'confirmed' ? 1 : 0)
      await database('administrators')
        .whereIn('user_id', [userId(7), userId(4)])
        .delete()
    })

    t.test('what waits too long is over', async (t) => {
      const asked = await appoint(7, 'operator')
      const id = String(asked.headers['location']).split('/').at(-1)
      await database('admin_requests')
        .where({ id })
        .update({ expires_at: Date.now() - 1 })
      t.same(verdict(await confirm(hub, asked, SECOND)), OVER)
      t.match(await database('admin_requests').where({ id }), [{ state: 'expired', payload_sealed: null, decided_by: null }])
      const anew = await appoint(7, 'operator')
      t.not(anew.headers['location'], asked.headers['location'], 'and can be asked for anew')
      t.equal((await decide(hub, anew, 'rejection', SECOND)).statusCode, 200)
    })

    t.test('they are listed by state, kind and person, page by page', async (t) => {
      const open = await appoint(7, 'operator')
      const { data, meta } = await read('/admin/requests?state=requested')
      t.match(data, [
        { kind: 'administrators.appoint', kindName: '任命管理员', stateName: '待确认', subject: { id: userId(7), name: '李*' } },
      ])
      t.equal(meta.page.total, 1)
      t.ok(
        (await read('/admin/requests?state=confirmed&kind=users.real-name')).data.every(
          ({ kind }: { kind: string }) => kind === 'users.real-name',
        ),
      )
      t.ok((await read(`/admin/requests?userId=${userId(7)}`)).data.length > 3)
      t.same((await read(`/admin/requests?requestedBy=${userId(AUDITOR)}`)).data, [])
      const all = (await read('/admin/requests?pageSize=100')).data
      t.same((await read('/admin/requests?page=2&pageSize=2')).data, all.slice(2, 4))
      t.same(verdict(await call(hub, 'GET', '/admin/requests?state=done')), [400, 'HUB_VALIDATION'])
      t.same(verdict(await call(hub, 'GET', '/admin/requests', { person: 4 })), REFUSED)
      t.same(verdict(await call(hub, 'GET', `/admin/requests/${crypto.randomUUID()}`)), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await post(`/admin/requests/${crypto.randomUUID()}/confirmation`, {})), [404, 'HUB_NO_RECORD'])
      t.equal((await decide(hub, open, 'withdrawal', ADMIN)).statusCode, 200)
    })

    t.test('注销 of somebody concerned ends what was open about him, and leaves nothing personal of it', async (t) => {
      const id = await addUser(hub, 'leaving')
      await hub.app.people.recordRealName({
        userId: id,
        name: '吴去也',
        idType: '01',
        idNumber: inventIdNumber('19550505'),
        channel: 'sign-on',
        recordedBy: null,
      })
      const asked = await realName(id, { name: '吴去矣', idNumber: inventIdNumber('19550505') })
      t.equal((await hub.post('/v1/me/deregister', { claims: { sub: 'leaving' } })).statusCode, 204)
      t.equal(await stateOf(asked.headers['location']), 'withdrawn')
      t.same(verdict(await confirm(hub, asked, SECOND)), OVER)
      t.match(await database('admin_requests').where({ subject_user_id: id }), [{ payload_sealed: null }])
    })

    t.test('an act whose words this version does not know is not done', async (t) => {
      const parts = {
        vault: hub.app.vault,
        moves: hub.app.accounts.moves,
        scopes: new Map(),
        forget: () => {},
        orders: hub.app.orderParts,
        candidates: hub.app.candidateParts,
        security: hub.app.security,
        deleteUser: hub.app.deleteUser,
      }
      const requests = createRequests({ database, parts, openMs: 60_000 })
      const act = { userId: userId(ADMIN), reason: purpose, traceId: 't' }
      const made = await requests.ask('administrators.appoint', { userId: userId(7), role: 'operator' }, act)
      const sealed = hub.app.vault.seal('{"userId":7}', `admin_requests.payload:${made.id}`)
      await database('admin_requests').where({ id: made.id }).update({ payload_sealed: sealed })
      await t.rejects(requests.confirm(made.id, { ...act, userId: userId(SECOND) }), { code: 'HUB_REQUEST_STATE' })
      await requests.withdraw(made.id, act)
    })
  })
}
