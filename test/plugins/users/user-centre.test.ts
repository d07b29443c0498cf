import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { build, type Hub } from '../../helper/hub.ts'
import { addUser, call, declarations, enterpriseId, inDays, inventIdNumber, userId } from '../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { confirm, inOffice } from '../../helper/second-person.ts'
import { targets } from '../../helper/targets.ts'

const [ADMIN, OPERATOR, AUDITOR, CITIZEN, SECOND] = [1, 2, 3, 5, 7] as const
const purpose = '群众来访登记'
const REFUSED = [403, 'HUB_ROLE_REQUIRED']
const user = (id: string) => `/admin/users/${id}`
const read = async (hub: Hub, id: string) => (await call(hub, 'GET', user(id), { person: OPERATOR })).json().data

for (const target of targets)
  t.test(target.name, async (t) => {
    const created = await target.create()
    t.teardown(created.drop)
    const hub = await build(t, { store: created.settings, declarations: declarations() })
    const { database, vault } = hub.app
    await inOffice(hub, SECOND)
    const open = (body: object, person: number = ADMIN) => call(hub, 'POST', '/admin/users', { person, body: { purpose, ...body } })
    const change = (id: string, body: object, person: number = ADMIN) =>
      call(hub, 'PATCH', user(id), { person, body: { purpose, ...body } })
    const act = (id: string, name: string, body: object = {}, person: number = ADMIN) =>
      call(hub, 'POST', `${user(id)}/${name}`, { person, body: { purpose, ...body } })

    t.test('an administrator opens an account for an app’s user, who finds it as his own and unverified', async (t) => {
      const { traceId, headers } = trace()
      const opened = await call(hub, 'POST', '/admin/users', {
        headers,
        body: { subject: 'visitor-1', nickname: '小许', kind: 'test', purpose },
      })
      t.equal(opened.statusCode, 201)
      const { id } = opened.json().data
      t.equal(opened.headers['location'], user(id))
      t.match(opened.json().data, { nickname: '小许', kind: 'test', level: 'login', realName: false, name: null, status: 'active' })
      t.match(await auditOf(hub, traceId), [{ service: 'users.open', purpose, target: /^[0-9a-f]{32}$/ }])
      t.match((await call(hub, 'GET', '/v1/me', { claims: { sub: 'visitor-1' } })).json().data, { id, nickname: '小许' })
      for (const subject of ['visitor-1', people[3]?.subject])
        t.same(verdict(await open({ subject })), [400, 'HUB_VALIDATION'], 'he has one already')
      const both = await Promise.all([open({ subject: 'visitor-2' }), open({ subject: 'visitor-2' })])
      t.same(both.map(({ statusCode }) => statusCode).sort(), [201, 400], 'of two at once one is opened')
      t.same(verdict(await open({ subject: 'visitor-3' }, OPERATOR)), REFUSED)
      for (const wrong of [
        { subject: '' },
        { subject: 'a b' },
        { subject: 'x'.repeat(201) },
        { subject: 'visitor-4', name: '王某', idNumber: inventIdNumber('19900101') },
        { subject: 'visitor-4', phone: '13900000000' },
        { subject: 'visitor-4', level: 'real-name' },
        { subject: 'visitor-4', avatarUrl: 'javascript:alert(1)' },
      ])
        t.same(
          verdict(await open(wrong)),
          [400, 'HUB_VALIDATION'],
          `one person says nothing of who he is: ${JSON.stringify(wrong).slice(0, 60)}`,
        )
    })

    t.test('what was changed meanwhile is not written over', async (t) => {
      const id = await addUser(hub, 'versioned')
      const { version } = await read(hub, id)
      const changed = await change(id, { nickname: '甲', avatarUrl: 'https://example.invalid/a.png', version })
      t.match(changed.json().data, { nickname: '甲', avatarUrl: 'https://example.invalid/a.png' })
      t.not(changed.json().data.version, version)
      t.same(verdict(await change(id, { nickname: '乙', version })), [409, 'HUB_REQUEST_STATE'], 'stale')
      t.same(verdict(await change(id, { nickname: '乙', version: 'forged' })), [409, 'HUB_REQUEST_STATE'])
      t.equal((await read(hub, id)).nickname, '甲')
      const now = changed.json().data.version
      const both = await Promise.all([change(id, { nickname: '丙', version: now }), change(id, { nickname: '丁', version: now })])
      t.same(both.map(({ statusCode }) => statusCode).sort(), [200, 409])
      t.equal((await change(id, { nickname: null })).json().data.nickname, null, 'taken away; without a version, whatever it was')
      t.same(verdict(await change(crypto.randomUUID(), { kind: 'test' })), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await change(userId(ADMIN), { nickname: '我' })), REFUSED, 'not his own')
      t.same(verdict(await change(id, { nickname: '戊' }, OPERATOR)), REFUSED)
      t.same(verdict(await change(id, { phone: '13900000000' })), [400, 'HUB_VALIDATION'], 'not a phone')
    })

    t.test('a phone takes two persons', async (t) => {
      const id = await addUser(hub, 'reachable')
      const asked = await act(id, 'phone', { phone: '+86 139-0000-0000' })
      t.equal((await read(hub, id)).phone, null)
      t.match(asked.json().data, { kind: 'users.phone', facts: { phone: '更换' }, shown: { phone: '139****0000' } })
      t.same(verdict(await confirm(hub, asked, ADMIN)), [403, 'HUB_SECOND_PERSON'])
      t.equal((await confirm(hub, asked, SECOND)).statusCode, 200)
      t.equal((await read(hub, id)).phone, '139****0000')
      const found = await call(hub, 'POST', '/admin/users/search', { person: OPERATOR, body: { phone: '13900000000' } })
      t.same(
        found.json().data.map((row: { id: string }) => row.id),
        [id],
      )
      t.same(verdict(await act(id, 'phone', { phone: '139' })), [400, 'HUB_VALIDATION'])
      t.same(verdict(await act(userId(ADMIN), 'phone', { phone: '13900000001' })), REFUSED, 'his own')
      t.same(verdict(await act(crypto.randomUUID(), 'phone', { phone: '13900000001' })), [404, 'HUB_NO_RECORD'])
    })

    t.test('a phone that was asked for before a newer one is not written over it', async (t) => {
      const id = await addUser(hub, 'moved-on')
      const older = await act(id, 'phone', { phone: '13900000003' })
      const newer = await act(id, 'phone', { phone: '13900000004' })
      t.equal((await confirm(hub, newer, SECOND)).statusCode, 200)
      t.same(verdict(await confirm(hub, older, SECOND)), [409, 'HUB_REQUEST_STATE'])
      t.equal((await read(hub, id)).phone, '139****0004')
      const before = await act(id, 'phone', { phone: '13900000005' })
      await hub.app.people.recordRealName({
        ...{ userId: id, name: '卫换人', idType: '01', idNumber: inventIdNumber('19790909'), channel: 'app', recordedBy: null },
      })
      t.same(verdict(await confirm(hub, before, SECOND)), [409, 'HUB_REQUEST_STATE'], 'nor to somebody who he was not then')
    })

    t.test('whose account was merged since is not put in office', async (t) => {
      const id = await addUser(hub, 'merged-away', 'real-name')
      const asked = await call(hub, 'PUT', `/admin/administrators/${id}`, { body: { role: 'admin', purpose } })
      await database('users').where({ id }).update({ status: 'merged' })
      t.same(verdict(await confirm(hub, asked, SECOND)), [404, 'HUB_NO_RECORD'])
      t.notOk(await database('administrators').where({ user_id: id }).first(), 'nor would he be once the merge is undone')
    })

    t.test('an account that two delete is erased as by 注销, whatever its status, and never an administrator’s', async (t) => {
      const id = await addUser(hub, 'unwanted')
      await hub.app.people.recordRealName({
        ...{ userId: id, name: '冯删除', idType: '01', idNumber: inventIdNumber('19770707'), channel: 'app', recordedBy: null },
      })
      await act(id, 'disable')
      const asked = await act(id, 'delete')
      t.match(asked.json().data, { kind: 'users.delete', subject: { id, name: '冯*除' } })
      t.equal((await read(hub, id)).status, 'disabled', 'one person deletes nobody')
      t.same(verdict(await confirm(hub, asked, OPERATOR)), REFUSED)
      t.match((await confirm(hub, asked, SECOND)).json().data, { state: 'confirmed', decidedBy: userId(SECOND) })
      t.match(await read(hub, id), { status: 'deregistered', name: null, idNumber: null, realName: false })
      t.same((await call(hub, 'GET', `${user(id)}/real-name-records`, { person: AUDITOR })).json().data, [])
      const [last] = (await call(hub, 'GET', `${user(id)}/events`, { person: AUDITOR })).json().data
      t.match(last, { action: 'deregister', from: 'disabled', to: 'deregistered', actor: userId(ADMIN), reason: purpose })
      t.same(verdict(await call(hub, 'GET', '/v1/me', { claims: { sub: 'unwanted' } })), [401, 'HUB_USER_UNKNOWN'])
      t.same(verdict(await act(id, 'delete')), [404, 'HUB_NO_RECORD'], 'once')
      t.same(verdict(await change(id, { nickname: '魂' })), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await act(userId(OPERATOR), 'delete')), [409, 'HUB_ACCOUNT_BUSY'], 'dismissed first')
      t.same(verdict(await act(userId(ADMIN), 'delete')), REFUSED, 'his own')
      t.same(verdict(await act(userId(CITIZEN), 'delete', {}, OPERATOR)), REFUSED)
    })

    t.test('who has something under way is not deleted', async (t) => {
      const id = await addUser(hub, 'busy')
      const now = Date.now()
      const filing = crypto.randomUUID()
      await database('submissions').insert({
        ...{ id: filing, connector: 'demo', service: 'apply', user_id: id, principal: 'self', idempotency_key: 'k-12345678' },
        ...{ request_hash: 'h', request_sealed: vault.seal('{}', `submissions.request:${filing}`), state: 'attention', trace_id: 't' },
        ...{ created_at: now, updated_at: now },
      })
      t.same(verdict(await act(id, 'delete')), [409, 'HUB_ACCOUNT_BUSY'])
      await database('submissions').where({ id: filing }).delete()
    })

    t.test('lists are narrowed by enterprise and by when', async (t) => {
      const list = async (query: string) => (await call(hub, 'GET', `/admin/users?${query}`, { person: OPERATOR })).json()
      const found = await list(`enterpriseId=${enterpriseId(2)}`)
      t.same(found.data.map(({ id }: { id: string }) => id).sort(), [userId(1), userId(2)])
      t.equal(found.meta.page.total, 2)
      const day = encodeURIComponent(inDays(1))
      t.same((await list(`registeredFrom=${day}`)).data, [])
      t.ok((await list(`registeredTo=${day}&pageSize=1`)).meta.page.total >= people.length)
      await database('users')
        .where({ id: userId(CITIZEN) })
        .update({ last_login_at: Date.parse('2020-05-01T00:00:00Z') })
      t.same(
        (await list('lastLoginTo=2020-06-01T00:00:00Z')).data.map(({ id }: { id: string }) => id),
        [userId(CITIZEN)],
      )
      t.same(verdict(await call(hub, 'GET', '/admin/users?registeredFrom=gestern', { person: OPERATOR })), [400, 'HUB_VALIDATION'])
    })

    t.test('verifications of all are listed, masked, by channel and time', async (t) => {
      const id = await addUser(hub, 'verified')
      const idNumber = inventIdNumber('19660606')
      await hub.app.people.recordRealName({ userId: id, name: '褚核验', idType: '01', idNumber, channel: 'app', recordedBy: null })
      const list = async (query: string) => call(hub, 'GET', `/admin/real-name-records?${query}`, { person: AUDITOR })
      const found = await list('channel=app')
      t.match(found.json().data, [{ userId: id, channel: 'app', name: '褚*验', recordedBy: null }])
      t.notOk(found.body.includes(idNumber))
      t.same((await list('channel=counter')).json().data, [])
      t.same((await list(`from=${encodeURIComponent(inDays(1))}`)).json().data, [])
      t.same(verdict(await call(hub, 'GET', '/admin/real-name-records', { person: CITIZEN })), REFUSED)
    })
  })

