import t from 'tap'
import { build } from '../../helper/hub.ts'
import { addUser, call, declarations, EMPLOYER, enterpriseId, usccOf, userId } from '../../helper/identity.ts'
import { auditOf, trace, verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const SEARCH = '/v1/me/enterprises/search'
const BIND = '/v1/me/enterprises'

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: declarations() })

    t.test('the registry is asked for the verified person, over HTTP, and offers what it found', async (t) => {
      const { traceId, headers } = trace()
      const response = await call(hub, 'POST', SEARCH, { headers })
      t.equal(response.statusCode, 200)
      t.match(response.json().data, [
        { uscc: usccOf(1), name: '许昌示例制造有限公司', establishedOn: '2016-03-01', bindable: true, obstacle: null },
        { uscc: usccOf(3), bindable: true },
      ])
      t.match(await auditOf(hub, traceId), [
        { connector: 'hub', service: 'me.enterprises.search', outcome: 'ok', upstreamStatus: 200, rows: 2 },
      ])
      t.same((await call(hub, 'POST', SEARCH, { person: 4 })).json().data, [], 'nobody’s legal representative')
    })

    t.test('whose enterprises they are is never said by the request', async (t) => {
      for (const body of [{ idNumber: '411003198512319991' }, { name: '甄晓禾' }, { uscc: usccOf(2) }, { person: 2 }])
        t.same(verdict(await call(hub, 'POST', SEARCH, { body })), [400, 'HUB_VALIDATION'], JSON.stringify(body))
    })

    t.test('it takes a real name and a face of the last 30 minutes, for binding too', async (t) => {
      await addUser(hub, 'nameless')
      for (const [url, body] of [
        [SEARCH, undefined],
        [BIND, { uscc: usccOf(1) }],
      ] as const) {
        t.same(verdict(await call(hub, 'POST', url, { body, face: false })), [403, 'HUB_FACE_REQUIRED'])
        const old = await call(hub, 'POST', url, { body, faceAgeSeconds: 1810 })
        t.same(verdict(old), [403, 'HUB_FACE_REQUIRED'])
        t.match(old.json().stepUp, { method: 'face', maxAgeSeconds: 1800 })
        t.same(verdict(await call(hub, 'POST', url, { body, claims: { sub: 'nameless' } })), [403, 'HUB_REAL_NAME_REQUIRED'])
      }
      t.equal((await call(hub, 'POST', SEARCH, { faceAgeSeconds: 1790 })).statusCode, 200)
      t.same(verdict(await hub.app.inject({ method: 'POST', url: SEARCH })), [401, 'HUB_TOKEN_MISSING'])
    })

    t.test('only what was found in one’s own name can be bound, and only while it does business', async (t) => {
      const bind = (person: number, uscc: string) => call(hub, 'POST', BIND, { person, body: { uscc } })
      t.same(verdict(await bind(2, usccOf(1))), [404, 'HUB_NO_RECORD'], 'somebody else’s')
      t.same(verdict(await bind(5, '92411002L00000046J')), [409, 'HUB_ENTERPRISE_UNFIT'], 'struck off')
      const wrong = await bind(1, '91411000MA0000016J')
      t.same(verdict(wrong), [400, 'HUB_VALIDATION'], 'check digit')
      t.match(wrong.json().errors, [{ pointer: '/body/uscc', detail: /统一社会信用代码/ }])
    })

    t.test('binding makes a mandate of the registry’s, once; again, renews it', async (t) => {
      await hub.app
        .database('mandates')
        .where({ enterprise_id: enterpriseId(1) })
        .delete()
      t.same(verdict(await call(hub, 'GET', EMPLOYER, { enterprise: 1 })), [403, 'HUB_MANDATE_REQUIRED'])
      const first = await call(hub, 'POST', BIND, { body: { uscc: usccOf(1) } })
      t.equal(first.statusCode, 201)
      t.same(first.json().data, { id: enterpriseId(1), renewed: false })
      t.equal((await call(hub, 'GET', EMPLOYER, { enterprise: 1 })).statusCode, 200)
      await hub.app
        .database('mandates')
        .where({ enterprise_id: enterpriseId(1) })
        .update({ ends_at: Date.now() + 1000 })
      t.same((await call(hub, 'POST', BIND, { body: { uscc: usccOf(1) } })).json().data, { id: enterpriseId(1), renewed: true })
      const bound = (await call(hub, 'GET', BIND)).json().data
      t.equal(bound.length, 1)
      t.match(bound, [
        {
          role: 'legal-representative',
          grantedBy: 'registry',
          scope: ['*'],
          current: true,
          enterprise: { id: enterpriseId(1), uscc: usccOf(1) },
        },
      ])
      t.ok(Date.parse(bound[0].endsAt) > Date.now() + 364 * 86_400_000)
      const events = (await call(hub, 'GET', `/v1/enterprises/${enterpriseId(1)}/events`)).json().data
      t.same(
        events.map(({ action }: { action: string }) => action),
        ['renewed', 'granted'],
      )
    })

    t.test('what the registry has of line ends and invisible signs in a name is not kept', async (t) => {
      const found = { uscc: usccOf(1), establishedOn: '2016-03-01', state: '存续', obstacle: null }
      const odd = { ...found, name: ' 许昌示例\r\n制造\u202E有限\u200B公司\u0000' }
      const actor = { userId: userId(1), role: 'holder' } as const
      await hub.app.enterprises.bind({ id: userId(1), name: '甄晓禾' }, odd, actor)
      const [first] = (await call(hub, 'GET', BIND)).json().data
      t.equal(first.enterprise.name, '许昌示例 制造 有限 公司')
      await hub.app.enterprises.bind({ id: userId(1), name: '甄晓禾' }, { ...found, name: '许昌示例制造有限公司' }, actor)
    })

    t.test('bound by somebody else it is a conflict until he lets go or his time is over', async (t) => {
      const { database } = hub.app
      const mandate = { enterprise_id: enterpriseId(3), role: 'legal-representative' }
      t.equal((await call(hub, 'POST', BIND, { body: { uscc: usccOf(3) } })).statusCode, 201)
      // As after a change in the register: person 1 is now the one it names.
      await database('mandates').where(mandate).update({ user_id: '5a000000-0000-4000-8000-000000000006' })
      const conflict = await call(hub, 'POST', BIND, { body: { uscc: usccOf(3) } })
      t.same(verdict(conflict), [409, 'HUB_ENTERPRISE_BOUND'])
      t.match(conflict.json().detail, '解除绑定')
      await database('mandates')
        .where(mandate)
        .update({ ends_at: Date.now() - 1 })
      t.equal((await call(hub, 'POST', BIND, { body: { uscc: usccOf(3) } })).statusCode, 201)
      const rows = await database('mandates').where(mandate).orderBy('created_at').select('user_id', 'status')
      t.same(
        rows.map(({ status }) => status),
        ['disabled', 'active'],
      )
    })

    t.test('two who bind at once: one does', async (t) => {
      await hub.app.database('mandate_events').delete()
      await hub.app
        .database('mandates')
        .where({ enterprise_id: enterpriseId(2) })
        .delete()
      const found = { uscc: usccOf(2), name: '许昌虚拟商贸有限公司', state: '存续', establishedOn: null, obstacle: null }
      const bind = (person: number) =>
        hub.app.enterprises.bind({ id: `5a000000-0000-4000-8000-00000000000${person}`, name: '甲' }, found, { userId: null, role: 'hub' })
      const results = await Promise.allSettled([2, 4, 6].map(bind))
      t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const result of results) if (result.status === 'rejected') t.equal(result.reason.code, 'HUB_ENTERPRISE_BOUND')
      const [{ n }] = (await hub.app
        .database('mandates')
        .where({ enterprise_id: enterpriseId(2) })
        .count({ n: '*' })) as [{ n: number }]
      t.equal(Number(n), 1)
    })

    t.test('unbinding ends it at once', async (t) => {
      t.equal((await call(hub, 'DELETE', `${BIND}/${enterpriseId(1)}`)).statusCode, 204)
      t.same(verdict(await call(hub, 'GET', EMPLOYER, { enterprise: 1 })), [403, 'HUB_MANDATE_REQUIRED'])
      t.same(verdict(await call(hub, 'DELETE', `${BIND}/${enterpriseId(1)}`)), [404, 'HUB_NO_RECORD'])
      t.same(verdict(await call(hub, 'DELETE', `${BIND}/${enterpriseId(3)}`, { person: 4 })), [404, 'HUB_NO_RECORD'], 'not somebody else’s')
    })

    t.test('a registry in trouble is the agency’s trouble', async (t) => {
      const { faults } = hub.app.sandbox as NonNullable<typeof hub.app.sandbox>
      faults.set({ kind: 'wrong-person', sid: 'registry.enterprises' })
      t.same(verdict(await call(hub, 'POST', SEARCH)), [502, 'HUB_UPSTREAM_WRONG_SUBJECT'], 'rows of somebody else')
      faults.clear()
      faults.set({ kind: 'error-code', sid: 'registry.enterprises' })
      const response = await call(hub, 'POST', SEARCH)
      t.equal(response.statusCode, 502)
      t.equal(response.json().agency, '许昌市市场监督管理局')
      faults.clear()
    })
  })
}
