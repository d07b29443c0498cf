import t from 'tap'
import housingFund from '../../../../connectors/housing-fund/index.ts'
import medicalInsurance from '../../../../connectors/medical-insurance/index.ts'
import type { ConnectorDeclaration } from '../../../../core/connector.ts'
import type { Sandbox } from '../../../../plugins/sandbox/server.ts'
import { build } from '../../../helper/hub.ts'
import { verdict } from '../../../helper/queries.ts'

const ACCOUNT = 'housing-fund.personal-account'
const LIST = 'housing-fund.personal-transactions'
const values = (sid: string, changed: Record<string, string>) => ({ kind: 'values', sid, values: changed }) as const

const certificate = medicalInsurance.services.find(
  ({ contract }) => contract.kind === 'document' && contract.audience === 'person',
)?.contract
if (!certificate) throw new Error('no document to try')
const hub = await build(t, { declarations: [housingFund, medicalInsurance] as readonly ConnectorDeclaration[] })
const { faults } = hub.app.sandbox as Sandbox
t.afterEach(() => faults.clear())

t.test('what cannot be read is null and named, and the rest is as it was', async (t) => {
  const url = '/v1/housing-fund/personal-account'
  const plain = (await hub.get(url)).json()
  t.equal(plain.meta.unreadable, undefined)
  faults.set(values(ACCOUNT, { grjcjs: '"--"', 'jcnymx[1].jzrq': '"20260230"', 'jcnymx[1].fse': '"无"', dwjcmx: '"?"' }))
  const { data, meta } = (await hub.get(url)).json()
  t.strictSame(meta.unreadable, [
    'personalContributionBase',
    'contributionMonthDetails[1].totalAmount',
    'contributionMonthDetails[1].postingDate',
    'employerContributionDetails',
  ])
  const details = structuredClone(plain.data.contributionMonthDetails)
  Object.assign(details[1], { totalAmount: null, postingDate: null })
  t.strictSame(data, {
    ...plain.data,
    personalContributionBase: null,
    contributionMonthDetails: details,
    employerContributionDetails: null,
  })
  const some = (await hub.get(`${url}?fields=personName,personalContributionBase`)).json()
  t.strictSame(some.meta.unreadable, ['personalContributionBase'], 'of what was asked for')
})

t.test('in a list it is named by the row on the page, wherever filters and order have put it', async (t) => {
  const url = '/v1/housing-fund/personal-transactions'
  faults.set(values(LIST, { snjzfse: '"--"' }))
  const { data, meta } = (await hub.get(`${url}?pageSize=2&page=2&sort=postingDate`)).json()
  t.equal(data.length, 2)
  t.strictSame(meta.unreadable, ['[0].priorYearCarryoverAmount', '[1].priorYearCarryoverAmount'])
  const filtered = (await hub.get(`${url}?priorYearCarryoverAmount.from=1000000`)).json()
  t.ok(filtered.data.length > 0, 'nobody can say that these were not asked for')
})

t.test('a file says what stands empty in it', async (t) => {
  const url = '/v1/housing-fund/personal-account?format=csv'
  t.notMatch((await hub.get(url)).body, /无法识别/)
  faults.set(values(ACCOUNT, { grjcjs: '"--"', 'jcnymx[1].hbjny': '"202613"' }))
  const csv = (await hub.get(url)).body
  t.match(csv.split('\r\n')[0], /,无法识别的内容$/)
  t.match(csv.split('\r\n')[1], /,个人缴存基数；缴存年月明细第 2 条的缴存年月$/)
  t.equal((await hub.get(url.replace('csv', 'xlsx'))).statusCode, 200)
})

t.test('what a service is for is read or refused, and so is whose it is', async (t) => {
  faults.set(values('housing-fund.loan-account', { dkye: '"--"' }))
  const refused = await hub.get('/v1/housing-fund/loan-account')
  t.match(refused.json(), { code: 'HUB_UPSTREAM_INVALID', field: 'currentLoanBalance' })
  for (const owner of ['["41100219900101000X"]', '{"a":1}', '"******************"', 'true', '0']) {
    faults.clear()
    faults.set(values(ACCOUNT, { zjhm: owner }))
    t.strictSame(verdict(await hub.get('/v1/housing-fund/personal-account')), [502, 'HUB_UPSTREAM_WRONG_SUBJECT'], owner)
  }
})

t.test('no certificate has a gap', async (t) => {
  const url = `/v1/medical-insurance/${certificate.id}`
  const [name, field] =
    Object.entries(certificate.fields).find(
      ([, { notes }]) => notes.type !== 'text' && notes.type !== 'code' && !notes.required && !notes.essential,
    ) ?? []
  t.equal((await hub.get(`${url}?format=pdf`)).statusCode, 200)
  faults.set(values(`medical-insurance.${certificate.id}`, { [field?.notes.codes[0] ?? name ?? '']: '"20260230"' }))
  t.strictSame((await hub.get(url)).json().meta.unreadable?.length > 0, true)
  const pdf = await hub.get(`${url}?format=pdf`)
  t.strictSame(verdict(pdf), [502, 'HUB_UPSTREAM_INVALID'])
  t.match(pdf.json(), { field: new RegExp(name ?? ''), agency: medicalInsurance.agency })
})
