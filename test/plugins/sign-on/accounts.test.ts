import t from 'tap'
import { SANDBOX_ISSUER } from '../../../plugins/sandbox/issuer.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { site } from '../../helper/sign-on.ts'
import { targets } from '../../helper/targets.ts'

const [first, second, third, fourth, fifth, sixth, seventh] = people as [
  (typeof people)[0],
  (typeof people)[0],
  (typeof people)[0],
  (typeof people)[0],
  (typeof people)[0],
  (typeof people)[0],
  (typeof people)[0],
]
const TAKEN = 'HUB_IDENTITY_TAKEN'

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await site(t, { target })
    const { database, vault } = hub.app
    const userOf = (id: string) => database('users').where({ id }).first()
    const countUsers = async () => (await database('users').select('id')).length

    t.test('a subject that is known is that user, with what the sign-on adds', async (t) => {
      const { outcome } = await hub.signOn({ person: 1 })
      t.equal(outcome, first.id)
      const row = await userOf(outcome)
      t.equal(vault.open(row.phone_sealed, `users.phone:${outcome}`), '13800000001')
      t.ok(Number(row.last_login_at) > Date.now() - 60_000)
    })

    t.test('nickname and avatar are taken over, sealed, where the user has none of his own', async (t) => {
      const id = third.id
      const profile = async () => (await hub.app.users.byId(id)).profile()
      await hub.signOn({ person: 3 })
      t.same(await profile(), { nickname: '沙箱市民3', avatarUrl: 'https://avatars.invalid/3.png', phone: '13800000003' })
      const row = await userOf(id)
      t.notMatch(JSON.stringify(row), /沙箱市民|avatars|13800000003/)
      await hub.app.people.updateProfile(id, { nickname: '小欧', avatarUrl: null })
      await hub.signOn({ person: 3, user: { nickName: '另一个', avatar: 'https://avatars.invalid/other.png' } })
      t.match(await profile(), { nickname: '小欧', avatarUrl: 'https://avatars.invalid/other.png' })
      await hub.app.people.updateProfile(id, { nickname: null, avatarUrl: null })
      const unfit = { nickName: 'x'.repeat(33), avatar: 'javascript:alert(1)' }
      t.equal((await hub.signOn({ person: 3, user: unfit })).outcome, id)
      t.match(await profile(), { nickname: null, avatarUrl: null }, 'what doesn’t fit is left out')
    })

    t.test('a new subject at login level is a new user without a name', async (t) => {
      const { outcome } = await hub.signOn({ person: 2, user: { userId: 'new-1', authLevel: '1' } })
      const row = await userOf(outcome)
      t.match(row, { issuer: SANDBOX_ISSUER, subject: 'new-1', level: 'login', status: 'active', name_sealed: null, id_number_hash: null })
      t.equal((await hub.signOn({ person: 2, user: { userId: 'new-1', authLevel: '1' } })).outcome, outcome, 'and known from then on')
      const strange = await hub.signOn({ person: 2, user: { userId: 'new-2', authLevel: 'vip' } })
      t.equal((await userOf(strange.outcome)).level, 'login', 'a level that nobody mapped proves nothing')
      const passport = await hub.signOn({ person: 2, user: { userId: 'new-3', idType: '99' } })
      t.equal((await userOf(passport.outcome)).level, 'login', 'nor does a paper that nobody mapped')
    })

    t.test('a new subject with a verified name is a new user of that name, and may be verified later', async (t) => {
      await database('users').where({ id: seventh.id }).delete()
      const login = await hub.signOn({ person: 7, user: { userId: 'late', authLevel: '1' } })
      t.equal((await userOf(login.outcome)).level, 'login')
      const { outcome } = await hub.signOn({ person: 7, user: { userId: 'late', idNo: seventh.number.toLowerCase() } })
      t.equal(outcome, login.outcome)
      const row = await userOf(outcome)
      t.match(row, { level: 'real-name', id_type: '01', id_number_hash: vault.fingerprint(`01:${seventh.number}`, 'users.id_number') })
      t.equal(vault.open(row.name_sealed, `users.name:${outcome}`), seventh.name)
      t.equal(vault.open(row.id_number_sealed, `users.id_number:${outcome}`), seventh.number)
      const records = await database('real_name_records').where({ user_id: outcome })
      t.match(records, [{ channel: 'sign-on', id_type: '01', recorded_by: null }])
      t.equal((await hub.signOn({ person: 7, user: { userId: 'late', authLevel: '1' } })).outcome, outcome)
      t.equal((await userOf(outcome)).level, 'real-name', 'a sign-on with less takes nothing away')
      await hub.signOn({ person: 7, user: { userId: 'late', userName: '李样新' } })
      const renamed = await userOf(outcome)
      t.equal(vault.open(renamed.name_sealed, `users.name:${outcome}`), '李样新', 'names change')
    })

    t.test('two subjects with one id number are a conflict, never merged in silence', async (t) => {
      const before = await countUsers()
      t.equal((await hub.signOn({ person: 2, user: { userId: 'second-of-2' } })).outcome, TAKEN)
      t.equal(await countUsers(), before)
      t.equal((await database('sign_on_accounts').where({ subject: 'second-of-2' })).length, 0)
      const login = await hub.signOn({ person: 3, user: { userId: 'climber', authLevel: '1' } })
      t.equal((await hub.signOn({ person: 3, user: { userId: 'climber' } })).outcome, TAKEN, 'nor by a login that is verified later')
      t.equal((await userOf(login.outcome)).level, 'login')
      t.equal((await hub.signOn({ person: 2, user: { userId: third.subject } })).outcome, TAKEN, 'a subject is not suddenly another person')
      t.equal((await hub.signOn({ person: 2 })).outcome, second.id, 'whoever was there first signs on as before')
    })

    t.test('what cannot be true is not believed', async (t) => {
      const before = await countUsers()
      const lies = [
        { userId: 'liar', idNo: '411002199001010000' },
        { userId: 'liar', idNo: '411002199002300007' },
        { userId: 'liar', idNo: '' },
        { userId: 'liar', userName: '' },
        { userId: 'liar', userName: 'x'.repeat(101) },
        { userId: '' },
        { userId: 'x'.repeat(201) },
        { userId: 'a\u0000b' },
      ]
      for (const user of lies) t.equal((await hub.signOn({ person: 4, user })).outcome, 'HUB_UPSTREAM_INVALID', JSON.stringify(user))
      t.equal(await countUsers(), before)
      const plain = await hub.signOn({ person: 4, user: { mobile: 'not a phone' } })
      t.equal(plain.outcome, fourth.id, 'a telephone number is no proof of anything')
      t.equal((await userOf(plain.outcome)).phone_sealed, null)
    })

    t.test('subjects that differ by a letter’s case are two', async (t) => {
      const lower = await hub.signOn({ person: 5, user: { userId: 'case', authLevel: '1' } })
      const upper = await hub.signOn({ person: 5, user: { userId: 'CASE', authLevel: '1' } })
      t.not(lower.outcome, upper.outcome)
    })

    t.test('eight sign-ons of a new citizen at one moment make one user', async (t) => {
      await database('users').where({ id: sixth.id }).delete()
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => hub.signOn({ person: 6, user: { userId: 'at-once' } })))
      t.equal(new Set(outcomes.map(({ outcome }) => outcome)).size, 1)
      t.match(await userOf(outcomes[0]?.outcome ?? ''), { subject: 'at-once', level: 'real-name' })
      const rivals = await Promise.all(['a', 'b', 'c', 'd'].map((name) => hub.signOn({ person: 6, user: { userId: `rival-${name}` } })))
      t.same(new Set(rivals.map(({ outcome }) => outcome)), new Set([TAKEN]))
    })
  })

  t.test(`${target.name}: another issuer’s subject is found by its id number`, async (t) => {
    const hub = await site(t, { target, env: { SIGN_ON_ISSUER: 'https://sso.invalid', SIGN_ON_PROFILE: 'oauth2' } })
    const { database } = hub.app
    t.equal((await hub.signOn({ person: 5, user: { userId: 'five' } })).outcome, fifth.id)
    t.equal(
      (await hub.signOn({ person: 5, user: { userId: 'five', authLevel: '1' } })).outcome,
      fifth.id,
      'and by its subject from then on',
    )
    t.equal((await hub.signOn({ person: 5, user: { userId: 'five-again' } })).outcome, TAKEN)
    await database('users').where({ id: first.id }).update({ status: 'locked', locked_until: null })
    t.equal((await hub.signOn({ person: 1, user: { userId: 'one' } })).outcome, 'HUB_USER_LOCKED')
    t.same(
      (await database('sign_on_accounts').where({ issuer: 'https://sso.invalid' })).map(({ subject }) => subject),
      ['five'],
    )
  })
}
