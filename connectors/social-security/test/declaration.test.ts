import t from 'tap'
import { compileService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import socialSecurity from '../index.ts'

t.test('the promise has not shrunk', async (t) => {
  const promised = promisesOf('social-security')
  t.same({ services: promised.length, fields: promised.flatMap(({ fields }) => fields).length }, { services: 10, fields: 55 })
})

const person = { id: 'u1', name: '贾明', idType: '01', idNumber: '41100219900101000X' }
const enterprise = { id: 'e1', name: '许昌示例制造有限公司', uscc: '91411000MA0000015J' }

const compiled = (id: string) => {
  const found = socialSecurity.services.find(({ contract }) => contract.id === id)
  if (!found) throw new Error(`no service ${id}`)
  return compileService(socialSecurity, found)
}

t.test('what goes to the agency', async (t) => {
  const asPerson: Asker = { person, enterprise: null }
  const asAgent: Asker = { person, enterprise }
  const identity = { AAC003: person.name, AAA029: '01', AAE135: person.idNumber }
  const unit = { AAB004: enterprise.name, BAB010: enterprise.uscc }
  t.same(compiled('basic-information').params({}, asPerson), { ...identity, AAC002: person.idNumber })
  t.same(compiled('employee-contributions').params({ timeRange: { from: '2026-01-01', to: '2026-06-30' } }, asPerson), {
    ...identity,
    AAE030: '20260101',
    AAE031: '20260630',
  })
  t.same(compiled('enterprise-pension-contributions').params({ employerNumber: '41100099001' }, asAgent), {
    ...unit,
    AAB001: '41100099001',
  })
  t.same(compiled('work-injury-contributions').params({}, asPerson), { ...identity, AAC002: person.idNumber })
  t.same(compiled('work-injury-contributions').params({}, asAgent), unit, 'who asks for a unit is no part of the question')
})

t.test('a row that names somebody else is withheld, though no field shows the number', async (t) => {
  const service = compiled('basic-information')
  const asker: Asker = { person, enterprise: null }
  const row = { AAC008: '1', AAC049: '201203', AAB301: '411003', AAE003: '202609', AAE140: '110', sbjgmc: '示例' }
  for (const mine of [{}, { AAE135: person.idNumber }, { aae135: '411***********000x' }, { AAC002: '' }])
    t.match(service.map({ ...row, ...mine }, asker), { firstInsuredDate: '2012-03-01', insuredRegion: { code: '411003', name: '建安区' } })
  for (const other of [{ AAE135: '411003198512310006' }, { AAC147: '411003198512310006' }, { AAC002: '411***********0006' }])
    t.throws(() => service.map({ ...row, ...other }, asker), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' })

  const injury = compiled('work-injury-contributions')
  const unitRow = { AAE140: '410', BAB010: enterprise.uscc, AAE135: '411003198512310006' }
  t.ok(injury.map(unitRow, { person, enterprise }), 'a unit’s row is the unit’s, whoever else it names')
  t.throws(() => injury.map({ ...unitRow, BAB010: '91411000MA0000023D' }, { person, enterprise }), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' })
})
