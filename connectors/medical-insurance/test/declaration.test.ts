import t from 'tap'
import { systemOf } from '../../../core/contract/systems.ts'
import { everyField, promisesOf } from '../../../test/helper/promises.ts'
import medicalInsurance from '../index.ts'

t.test('the promise has not shrunk', async (t) => {
  const promised = promisesOf('medical-insurance')
  t.same({ services: promised.length, fields: promised.flatMap(({ fields }) => fields).length }, { services: 24, fields: 125 })
})

const contracts = medicalInsurance.services.map(({ contract }) => contract)

t.test('1.4.5.13 to 1.4.5.17 are the provincial platform’s, all else goes through the exchange', async (t) => {
  const provincial = contracts.filter((contract) => systemOf(medicalInsurance, contract).agency === '河南省卫健委平台')
  t.same(provincial.map(({ section }) => section).sort(), ['1.4.5.13', '1.4.5.14', '1.4.5.15', '1.4.5.16', '1.4.5.17'])
  t.equal(medicalInsurance.systems?.['health']?.dialect.name, 'sm2-sm4-envelope')
  t.equal(medicalInsurance.upstream.dialect.name, 'exchange')
})

t.test('family members may be asked about where the contract says so', async (t) => {
  t.same(
    contracts.filter(({ dependants }) => dependants).map(({ section }) => section),
    ['1.4.5.11', '1.4.5.12'],
  )
})

t.test('five services are open to everybody, and no other answer is kept for reuse', async (t) => {
  const open = contracts.filter(({ identity }) => identity === 'none')
  t.same(open.map(({ id }) => id).sort(), ['designated-hospitals', 'designated-pharmacies', 'drug-catalogue', 'knowledge', 'policies'])
  t.same(
    contracts.filter(({ cache }) => cache).map(({ id }) => id),
    open.map(({ id }) => id),
  )
})

t.test('names of others and card numbers are masked', async (t) => {
  const masked = everyField(medicalInsurance).flatMap(({ id, name, notes }) => (notes.mask ? [`${id}.${name} ${notes.mask}`] : []))
  t.same(masked.sort(), [
    'electronic-prescriptions.doctorName name',
    'employer-insurance-certificate-printing.insuredPersons.idNumber idNumber',
    'employer-insurance-certificate-printing.insuredPersons.personName name',
    'family-account.memberIdNumber idNumber',
    'family-account.memberName name',
    'medical-insurance-code.idNumber idNumber',
    'personal-basic-information.medicalInsuranceCardNumber account',
    'personal-basic-information.personalInfo name',
    'personal-insurance-information.personalInfo name',
    'resident-enrolment.idNumber idNumber',
  ])
})
