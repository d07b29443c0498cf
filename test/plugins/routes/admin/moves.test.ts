import t from 'tap'
import { build } from '../../../helper/hub.ts'
import { call, userId } from '../../../helper/identity.ts'
import { waterworks } from '../../../helper/museum-connector.ts'
import { auditOf, trace, verdict } from '../../../helper/queries.ts'
import { confirm, inOffice } from '../../../helper/second-person.ts'
import { targets } from '../../../helper/targets.ts'

const [ADMIN, OPERATOR, AUDITOR, CITIZEN, SECOND] = [1, 2, 3, 4, 7] as const
const REFUSED = [403, 'HUB_ROLE_REQUIRED']
const NOBODY = [404, 'HUB_NO_RECORD']
const INVALID = [400, 'HUB_VALIDATION']
const purpose = '同一人的两个账户'

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: [waterworks] })
    const { database, accounts } = hub.app
    const bind = (person: number, externalId: string) =>
      accounts.store.bind({
        userId: userId(person),
        connector: 'waterworks',
        externalId,
        unionId: null,
        level: 'login',
        by: 'account-number',
      })
    const bound = async (person: number) => (await accounts.store.list(userId(person))).map(({ externalId }) => externalId).sort()
    const merge = (
      from: number,
      into: string,
      person: number = ADMIN,
      body: object = { purpose, differentIdentities: '号码更正' },
      headers = {},
    ) => call(hub, 'POST', `/admin/users/${userId(from)}/merge`, { person, headers, body: { into, ...body } })
    const split = (from: number, to: string, accountIds: string[], person: number = ADMIN) =>
      call(hub, 'POST', `/admin/users/${userId(from)}/split`, { person, body: { to, accountIds, purpose } })
    const moveOf = async (result: string) =>
      (await call(hub, 'GET', '/admin/moves')).json().data.find(({ id }: { id: number }) => String(id) === result)
    await inOffice(hub, SECOND)
    const undo = (id: number | string, person: number = ADMIN) =>
      call(hub, 'POST', `/admin/moves/${id}/undo`, { person, body: { purpose } })
    const me = async (person: number) => verdict(await hub.get('/v1/me', { person }))

    t.test('a merge, seen and undone', async (t) => {
      await bind(5, '1001')
      await bind(6, '1002')
      t.same(await me(5), [200, null])
      const { traceId, headers } = trace()
      t.same(
        verdict(await merge(5, userId(6), ADMIN, { purpose })),
        [409, 'HUB_IDENTITY_DIFFERS'],
        'two persons do not become one in silence',
      )
      const differentIdentities = '公安机关更正了号码'
      const asked = await merge(5, userId(6), ADMIN, { purpose, differentIdentities }, headers)
      t.match(asked.json().data, {
        state: 'requested',
        facts: { differentIdentities },
        subject: { id: userId(5) },
        other: { id: userId(6) },
      })
      t.same([await bound(6), await me(5)], [['1002'], [200, null]], 'nothing is done yet')
      const { result } = (await confirm(hub, asked, SECOND)).json().data
      const data = await moveOf(result)
      t.match(data, {
        kind: 'merge',
        from: userId(5),
        to: userId(6),
        actor: userId(ADMIN),
        reason: `${purpose}；身份不同：${differentIdentities}`,
        accounts: 1,
        undoneAt: null,
      })
      t.equal(Date.parse(data.undoUntil) - Date.parse(data.at), 30 * 86_400_000)
      t.match(await auditOf(hub, traceId), [{ service: 'moves.merge', purpose, outcome: 'ok', target: /^[0-9a-f]{32}$/ }])
      t.same(await bound(6), ['1001', '1002'])
      t.same(await me(5), [403, 'HUB_USER_DISABLED'], 'at once')
      t.same(verdict(await merge(5, userId(4))), NOBODY, 'who is merged is nobody any more')

      t.match((await undo(data.id)).json().data, { id: data.id, undoneAt: /\+08:00$/ })
      t.same(await bound(5), ['1001'])
      t.same(await me(5), [200, null])
      t.same(verdict(await undo(data.id)), [409, 'HUB_ACCOUNT_UNDO'], 'once')
    })

    t.test('a split, page by page', async (t) => {
      const [account] = await accounts.store.list(userId(5))
      const { result } = (await confirm(hub, await split(5, userId(6), [account?.id ?? '']), SECOND)).json().data
      t.match(await moveOf(result), { kind: 'split', from: userId(5), to: userId(6), accounts: 1 })
      t.same([await bound(5), await bound(6)], [[], ['1001', '1002']])
      t.same(verdict(await split(5, userId(6), [account?.id ?? ''])), NOBODY, 'it is not there any more')
      const list = async (query = '') => (await call(hub, 'GET', `/admin/moves${query}`)).json()
      const { data, meta } = await list()
      t.same(
        data.map(({ kind }: { kind: string }) => kind),
        ['split', 'merge'],
        'the newest first',
      )
      t.equal(meta.page.total, 2)
      t.same((await list('?page=2&pageSize=1')).data, [data[1]])
    })

    t.test('refusals', async (t) => {
      const standing = async () => [
        await database('account_moves'),
        await database('agency_accounts'),
        await database('users').select('id', 'status'),
      ]
      const before = await standing()
      t.same(verdict(await merge(5, crypto.randomUUID())), NOBODY)
      t.same(verdict(await merge(5, userId(5))), INVALID)
      t.same(verdict(await split(5, userId(5), [crypto.randomUUID()])), INVALID)
      t.same(verdict(await split(5, userId(6), [])), INVALID)
      t.same(verdict(await merge(5, userId(6), ADMIN, {})), INVALID, 'without a purpose')
      t.same(verdict(await undo(999_999)), NOBODY)
      t.same(verdict(await undo('1x')), INVALID)
      t.same(verdict(await merge(ADMIN, userId(6))), REFUSED, 'nobody moves his own account')
      t.same(verdict(await merge(6, userId(ADMIN))), REFUSED)
      t.same(verdict(await split(6, userId(ADMIN), [crypto.randomUUID()])), REFUSED)
      for (const person of [OPERATOR, AUDITOR, CITIZEN]) {
        t.same(verdict(await merge(5, userId(6), person)), REFUSED)
        t.same(verdict(await split(5, userId(6), [crypto.randomUUID()], person)), REFUSED)
        t.same(verdict(await undo(1, person)), REFUSED)
        t.same(verdict(await call(hub, 'GET', '/admin/moves', { person })), REFUSED)
      }
      t.same(await standing(), before)
    })

    t.test('an administrator does not undo what concerns himself', async (t) => {
      const id = await accounts.moves.merge({ from: userId(6), into: userId(ADMIN), actor: 'cli:test', reason: purpose, despite: '试' })
      t.same(verdict(await undo(id)), REFUSED)
      t.same(await me(6), [403, 'HUB_USER_DISABLED'])
    })
  })
}
