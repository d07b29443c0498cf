import t from 'tap'
import { compileService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import { build } from '../../../test/helper/hub.ts'
import { promisesOf } from '../../../test/helper/promises.ts'
import socialSecurity from '../../social-security/index.ts'
import tax from '../index.ts'

t.test('the promise has not shrunk', async (t) => {
  const promised = promisesOf('tax')
  t.same({ services: promised.length, fields: promised.flatMap(({ fields }) => fields).length }, { services: 5, fields: 51 })
})

const person = { id: 'u1', name: '贾明', idType: '01', idNumber: '41100219900101000X' }
const enterprise = { id: 'e1', name: '许昌示例制造有限公司', uscc: '91411000MA0000015J' }
const compiled = (id: string) => {
  const found = tax.services.find(({ contract }) => contract.id === id)
  if (!found) throw new Error(`no service ${id}`)
  return compileService(tax, found)
}

t.test('one parameter names the taxpayer: the person, or the enterprise of the mandate', async (t) => {
  const asPerson: Asker = { person, enterprise: null }
  const asAgent: Asker = { person, enterprise }
  const unit = { nsrmc: enterprise.name, nsrsbh: enterprise.uscc }
  t.same(compiled('tax-payment-certificate').params({}, asPerson), { nsrmc: person.name, nsrsbh: person.idNumber })
  t.same(compiled('tax-payment-certificate').params({}, asAgent), unit, 'who asks for a firm is no part of the question')
  t.same(compiled('tax-arrears').params({}, asAgent), { ...unit, shxydm: enterprise.uscc })
  const row = { dzsphm: '341102026101220001', nsrsbh: '91411000MA0000023D' }
  for (const asker of [asPerson, asAgent])
    t.throws(() => compiled('tax-payment-certificate').map(row, asker), { code: 'HUB_UPSTREAM_WRONG_SUBJECT' })
})

t.test('税务', async (t) => {
  const hub = await build(t, { declarations: [tax, socialSecurity] })
  const { get } = hub
  const ask = async (path: string, token: object) => (await get(`/v1/${path}`, token)).json()

  await t.test('a firm is asked about by its mandate, and by nothing that is typed', async (t) => {
    t.match((await ask('tax/tax-arrears', { person: 1 })).code, 'HUB_MANDATE_REQUIRED')
    t.match(await ask('tax/tax-arrears', { person: 2, enterprise: 3 }), { status: 403, code: 'HUB_MANDATE_REQUIRED' })
    t.match(await ask('tax/tax-arrears?unifiedSocialCreditCode=91411000MA00000318', { person: 1, enterprise: 1 }), {
      code: 'HUB_VALIDATION',
      errors: [{ pointer: '/query/unifiedSocialCreditCode' }],
    })
    t.same((await ask('tax/tax-arrears', { person: 1, enterprise: 1 })).data, [])
    const { data } = await ask('tax/tax-arrears', { person: 1, enterprise: 3 })
    t.same(
      data.map((row: { taxArrearsStatus: { name: string } }) => row.taxArrearsStatus.name),
      ['欠缴', '欠缴', '已清缴'],
    )
  })

  await t.test('what a firm owes here is what it owes there', async (t) => {
    const month = (await ask('tax/social-insurance-premiums-payable?levyStatus=3&sort=-taxPeriod', { person: 1, enterprise: 3 })).data
    const pension = month.filter(({ levyItem }: { levyItem: { name: string } }) => levyItem.name.includes('养老'))
    t.equal(pension.length, 4, 'two months, of employer and employees')
    const total = pension.reduce((sum: number, { taxPayable }: { taxPayable: number }) => sum + Math.round(taxPayable * 100), 0)
    const [there] = (await ask('social-security/enterprise-pension-contributions', { person: 1, enterprise: 3 })).data
    t.match(there.historicalArrears, `欠费2个月，合计${(total / 100).toFixed(2)}元`)
  })

  await t.test('a certificate is one’s own or the firm’s: seen, printed, exported, and nobody else’s to fetch', async (t) => {
    const { data } = await ask('tax/tax-payment-certificate', { person: 1 })
    t.ok(data.length > 10)
    t.match(data[0], { taxpayerName: '贾*', taxType: { name: '个人所得税' }, taxPaymentCertificate: [{ mediaType: 'application/pdf' }] })
    const { href } = data[0].taxPaymentCertificate[0]
    const shown = await get(`${href}?preview=true`, { person: 1 })
    t.equal(shown.statusCode, 200)
    t.match(shown.headers['content-disposition'], /^inline/)
    t.ok((await get(href, { person: 2 })).statusCode >= 400)
    t.ok((await get(href, { person: 1, enterprise: 1 })).statusCode >= 400, 'nor by the firm')
    for (const [format, sign] of [
      ['pdf', '%PDF-'],
      ['xlsx', 'PK'],
    ] as const) {
      const file = await get(`/v1/tax/tax-payment-certificate?format=${format}`, { person: 1 })
      t.equal(file.rawPayload.toString('latin1', 0, sign.length), sign, format)
    }
    const firm = await ask('tax/tax-payment-certificate?taxType=10101', { person: 1, enterprise: 1 })
    t.match(firm.data[0], { taxpayerName: '许昌示例制造有限公司', taxType: { name: '增值税' } })
    t.match(await ask('tax/tax-payment-certificate?taxType=10119', { person: 5 }), {
      data: [{ taxPaymentVoucherNumber: '341102025070500006', taxPaymentAmount: 7428.57 }],
    })
    t.same((await ask('tax/tax-payment-certificate', { person: 7 })).data, [])
  })

  await t.test('script in a name is text', async (t) => {
    const name = '<script>alert(1)</script>有限公司'
    hub.app.sandbox?.faults.set({ kind: 'values', sid: 'tax.tax-arrears', values: { glqymc: JSON.stringify(name) } })
    const answer = await get('/v1/tax/tax-arrears', { person: 1, enterprise: 3 })
    t.equal(answer.json().data[0].relatedEnterpriseName, name)
    t.match(answer.headers, { 'content-type': /^application\/json/, 'x-content-type-options': 'nosniff' })
    const csv = await get('/v1/tax/tax-arrears?format=csv', { person: 1, enterprise: 3 })
    t.match(csv.headers['content-disposition'], /^attachment/)
    hub.app.sandbox?.faults.clear()
  })
})
