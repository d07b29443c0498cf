import t from 'tap'
import { people } from '../../../plugins/sandbox/people.ts'
import { build } from '../../helper/hub.ts'
import { ACCOUNT, addUser, declarations, inventIdNumber, userId } from '../../helper/identity.ts'
import { verdict } from '../../helper/queries.ts'
import { targets } from '../../helper/targets.ts'

const reason = '同一人'

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await build(t, { target, declarations: declarations() })
    const { people: accounts, faceVerifications, accounts: agency, database } = hub.app
    const idNumber = inventIdNumber('19880808')
    const register = (id: string, changes: object = {}) =>
      accounts.recordRealName({ userId: id, name: '郑柜台', idType: '01', idNumber, channel: 'counter', recordedBy: userId(1), ...changes })

    t.test('an account that was verified does not become somebody else', async (t) => {
      const before = await database('users')
        .where({ id: userId(5) })
        .first()
      await t.rejects(register(userId(5)), { code: 'HUB_IDENTITY_VERIFIED' })
      await database('users')
        .where({ id: userId(5) })
        .update({ level: 'login' })
      await t.rejects(register(userId(5)), { code: 'HUB_IDENTITY_VERIFIED' }, 'nor after its level was lowered')
      await database('users')
        .where({ id: userId(5) })
        .update({ level: 'real-name' })
      t.same(
        await database('users')
          .where({ id: userId(5) })
          .first(),
        before,
      )
      t.same(await database('real_name_records').where({ user_id: userId(5) }), [])
      const spare = await addUser(hub, 'spare')
      await t.rejects(register(spare, { idNumber: people[4]?.number }), { code: 'HUB_IDENTITY_TAKEN' }, 'nor a spare account him')
    })

    t.test('a face verification of before is of whoever the account was then', async (t) => {
      const id = await addUser(hub, 'walk-in')
      const claims = { sub: 'walk-in' }
      const minute = { claims, faceAgeSeconds: 60 }
      const ask = async (options: object) => verdict(await hub.get(ACCOUNT, options))
      await register(id)
      t.same(await ask(minute), [403, 'HUB_FACE_REQUIRED'], 'in a token of before')
      t.equal((await ask({ claims }))[0] === 403, false, 'a new one counts')

      const [face, at] = [crypto.randomUUID(), Date.now()]
      const passed = { state: 'passed', reference: 'r', started_at: at, verified_at: at, expires_at: at + 600_000 }
      await database('face_verifications').insert({ id: face, user_id: id, service: null, ...passed })
      t.ok(await faceVerifications.find(id, face))
      await register(id)
      t.ok(await faceVerifications.find(id, face), 'the same again changes nothing')
      await register(id, { name: '郑柜员' })
      await t.rejects(faceVerifications.find(id, face), { code: 'HUB_FACE_INVALID' }, 'another name')
    })

    t.test('different persons do not merge in silence', async (t) => {
      const merge = (from: string, into: string, more: object = {}) =>
        agency.moves.merge({ from, into, actor: 'cli:test', reason, ...more })
      await t.rejects(merge(userId(6), userId(7)), { code: 'HUB_IDENTITY_DIFFERS' })
      t.match(await database('users').where({ id: userId(6) }), [{ status: 'active' }])
      t.same(await database('account_moves'), [])
      const spare = await addUser(hub, 'second-phone')
      t.ok(await merge(spare, userId(7)), 'of somebody unverified nothing speaks against it')
      const id = await merge(userId(6), userId(7), { despite: '公安机关更正了号码' })
      t.match(await database('account_moves').where({ id }), [{ reason: '同一人；身份不同：公安机关更正了号码' }])
    })
  })
}
