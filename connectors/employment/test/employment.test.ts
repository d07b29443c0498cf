import t from 'tap'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import socialSecurity from '../../social-security/index.ts'
import employment from '../index.ts'

t.test('the promise has not shrunk', async (t) => {
  t.match(promisesOf('employment'), [{ id: 'employment-status', fields: [['employmentStatus'], ['employmentForm']] }])
})

t.test('就业', async (t) => {
  const hub = await build(t, { declarations: [employment, socialSecurity] })
  const ask = async (person: number, query = '') => (await hub.get(`/v1/employment/employment-status${query}`, { person })).json()

  await t.test('employed, unemployed, retired, unknown', async (t) => {
    t.match((await ask(1)).data, { employmentStatus: { name: '在岗' }, employmentForm: { name: '单位就业' } })
    t.match((await ask(6)).data, { employmentStatus: { name: '失业' }, employmentForm: null, employerName: null })
    t.match((await ask(3)).data, { employmentStatus: { name: '退休' }, employmentForm: null })
    for (const person of [5, 7]) t.equal((await ask(person)).code, 'HUB_NO_RECORD')
  })

  await t.test('the employer is the one who pays for their insurance', async (t) => {
    const { data } = await ask(2)
    const [insured] = (await hub.get('/v1/social-security/employee-contributions', { person: 2 })).json().data
    t.equal(data.employerName, insured.insuredEmployerInfo)
  })

  await t.test('nobody is asked about by number, and a stranger’s record is withheld', async (t) => {
    t.match(await ask(7, '?idCardNumber=41100219900101000X'), { errors: [{ pointer: '/query/idCardNumber' }] })
    t.equal((await hub.app.inject({ url: '/v1/employment/employment-status' })).statusCode, 401)
    hub.app.sandbox?.faults.set({ kind: 'wrong-person', sid: 'employment.employment-status', times: 1 })
    t.equal((await ask(1)).code, 'HUB_UPSTREAM_WRONG_SUBJECT')
  })
})
