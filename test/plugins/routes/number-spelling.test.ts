import t from 'tap'
import realEstate from '../../../connectors/real-estate/index.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { addUser, call, declarations, enterpriseId, inDays, inventIdNumber, usccOf, userId } from '../../helper/identity.ts'
import { registrationBodies, withPapers } from '../../helper/proper-filing.ts'
import { confirm, inOffice } from '../../helper/second-person.ts'
import { site } from '../../helper/sign-on.ts'
import { targets } from '../../helper/targets.ts'

const purpose = '号码的写法'
const ADMIN = 1
const SECOND_ADMIN = 2
const wide = (text: string) => text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
const short = (number: string) => number.slice(0, 6) + number.slice(8, 17)
/** The number of person 1 ends in X and was given out before 1999. */
const own = people[0]?.number ?? ''
const spellings = [own, own.toLowerCase(), wide(own), wide(own.toLowerCase()), ` ${own}\u3000`, short(own), wide(short(own))]

const found = (response: { json(): { data: { id: string }[] } }) => response.json().data.map(({ id }) => id)

for (const target of targets) {
  t.test(target.name, async (t) => {
    const hub = await site(t, { target, declarations: [...declarations(), realEstate] })
    for (const person of [ADMIN, SECOND_ADMIN]) await inOffice(hub, person)
    const post = (url: string, body: object, person = ADMIN) => call(hub, 'POST', url, { person, body })

    t.test('whoever signs on is one person, however the platform writes his number', async (t) => {
      const count = async () => (await hub.app.database('users').select('id')).length
      const before = await count()
      for (const [index, idNo] of spellings.entries()) {
        await hub.app.database('sign_on_accounts').delete()
        await hub.app
          .database('users')
          .where({ id: userId(1) })
          .update({ subject: `other-${index}`, issuer: 'urn:other' })
        const { outcome } = await hub.signOn({ person: 1, user: { userId: `spelt-${index}`, idNo } })
        t.equal(outcome, userId(1), idNo)
      }
      t.equal(await count(), before)
      await hub.app
        .database('users')
        .where({ id: userId(1) })
        .update({ subject: 'sandbox-person-1', issuer: 'urn:xuchang-hub:sandbox-issuer' })
      for (const mobile of ['+86 138 0000 0077', '0086-13800000077', wide('13800000077')]) {
        await hub.signOn({ person: 7, user: { mobile } })
        t.equal((await hub.app.users.byId(userId(7))).profile().phone, '13800000077', mobile)
      }
    })

    t.test('a person is found, named and recorded under every spelling', async (t) => {
      for (const idNumber of spellings) t.same(found(await post('/admin/users/search', { idNumber })), [userId(1)], idNumber)
      for (const phone of ['+8613800000077', '138 0000 0077', wide('13800000077')])
        t.same(found(await post('/admin/users/search', { phone })), [userId(7)], phone)
      const fresh = await addUser(hub, 'spelling')
      const taken = await post(`/admin/users/${fresh}/real-name`, { name: '郑柜台', idNumber: short(own), purpose })
      t.match([taken.statusCode, taken.json().code], [409, 'HUB_IDENTITY_TAKEN'], 'one number, one person')
      const next = inventIdNumber('19660606')
      const asked = await post(`/admin/users/${fresh}/real-name`, { name: '郑柜台', idNumber: wide(short(next)), purpose })
      t.equal((await confirm(hub, asked, SECOND_ADMIN)).statusCode, 200)
      t.equal((await hub.app.users.byId(fresh)).person?.idNumber, next)
      for (const idNumber of [`${own.slice(0, 17)}0`, short(own).slice(1), 'x', `${own}1`])
        t.match((await post('/admin/users/search', { idNumber })).json(), {
          status: 400,
          errors: [{ pointer: '/body/idNumber', detail: '身份证号有误，请核对' }],
        })
    })

    t.test('an agent and an enterprise too', async (t) => {
      const bound = await post('/v1/me/enterprises', { uscc: wide(usccOf(1).toLowerCase()) })
      t.equal(bound.statusCode, 201, bound.body)
      const body = {
        name: people[3]?.name,
        phone: '+86 13800000004',
        idNumber: wide(people[3]?.number ?? ''),
        scope: ['housing-fund'],
        endsAt: inDays(9),
      }
      const added = await post(`/v1/enterprises/${enterpriseId(1)}/agents`, body)
      t.match(
        added.json().data,
        { status: 'active', phone: '138****0004', idNumber: `411${'*'.repeat(11)}0006` },
        'he is known, so it counts at once',
      )
      t.match((await call(hub, 'GET', `/admin/enterprises?uscc=${encodeURIComponent(` ${usccOf(2).toLowerCase()}`)}`)).json().data, [
        { id: enterpriseId(2) },
      ])
    })

    t.test('a telephone number of a filing', async (t) => {
      const url = '/v1/real-estate/first-registration'
      const body = await withPapers(hub, 'real-estate.first-registration', registrationBodies['first-registration'])
      const file = (contactPhone: string, key: string) =>
        call(hub, 'POST', url, { headers: { 'idempotency-key': `spelling-${key}` }, body: { ...body, contactPhone } })
      const filed = await file('13800000001', 'first')
      t.equal(filed.statusCode, 202, filed.body)
      const again = await file('+86 138-0000-0001', 'first')
      t.same(
        [again.statusCode, again.json().data?.id],
        [202, filed.json().data.id],
        'the same filing, so the agency is told the same digits',
      )
      t.match((await file('12345', 'third')).json(), {
        status: 400,
        errors: [{ pointer: '/body/contactPhone', detail: '手机号有误，请核对' }],
      })
    })
  })
}
