import t from 'tap'
import { compileService } from '../../../core/call/service.ts'
import { people } from '../../../plugins/sandbox/people.ts'
import { pseudonymOf } from '../../../plugins/users/users.ts'
import { build } from '../../../test/helper/hub.ts'
import { everyField, promisesOf } from '../../../test/helper/promises.ts'
import { auditOf } from '../../../test/helper/queries.ts'
import civilAffairs from '../index.ts'

t.test('the promise has not shrunk', async (t) => {
  const promised = promisesOf('civil-affairs')
  t.same({ services: promised.length, fields: promised.flatMap(({ fields }) => fields).length }, { services: 3, fields: 34 })
})

t.test('numbers of both spouses, of the dead and of guardians are masked', async (t) => {
  const masked = everyField(civilAffairs).flatMap(({ id, name, notes }) => (notes.mask ? [`${id}.${name} ${notes.mask}`] : []))
  t.same(masked.sort(), [
    'cremation.deceasedIdNumber idNumber',
    'disability-guardianship.wardIdNumber idNumber',
    'disability-guardianship.wardName name',
    'disabled-person-info.guardianLandlineNumber phone',
    'disabled-person-info.guardianMobileNumber phone',
    'disabled-person-info.guardianName name',
    'disabled-person-info.householdAddress address',
    'disabled-person-info.idNumber idNumber',
    'disabled-person-info.residenceAddress address',
    'marriage-registration.femalePartyIdNumber idNumber',
    'marriage-registration.femalePartyName name',
    'marriage-registration.malePartyIdNumber idNumber',
    'marriage-registration.malePartyName name',
  ])
})

