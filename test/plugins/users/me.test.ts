import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { build } from '../../helper/hub.ts'
import { ACCOUNT, call, declarations, EMPLOYER, userId } from '../../helper/identity.ts'
import { withdrawalBody } from '../../helper/proper-filing.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const OVERSEAS = '/v1/housing-fund/overseas-settlement-withdrawal'
const BALANCE = '/v1/demo/balance'
const CLOSED = [403, 'HUB_SERVICE_NOT_OPEN']

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: declarations() })
    const restrict = (service: string, kinds: string[]) =>
      call(hub, 'PUT', `/admin/service-access/${service}`, { body: { kinds, purpose: '灰度开放' } })
    const setKind = (person: number, kind: string) =>
      call(hub, 'PATCH', `/admin/users/${userId(person)}`, { body: { kind, purpose: '参与测试' } })
    const open = async (person: number) =>
      (await call(hub, 'GET', '/v1/me/services', { person })).json().data.map(({ path }: { path: string }) => path)

    t.test('my account shows what the contract lists, masked', async (t) => {
      const response = await call(hub, 'GET', '/v1/me', { person: 2, claims: { auth_time: 1_790_000_000 } })
      t.match(response.json().data, {
        id: userId(2),
        nickname: null,
        avatarUrl: null,
        name: '甄*禾',
        idNumber: '411***********9991',
        phone: null,
        authMethods: [],
        level: 'real-name',
        kind: 'ordinary',
        status: 'active',
        lockedUntil: null,
        realName: true,
        registeredAt: /\+08:00$/,
      })
      t.notOk(response.body.includes(people[1]?.number ?? '?'))
      t.same(verdict(await hub.app.inject('/v1/me')), [401, 'HUB_TOKEN_MISSING'])
    })

    t.test('the last login is that of the newest token, never of the future', async (t) => {
      const last = async (claims: Record<string, unknown>) =>
        Date.parse((await call(hub, 'GET', '/v1/me', { person: 7, claims })).json().data.lastLoginAt)
      const now = Math.floor(Date.now() / 1000)
      t.equal(await last({ auth_time: now - 500 }), (now - 500) * 1000)
      t.equal(await last({ auth_time: now - 100 }), (now - 100) * 1000)
      t.equal(await last({ auth_time: now - 900 }), (now - 100) * 1000, 'an older token')
      t.ok((await last({ auth_time: now + 9000 })) <= Date.now())
    })

    t.test('nickname and avatar are mine to change, nothing else', async (t) => {
      const change = (body: unknown) => call(hub, 'PATCH', '/v1/me', { person: 3, body })
      t.match((await change({ nickname: '小欧', avatarUrl: 'https://cdn.example/a.png' })).json().data, {
        nickname: '小欧',
        avatarUrl: 'https://cdn.example/a.png',
      })
      t.match((await change({ avatarUrl: null })).json().data, { nickname: '小欧', avatarUrl: null })
      for (const body of [
        { level: 'real-name' },
        { kind: 'test' },
        { status: 'active' },
        { name: '别人' },
        { nickname: ' ' },
        { nickname: 'x'.repeat(33) },
        { avatarUrl: 'javascript:alert(1)' },
        { avatarUrl: 'http://cdn.example/a.png' },
      ])
        t.same(verdict(await change(body)), [400, 'HUB_VALIDATION'], JSON.stringify(body))
      const row = await hub.app
        .database('users')
        .where({ id: userId(3) })
        .first('nickname_sealed')
      t.match(row.nickname_sealed, /^v\d/)
    })

    t.test('a restricted service is open to the kinds named and closed to all others', async (t) => {
      t.equal((await call(hub, 'GET', BALANCE, { person: 4 })).statusCode, 200)
      t.same((await restrict('demo.balance', ['test', 'designated'])).json().data, [
        { service: 'demo.balance', kinds: ['designated', 'test'] },
      ])
      const { traceId, headers } = trace()
      t.same(verdict(await call(hub, 'GET', BALANCE, { person: 4, headers })), CLOSED, 'at once')
      t.match(await auditOf(hub, traceId), [{ outcome: 'HUB_SERVICE_NOT_OPEN', service: 'balance' }])
      t.equal((await call(hub, 'GET', ACCOUNT, { person: 4 })).statusCode, 200, 'the others stay open')
      t.notOk((await open(4)).includes(BALANCE))
      await setKind(4, 'test')
      t.equal((await call(hub, 'GET', BALANCE, { person: 4 })).statusCode, 200)
      t.ok((await open(4)).includes(BALANCE))
      await restrict('demo.balance', ['designated'])
      t.same(verdict(await call(hub, 'GET', BALANCE, { person: 4 })), CLOSED)
      await restrict('demo.balance', [])
      t.equal((await call(hub, 'GET', BALANCE, { person: 4 })).statusCode, 200)
      await setKind(4, 'ordinary')
    })

    t.test('a system’s restriction holds for all its services, filings, agents and the registry too', async (t) => {
      await restrict('housing-fund', ['designated'])
      for (const options of [{ person: 1 }, { person: 1, enterprise: 1 }])
        t.same(verdict(await call(hub, 'GET', options.enterprise ? EMPLOYER : ACCOUNT, options)), CLOSED)
      const headers = { 'idempotency-key': 'key-of-a-test' }
      t.same(
        verdict(
          await call(hub, 'POST', OVERSEAS, {
            headers,
            body: { ...withdrawalBody('overseas-settlement-withdrawal'), verificationCode: '000000' },
          }),
        ),
        CLOSED,
      )
      t.same(
        (await open(1)).filter((path: string) => path.startsWith('/v1/housing-fund/')),
        [],
      )
      await setKind(6, 'designated')
      await restrict('housing-fund.loan-account', ['test'])
      const both = await open(6)
      t.ok(both.includes(ACCOUNT))
      t.notOk(both.includes('/v1/housing-fund/loan-account'), 'both restrictions must be met')
      await restrict('registry', ['test'])
      t.same(verdict(await call(hub, 'POST', '/v1/me/enterprises/search')), CLOSED)
      for (const service of ['housing-fund', 'housing-fund.loan-account', 'registry']) await restrict(service, [])
    })

    t.test('only what there is can be restricted', async (t) => {
      t.same(verdict(await restrict('nothing', ['test'])), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await restrict('demo', ['king'])), [400, 'HUB_VALIDATION'])
    })

    t.test('a token used again after its user was shut out is an answer, not a crash', async (t) => {
      const token = await hub.token({ person: 5 })
      const mine = () => hub.app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${token}` } })
      t.equal((await mine()).statusCode, 200)
      hub.app.users.forget(userId(5))
      await hub.app
        .database('users')
        .where({ id: userId(5) })
        .update({ status: 'disabled' })
      t.same(verdict(await mine()), [403, 'HUB_USER_DISABLED'])
    })
  })
}
