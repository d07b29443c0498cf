import t from 'tap'
import { build } from '../../../test/helper/hub.ts'
import { everyField, promisesOf } from '../../../test/helper/promises.ts'
import certificates from '../index.ts'

t.test('the promise has not shrunk', async (t) => {
  const promised = promisesOf('certificates')
  t.same({ services: promised.length, fields: promised.flatMap(({ fields }) => fields).length }, { services: 4, fields: 36 })
})

t.test('people on company records are masked, and nothing shows them whole', async (t) => {
  const masked = everyField(certificates).flatMap(({ id, name, notes }) => (notes.mask ? [`${id}.${name} ${notes.mask}`] : []))
  t.same(masked.sort(), [
    'class-two-constructor-certificate.idNumber idNumber',
    'class-two-constructor-certificate.personName name',
    'construction-permit.contractorPersonInCharge name',
    'construction-permit.designUnitInfo.personInCharge name',
    'construction-permit.drawingReviewUnitInfo.personInCharge name',
    'construction-permit.supervisionUnitInfo.personInCharge name',
    'construction-permit.surveyUnitInfo.personInCharge name',
    'drug-production-license.drugProductionLicenses.enterprisePersonInCharge name',
    'drug-production-license.drugProductionLicenses.legalRepresentativeName name',
    'drug-production-license.drugProductionLicenses.qualityPersonInCharge name',
    'engineering-design-qualification.constructionPersonInCharge name',
    'engineering-design-qualification.legalRepresentativeName name',
    'engineering-design-qualification.unitPersonInCharge name',
  ])
  t.notOk(everyField(certificates).some(({ notes }) => notes.reveal))
})

t.test('证书查询', async (t) => {
  const hub = await build(t, { declarations: [certificates] })
  const ask = async (path: string) => (await hub.get(`/v1/certificates/${path}`, { person: 4 })).json()
  const named = (name: string) => encodeURIComponent(name)

  await t.test('several ways of asking, one record', async (t) => {
    const path = 'class-two-constructor-certificate'
    const { data } = await ask(`${path}?idNumber=41100219860412999６`)
    t.match(data, [{ personName: '陈*筑', idNumber: '411***********9996', certificateStatus: { name: '有效' } }])
    t.same((await ask(`${path}?certificateNumber=${data[0].certificateNumber}`)).data, data)
    const ofBuilder = await ask(`${path}?enterpriseName=${named('许昌拟定建筑工程有限公司')}`)
    t.same(ofBuilder.data[0], data[0])
    t.same(
      ofBuilder.data.map(({ certificateStatus }: { certificateStatus: { name: string } }) => certificateStatus.name),
      ['有效', '有效', '过期'],
    )
    t.match((await ask(`construction-permit?projectOwnerUnifiedSocialCreditCode=91411000ma0000015j`)).data, [
      {
        projectName: /智能装备车间/,
        projectOwnerName: '许昌示例制造有限公司',
        contractPrice: 19_860_000,
        contractorPersonInCharge: '褚*安',
      },
    ])
    t.equal((await ask(`engineering-design-qualification?unifiedSocialCreditCode=91411000MA0000304F`)).data.length, 2)
    const name = named('许昌拟定制药有限公司')
    t.match((await ask(`drug-production-license?enterpriseName=${name}`)).data, {
      drugProductionLicenses: [{ licenseNumber: '豫20160307' }, { licenseStatus: { name: '注销' } }],
    })
    const both = await ask(`drug-production-license?enterpriseName=${name}&businessLicenseNumber=91411081MA00003086`)
    t.equal(both.code, 'HUB_NO_RECORD', 'both must agree')
  })

  await t.test('nothing asked, a number that is none, half a name, nobody who asks', async (t) => {
    for (const { contract } of certificates.services) {
      const errors = contract.anyOf?.map((name) => ({ pointer: `/query/${name}` }))
      t.match(await ask(contract.id), { code: 'HUB_VALIDATION', errors }, contract.id)
      const url = `/v1/certificates/${contract.id}?${contract.anyOf?.at(-1)}=x`
      t.equal((await hub.app.inject({ url })).statusCode, 401)
    }
    t.match(await ask('class-two-constructor-certificate?idNumber=411002198604129990'), { errors: [{ pointer: '/query/idNumber' }] })
    t.match(await ask('drug-production-license?businessLicenseNumber=91411081MA00003087'), { code: 'HUB_VALIDATION' })
    t.same((await ask(`class-two-constructor-certificate?enterpriseName=${named('许昌')}`)).data, [])
    const filtered = await ask(`class-two-constructor-certificate?personName=${named('陈拟筑')}`)
    t.equal(filtered.code, 'HUB_VALIDATION', 'nobody is found by a name that is masked')
  })

  await t.test('a platform that answers more than was asked, and one with script in a name', async (t) => {
    const name = '<img src=x onerror=alert(1)>'
    const faults = hub.app.sandbox?.faults
    faults?.set({ kind: 'values', sid: 'certificates.engineering-design-qualification', values: { KZ_address: JSON.stringify(name) } })
    const { data } = await ask('engineering-design-qualification?unifiedSocialCreditCode=91411000MA0000304F')
    t.equal(data[0].enterpriseAddress, name, 'text in JSON, whatever it says')
    faults?.clear()
    faults?.set({ kind: 'values', sid: 'certificates.construction-permit', values: { KZ_buildCorpCode: '"91411000MA0000023D"' } })
    t.same(
      (await ask('construction-permit?projectOwnerUnifiedSocialCreditCode=91411000MA0000015J')).data,
      [],
      'another owner’s is left out',
    )
    faults?.clear()
  })
})