t.test('a record that does not name the asker is withheld', async (t) => {
  const compiled = (id: string) => {
    const found = civilAffairs.services.find(({ contract }) => contract.id === id)
    if (!found) throw new Error(`no service ${id}`)
    return compileService(civilAffairs, found)
  }
  const asker = { person: { id: 'u3', name: '欧阳试之', idType: '01', idNumber: '41102319600315999X' }, enterprise: null }
  const dead = { NAME: '欧阳守成', ID_CARD: '411023193502129994', SEX: '1', DEATH_TIME: '2021-11-03 05:40:00' }
  const kin = (...numbers: string[]) => ({ ...dead, QSLB: numbers.map((CERT_NUM) => ({ CERT_NUM, GX: '子女' })) })
  const cremation = compiled('cremation')
  t.match(cremation.map(kin('411002195304169992', '41102319600315999x'), asker), { deceasedName: '欧阳守成' })
  for (const row of [dead, kin(), kin('411002195304169992'), { ...dead, QSLB: null }, { ...dead, CERT_NUM: asker.person.idNumber }])
    t.throws(() => cremation.map(row, asker), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' }, JSON.stringify(row))
  t.throws(
    () => cremation.map({ ...kin(), ID_CARD: asker.person.idNumber }, asker),
    { code: 'HUB_UPSTREAM_WRONG_SUBJECT' },
    'the number of the dead opens nothing',
  )
  const couple = { op_type: 'IA', cert_num_man: '411003198512319991', cert_num_woman: '41100219900101000X' }
  t.throws(() => compiled('marriage-registration').map(couple, asker), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' })
})

t.test('民政', async (t) => {
  const hub = await build(t, { declarations: [civilAffairs] })
  const ask = async (path: string, token: object) => (await hub.get(`/v1/civil-affairs/${path}`, token)).json()
  const idOf = (index: number) => people[index - 1]?.id ?? ''
  const refusal = { status: 403, code: 'HUB_MANDATE_REQUIRED' }
  let count = 0
  const entrust = (user: number, subject: number, scope: string, role = 'guardian') =>
    hub.app.database('mandates').insert({
      ...{ id: `mandate-${++count}`, user_id: idOf(user), subject_user_id: idOf(subject), role, scope },
      ...{ status: 'active', granted_by: 'test', starts_at: 0, ends_at: Date.now() + 3_600_000 },
    })

  await t.test('a marriage is shown to both, the other one’s name and number masked', async (t) => {
    const { data } = await ask('marriage-registration', { person: 2 })
    t.match(data, [
      { businessCategory: { code: 'IA', name: '结婚' }, registrationDate: '2018-05-20', reissueRegistrationDate: null },
      { businessCategory: { name: '补发结婚证' }, registrationDate: '2018-05-20', reissueRegistrationDate: '2023-06-12' },
    ])
    const both = { malePartyName: '甄*禾', malePartyIdNumber: '411***********9991', femalePartyName: '贾*' }
    t.match(data[0], { ...both, femalePartyIdNumber: '411***********000X' })
    const own = await ask('marriage-registration?reveal=true', { person: 2 })
    t.match(own.data[0], { ...both, malePartyName: '甄晓禾' }, 'his own name, and nothing of hers')
    t.match((await ask('marriage-registration', { person: 1 })).data.length, 2)
    t.same((await ask('marriage-registration', { person: 6 })).data, [])
    t.match(await ask('marriage-registration?femalePartyIdNumber=41100219900101000X', { person: 6 }), { code: 'HUB_VALIDATION' })
  })

  await t.test('a cremation: kin with a fresh face, and nobody who only says so', async (t) => {
    const { data } = await ask('cremation', { person: 3 })
    t.match(data, [{ deceasedName: '欧阳守成', deceasedIdNumber: '411***********9994', cremationInstitution: '禹州市示例殡仪馆' }])
    const names = async (person: number): Promise<string[]> =>
      (await ask('cremation', { person })).data.map((row: { deceasedName: string }) => row.deceasedName)
    t.same([await names(5), await names(8)], [['钱慎之'], ['钱慎之']], 'son and widow')
    t.same(await names(1), [])
    t.match(await ask('cremation', { person: 3, face: false }), { status: 403, stepUp: { method: 'face' } })
    for (const query of ['deceasedIdNumber=411002195304169992', 'id_card=411002195304169992'])
      t.match(await ask(`cremation?${query}`, { person: 1 }), { code: 'HUB_VALIDATION' }, 'the dead are not named by a request')
  })

  await t.test('for a child who is kin its guardian asks; consent opens nothing', async (t) => {
    const path = `cremation?dependant=${idOf(8)}`
    t.match(await ask(path, { person: 4 }), refusal)
    await entrust(4, 8, 'civil-affairs.cremation', 'kin')
    t.match(await ask(path, { person: 4 }), refusal, 'what she let him see is not this')
    await entrust(4, 8, 'civil-affairs.disabled-person-info')
    t.match(await ask(path, { person: 4 }), refusal, 'nor is another service')
    await entrust(4, 8, 'civil-affairs.cremation')
    const answer = await ask(path, { person: 4 })
    t.match(answer.data, [{ deceasedName: '钱慎之' }])
    const [row] = await auditOf(hub, answer.meta.traceId)
    t.match(row, { user: pseudonymOf(hub.app.vault, idOf(4)), target: pseudonymOf(hub.app.vault, idOf(8)) })
    const terms = { endsAt: new Date(Date.now() + 86_400_000).toISOString(), name: people[0]?.name, idNumber: people[0]?.number }
    const consent = (scope: string) => hub.post('/v1/me/family', { person: 8, body: { ...terms, scope: [scope] } })
    for (const scope of ['civil-affairs', 'civil-affairs.cremation'])
      t.match((await consent(scope)).json(), { status: 400, errors: [{ pointer: '/body/scope/0' }] }, 'it cannot even be given')
  })

  await t.test('a certificate of disability: the holder, and the guardian whom the register names', async (t) => {
    t.match((await ask('disabled-person-info', { person: 5 })).data, {
      personName: '钱虚怀',
      idNumber: '411***********9996',
      disabilityCategory: { name: '肢体残疾' },
      guardianName: '周*拙',
      householdAddress: '许昌市建安区****',
    })
    t.match((await ask('disability-guardianship', { person: 8 })).data, [{ wardName: '钱*怀', wardIdNumber: '411***********9996' }])
    const path = `disabled-person-info?dependant=${idOf(5)}`
    t.match((await ask(path, { person: 8 })).data, { personName: '钱虚怀' })
    t.match(await ask(path, { person: 1 }), refusal)
    t.match(await ask(`disabled-person-info?dependant=${idOf(8)}`, { person: 5 }), refusal, 'not the other way round')
    await entrust(1, 5, 'civil-affairs', 'kin')
    t.match(await ask(path, { person: 1 }), refusal)
    t.match(await ask('disabled-person-info?idCardNumber=411025197811099996', { person: 1 }), { code: 'HUB_VALIDATION' })
    t.equal((await ask('disabled-person-info', { person: 1 })).code, 'HUB_NO_RECORD')
  })
})
