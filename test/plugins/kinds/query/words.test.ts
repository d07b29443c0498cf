import t from 'tap'
import { build } from '../../../helper/hub.ts'
import { verdict } from '../../../helper/queries.ts'

const hub = await build(t, { sandboxTiming: { now: () => Date.UTC(2026, 9, 31) } })
const FUND = '/v1/housing-fund/personal-account'
const data = async (url: string, options = {}) => (await hub.get(url, options)).json().data

t.test('a period narrows both lists, a scope shows what it names', async (t) => {
  const { contributionMonthDetails, employerContributionDetails } = await data(`${FUND}?timeRange=2026-08-01/..`)
  t.equal(contributionMonthDetails.length, 2)
  t.equal(employerContributionDetails.length, 2)
  const account = await data(`${FUND}?queryScope=account`)
  t.ok('accountBalance' in account && !('contributionMonthDetails' in account))
  const contributions = await data(`${FUND}?queryScope=contributions`)
  t.ok(!('accountBalance' in contributions) && contributions.contributionMonthDetails.length > 20)
  t.ok('accountBalance' in (await data(`${FUND}?queryScope=all`)))
  t.strictSame(Object.keys(await data(`${FUND}?queryScope=account&fields=accountBalance,postingTime`)), ['accountBalance'])
})

t.test('a choice is given by its code or its name, and a refusal names both', async (t) => {
  const hospitals = '/v1/medical-insurance/designated-hospitals'
  t.strictSame(await data(`${hospitals}?region=${encodeURIComponent('建安区')}`), await data(`${hospitals}?region=411003`))
  t.strictSame(await data(`${FUND}?queryScope=${encodeURIComponent('账户信息')}`), await data(`${FUND}?queryScope=account`))
  const refused = await hub.get(`${hospitals}?region=${encodeURIComponent('别处')}`)
  t.strictSame(verdict(refused), [400, 'HUB_VALIDATION'])
  t.match(refused.json().errors, [{ pointer: '/query/region', detail: /411003 建安区/ }])
  t.notMatch(refused.body, '别处', 'the caller’s own words are not sent back')
})

t.test('brackets of a certificate number are one, whatever their width', async (t) => {
  const taxes = '/v1/real-estate/deed-tax'
  const [{ propertyCertificateNumber: number }] = await data(taxes)
  t.match(number, /（\d{4}）/)
  const certificate = '/v1/real-estate/deed-tax-payment-certificate'
  const found = await data(`${certificate}?propertyCertificateNumber=${encodeURIComponent(number)}`)
  t.equal(found.length, 1)
  for (const [open, close] of ['()', '〔〕', '﹙﹚'].map((pair) => [...pair])) {
    const typed = encodeURIComponent(number.replace('（', open).replace('）', close))
    const again = await data(`${certificate}?propertyCertificateNumber=${typed}`)
    // The links to its voucher are new each time.
    const withoutLinks = (rows: unknown) => JSON.parse(JSON.stringify(rows, (key, value) => (key === 'href' ? undefined : value)))
    t.strictSame(withoutLinks(again), withoutLinks(found), `with ${open}`)
    t.equal((await data(`${taxes}?propertyCertificateNumber=${typed}`)).length, 1, `${open} as a filter`)
  }
})

t.test('a drug finds the pharmacies that have it, an agent the number of his unit', async (t) => {
  const pharmacies = '/v1/medical-insurance/designated-pharmacies'
  t.equal((await data(`${pharmacies}?drugPurchaseNeed=${encodeURIComponent('缬沙坦胶囊')}`)).length, 2)
  const [row] = await data('/v1/social-security/enterprise-pension-contributions?pageSize=1', { enterprise: 1 })
  t.match(row.employerNumber, /^\d+$/)
  const url = `/v1/social-security/enterprise-pension-contributions?employerNumber=${row.employerNumber}`
  t.ok((await data(url, { enterprise: 1 })).length > 0)
})
