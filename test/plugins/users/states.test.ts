import { readFileSync } from 'node:fs'
import t from 'tap'
import { requestStates } from '../../../plugins/confirmations/states.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { statusActs } from '../../../plugins/users/people.ts'
import { type UserStatus, userStates } from '../../../plugins/users/states.ts'
import { pseudonymOf } from '../../../plugins/users/users.ts'
import { build } from '../../helper/hub.ts'
import { call, userId } from '../../helper/identity.ts'
import { minimalConnector } from '../../helper/minimal-connector.ts'
import { verdict } from '../../helper/queries.ts'
import { site } from '../../helper/sign-on.ts'
import { targets } from '../../helper/targets.ts'

const STATES = Object.keys(userStates) as UserStatus[]
const purpose = '例行检查'

t.test('docs/identity.md draws every way there is, and no other', async (t) => {
  const text = readFileSync(new URL('../../../docs/identity.md', import.meta.url), 'utf8')
  const drawn = [...text.matchAll(/^ {2}(\w+) --> (\w+):/gm)].map(([, from, to]) => `${from} ${to}`)
  const known = [userStates, requestStates].flatMap((states: Record<string, { to: readonly string[] }>) =>
    Object.entries(states).flatMap(([from, { to }]) => to.map((next) => `${from} ${next}`)),
  )
  t.same([...new Set(drawn)].sort(), known.sort())
})

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await site(t, { target })
    const { database, vault } = hub.app
    const set = (id: string, values: object) => database('users').where({ id }).update(values)

    t.test('an administrator’s act leads from the states that it may, and stands in the log', async (t) => {
      const id = userId(5)
      for (const from of STATES) {
        for (const [act, { from: allowed, to }] of Object.entries(statusActs)) {
          await set(id, { status: from, locked_until: null })
          await database('user_events').where({ user_id: id }).delete()
          const response = await call(hub, 'POST', `/admin/users/${id}/${act}`, { body: { purpose } })
          const may = (allowed as readonly string[]).includes(from)
          t.same(verdict(response), may ? [200, null] : [404, 'HUB_NO_RECORD'], `${act} from ${from}`)
          t.equal((await database('users').where({ id }).first('status')).status, may ? to : from)
          const log = await database('user_events').where({ user_id: id }).select('action', 'from_status', 'to_status', 'actor', 'reason')
          t.same(log, may ? [{ action: act, from_status: from, to_status: to, actor: userId(1), reason: purpose }] : [])
        }
      }
      await set(id, { status: 'active' })
    })

    t.test('an account that was shut a moment ago is not closed by its user', async (t) => {
      for (const [status, code] of [
        ['disabled', 'HUB_USER_DISABLED'],
        ['locked', 'HUB_USER_LOCKED'],
      ] as const) {
        await set(userId(6), { status: 'active' })
        t.equal((await call(hub, 'GET', '/v1/me', { person: 6 })).statusCode, 200)
        await set(userId(6), { status })
        t.same(verdict(await hub.post('/v1/me/deregister', { person: 6 })), [403, code], 'though the request is let in')
        const row = await database('users')
          .where({ id: userId(6) })
          .first()
        t.match(row, { status, subject: people[5]?.subject })
        t.ok(row.name_sealed)
        hub.app.users.forget(userId(6))
      }
      await set(userId(6), { status: 'active' })
    })

    t.test('who comes back after 注销 is somebody new, and sees nothing of before', async (t) => {
      const old = userId(4)
      const pseudonym = pseudonymOf(vault, old)
      await hub.signOn({ person: 4 })
      await call(hub, 'PATCH', '/v1/me', { person: 4, body: { nickname: '旧昵称' } })
      const before = (await database('audit_rows').where({ user: pseudonym })).length
      t.equal((await hub.post('/v1/me/deregister', { person: 4 })).statusCode, 204)
      t.same(verdict(await call(hub, 'GET', '/v1/me', { person: 4 })), [401, 'HUB_USER_UNKNOWN'], 'a token of before')

      const { outcome } = await hub.signOn({ person: 4 })
      t.match(outcome, /^[0-9a-f-]{36}$/)
      t.not(outcome, old)
      const me = (await call(hub, 'GET', '/v1/me', { person: 4 })).json().data
      t.match(me, { id: outcome, nickname: '沙箱市民4', status: 'active', realName: true, kind: 'ordinary' })
      for (const url of ['/v1/me/accounts', '/v1/me/mandates', '/v1/me/authorizations'])
        t.same((await call(hub, 'GET', url, { person: 4 })).json().data, [], url)
      t.match(await database('users').where({ id: old }).first(), {
        status: 'deregistered',
        issuer: 'urn:xuchang-hub:deregistered',
        subject: old,
        name_sealed: null,
        phone_sealed: null,
        nickname_sealed: null,
        avatar_sealed: null,
      })
      t.match((await call(hub, 'GET', `/admin/users/${old}`)).json().data, { status: 'deregistered', name: null, phone: null })
      t.match(await database('user_events').where({ user_id: old }), [{ action: 'deregister', actor: old }])
      t.ok((await database('audit_rows').where({ user: pseudonym })).length > before, 'what he did stays on record')
      t.not(pseudonymOf(vault, outcome), pseudonym)
      t.equal((await hub.signOn({ person: 4 })).outcome, outcome, 'and is himself from then on')
    })
  })

  t.test(`${target.name}: an account that was closed stays closed when the hub starts anew`, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const options = { store: settings, declarations: [minimalConnector()] }
    const first = await build(t, options)
    t.equal((await first.post('/v1/me/deregister', { person: 4 })).statusCode, 204)
    await first.app.close()
    const second = await build(t, options)
    t.match(await second.app.database('users').where({ id: userId(4) }), [{ status: 'deregistered', name_sealed: null }])
  })
}