t.test('what one user may use, and why', async (t) => {
  const hub = await build(t, { declarations: declarations() })
  const services = async (id: string, query = '') => {
    const response = await call(hub, 'GET', `${user(id)}/services?pageSize=100${query}`, { person: AUDITOR })
    return response.json().data as {
      connector: string
      service: string
      usable: boolean
      closed: object | null
      ways: Way[]
      conditions: string[]
    }[]
  }
  interface Way {
    as: string
    id: string | null
    reason: { code: string } | null
  }
  const one = async (id: string, key: string) => (await services(id)).find(({ connector, service }) => `${connector}.${service}` === key)
  const [EMPLOYER, ACCOUNT] = ['housing-fund.employer-account', 'housing-fund.personal-account']

  t.test('it says of each service what a call would say', async (t) => {
    const stranger = await addUser(hub, 'stranger')
    for (const [person, sub, enterprise] of [
      [1, undefined, 1],
      [4, undefined, undefined],
      [undefined, 'stranger', undefined],
    ] as const) {
      const id = person === undefined ? stranger : userId(person)
      for (const { connector, service, ways } of await services(id)) {
        const { contract } = hub.app.services.get(`${connector}.${service}`) ?? {}
        if (contract?.kind !== 'query') continue
        const token = { person: person ?? 1, face: true, ...(enterprise ? { enterprise } : {}), ...(sub ? { claims: { sub } } : {}) }
        const called = await call(hub, 'GET', `/v1/${connector}/${service}`, token)
        const way = ways.find(({ id }) => contract.audience !== 'enterprise' || enterprise === undefined || id === enterpriseId(enterprise))
        const code = called.json().code ?? null
        // What has to be filled in is looked at before who asks.
        if (code === 'HUB_VALIDATION') continue
        const said = code !== null && /^HUB_(REAL_NAME|MANDATE|SERVICE_NOT|USER|ENTERPRISE)/.test(code) ? code : null
        t.equal(way?.reason?.code ?? null, said, `${id} ${connector}.${service}`)
      }
    }
  })

  t.test('each reason, from the place where it is decided', async (t) => {
    t.match(await one(userId(4), ACCOUNT), { usable: true, closed: null, ways: [{ as: 'self', reason: null }], conditions: [/人脸核验/] })
    t.match(await one(userId(4), EMPLOYER), { usable: false, ways: [{ as: 'self', reason: { code: 'HUB_MANDATE_REQUIRED' } }] })
    const held = (await one(userId(1), EMPLOYER))?.ways ?? []
    t.same(
      held.map(({ as, id, reason }) => [as, id, reason]),
      [1, 2, 3].map((n) => ['enterprise', enterpriseId(n), null]),
    )
    await inOffice(hub, SECOND)
    await call(hub, 'POST', `/admin/enterprises/${enterpriseId(2)}/freeze`, { person: SECOND, body: { purpose } })
    const frozen = (await one(userId(1), EMPLOYER))?.ways.find(({ id }) => id === enterpriseId(2))
    t.equal(frozen?.reason?.code, 'HUB_ENTERPRISE_FROZEN')

    await call(hub, 'PUT', '/admin/service-access/housing-fund', { body: { kinds: ['test'], purpose } })
    t.match(await one(userId(4), ACCOUNT), { usable: false, ways: [{ reason: { code: 'HUB_SERVICE_NOT_OPEN' } }] })
    await call(hub, 'PATCH', user(userId(4)), { body: { kind: 'test', purpose } })
    t.match(await one(userId(4), ACCOUNT), { usable: true })
    await call(hub, 'PUT', '/admin/service-access/housing-fund', { body: { kinds: [], purpose } })

    await call(hub, 'PUT', `/admin/catalogue/services/${ACCOUNT}`, { body: { online: false, reason: '系统升级', purpose } })
    t.match(await one(userId(4), ACCOUNT), {
      usable: false,
      closed: { code: 'HUB_SERVICE_NOT_OPEN', detail: /系统升级/ },
      ways: [{ reason: null }],
    })
    await call(hub, 'PUT', `/admin/catalogue/services/${ACCOUNT}`, { body: { online: true, purpose } })

    await call(hub, 'POST', `${user(userId(6))}/lock`, { person: OPERATOR, body: { purpose } })
    const shut = await services(userId(6))
    t.ok(shut.length > 3)
    for (const { connector, service, ways } of shut)
      if (hub.app.services.get(`${connector}.${service}`)?.contract.identity !== 'none')
        t.same(
          ways.map(({ reason }) => reason?.code),
          ['HUB_USER_LOCKED'],
          `${connector}.${service}`,
        )
  })

  t.test('pages, filters and whom there is not', async (t) => {
    const no = await services(userId(4), '&usable=no&connector=housing-fund')
    t.ok(no.length > 0 && no.every(({ usable, connector }) => !usable && connector === 'housing-fund'))
    const yes = await services(userId(4), '&usable=yes&connector=housing-fund')
    t.equal(no.length + yes.length, (await services(userId(4), '&connector=housing-fund')).length)
    const page = await call(hub, 'GET', `${user(userId(4))}/services?pageSize=2&page=2`, { person: OPERATOR })
    t.match([page.json().data.length, page.json().meta.page], [2, { number: 2, size: 2, total: hub.app.services.size }])
    t.same(verdict(await call(hub, 'GET', `${user(crypto.randomUUID())}/services`, { person: OPERATOR })), [404, 'HUB_NO_RECORD'])
    t.same(verdict(await call(hub, 'GET', `${user('nobody')}/services`, { person: OPERATOR })), [400, 'HUB_VALIDATION'])
    t.same(verdict(await call(hub, 'GET', `${user(userId(4))}/services`, { person: CITIZEN })), REFUSED)
  })
})
