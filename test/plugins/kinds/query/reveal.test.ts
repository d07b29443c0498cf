import t from 'tap'
import { build } from '../../../helper/hub.ts'
import { auditOf, trace, verdict } from '../../../helper/queries.ts'

const hub = await build(t)
const FUND = '/v1/housing-fund/personal-account'

t.test('one’s own numbers are masked, and whole for whoever has just shown his face; the record says so', async (t) => {
  const masked = (await hub.get(FUND)).json().data
  t.match(masked, { personalAccountNumber: /^\*+\d{4}$/, employerAccountNumber: /^\*+\d{4}$/ })
  const { traceId, headers } = trace()
  const response = await hub.get(`${FUND}?reveal=true`, { headers })
  t.match(response.json().data, { personalAccountNumber: '99000000001', employerAccountNumber: '99100000001', idNumber: /\*/ })
  const [row] = await auditOf(hub, traceId)
  t.match(row, { outcome: 'ok', revealed: ['personalAccountNumber', 'employerAccountNumber'] })
  const csv = await hub.get(`${FUND}?reveal=true&format=csv&fields=personalAccountNumber`)
  t.match(csv.body, /99000000001/)
})

t.test('an old face, a service without a face, an answer with nothing to show', async (t) => {
  const card = '/v1/medical-insurance/personal-basic-information'
  t.strictSame(verdict(await hub.get(`${card}?reveal=true`, { face: false })), [403, 'HUB_FACE_REQUIRED'])
  t.equal((await hub.get(card, { face: false })).statusCode, 200)
  t.match((await hub.get(`${card}?reveal=true`)).json().data, { medicalInsuranceCardNumber: 'D00000001', personalInfo: '贾明' })
  t.strictSame(verdict(await hub.get('/v1/medical-insurance/account-balance?reveal=true')), [400, 'HUB_VALIDATION'])
})

t.test('what is another’s stays masked: co-borrowers, other owners, insured persons', async (t) => {
  t.strictSame(verdict(await hub.get('/v1/housing-fund/co-borrowers?reveal=true')), [400, 'HUB_VALIDATION'])
  const rows = (await hub.get('/v1/real-estate/property-registration?reveal=true&pageSize=500')).json().data as {
    rightHolderIdentityDetails: { name: string; phone: string }[]
  }[]
  const owners = rows.flatMap(({ rightHolderIdentityDetails }) => rightHolderIdentityDetails)
  t.ok(
    owners.some(({ name, phone }) => name === '贾明' && !phone.includes('*')),
    'the asker’s own part',
  )
  for (const { name, phone } of owners) if (name !== '贾明') t.match([name, phone], [/\*/, /\*/])
})

t.test('a developer’s and a bank’s name are no personal data', async (t) => {
  const [invoice] = (await hub.get('/v1/real-estate/purchase-invoices')).json().data
  t.notMatch(invoice.sellerName, /\*/)
  t.match(invoice.bankPaymentInfo, /^示例银行许昌分行 \*+1234$/)
  t.match((await hub.get('/v1/real-estate/purchase-invoices?reveal=true')).json().data[0].bankPaymentInfo, '6217000000001234')
})

t.test('an employer’s certificate names whom it insures, for whoever acts for it and shows his face; never their numbers', async (t) => {
  const path = '/v1/medical-insurance/employer-insurance-certificate-printing?timeRange=2026-01-01/2026-06-30'
  const people = async (query: string, options: object = {}) =>
    (await hub.get(`${path}${query}`, { enterprise: 1, ...options })).json().data?.insuredPersons as {
      personName: string
      idNumber: string
    }[]
  const named = await people('&reveal=true')
  t.ok(named.length > 1)
  for (const { personName, idNumber } of named) t.match([personName, idNumber], [/^[^*]+$/, /\*/])
  for (const { personName } of await people('')) t.match(personName, /\*/)
  t.strictSame(verdict(await hub.get(`${path}&reveal=true`, { enterprise: 1, face: false })), [403, 'HUB_FACE_REQUIRED'])
})
