import { type SandboxRow, type SandboxRows, type SandboxSubject, yuan } from '../../../core/connector.ts'
import { ofOwner, type Property } from './properties.ts'
import { registerRows } from './register-rows.ts'
import { deedTaxOf, vatOf } from './tax-rules.ts'

const areaOf = ({ area: [own, shared] }: Property) => own + shared
const taxOf = (property: Property) =>
  deedTaxOf(property.price, property.bought, { area: areaOf(property), home: property.use === '11', sole: property.sole })
const dayOf = ({ bought }: Property) => `${bought.slice(0, 4)}-${bought.slice(4, 6)}-${bought.slice(6)}`
/** 电子税票号 has 18 digits; the day stands where no id number has its birthday. */
const receipt = (day: string, serial: string) => `34110${day}0${serial}`
/** Each property's own number, for the papers that belong to it. */
const numberOf = ({ contract }: Property) => contract.replace(/\D/g, '')

const deedTax = ofOwner((_property, _name, { name, number }) => [{ nsrmc: name, zjlx: '1', zjhm: number }])

const invoices = ofOwner((property, _name, { name, number }) => [
  {
    fpdm: '041001900111',
    fphm: numberOf(property).slice(-8),
    kprq: property.bought,
    gfmc: name,
    xfmc: '许昌示例房地产开发有限公司',
    zjlx: '1',
    zjhm: number,
    fwzl: property.place,
    htbah: property.contract,
    jshj: yuan(property.price),
    se: yuan(vatOf(property.price, property.bought)),
    yhfkxx: '示例银行许昌分行 6217000000001234',
    jylsh: `JY${numberOf(property)}`,
    jbjg: '许昌市不动产登记中心示例大厅',
    pzfj: [{ id: `FP${numberOf(property)}`, name: '购房发票.pdf', mediaType: 'application/pdf' }],
  },
])

const taxCertificates = ofOwner((property, _name, { name, number }) => [
  {
    nsrsbh: number,
    nsrmc: name,
    dzsphm: receipt(property.bought, numberOf(property).slice(-4)),
    pzfj: [{ id: `WSPZ${numberOf(property)}`, name: '契税完税凭证.pdf', mediaType: 'application/pdf' }],
    fdzl: property.place,
    qsmj: areaOf(property).toFixed(2),
    sjse: yuan(taxOf(property)),
    nssj: `${dayOf(property)} 11:08:30`,
  },
])

/** A 统一社会信用代码 begins so, an id number never. */
const isUnit = ({ number }: SandboxSubject) => number.startsWith('9')

/** What the centre knows when an application comes in; numbers, times and states are the platform's to make up. Person 7 is unknown there. */
const applicant =
  (row: (today: string, asked: Readonly<Record<string, unknown>>) => SandboxRow): SandboxRows =>
  (subject, { today }) => {
    const { index, name, number, asked = {} } = subject
    if (index === 7) return []
    return [
      {
        ...(isUnit(subject) ? { dwmc: name, tyshxydm: number } : { sqrmc: name, sqrzjh: number }),
        sljg: '许昌市不动产登记中心示例大厅',
        ...row(today, asked),
      },
    ]
  }

/** The case that person 1, and that which enterprise 1, brought to the counter before: assessed, and not paid. */
const atCounter = (subject: SandboxSubject) => (subject.index === 1 ? `BDC2026103100${isUnit(subject) ? 2 : 1}` : null)

const FEE = 8000
/** In fen, of a price in units of 10,000 yuan. */
const taxDue = (params: Readonly<Record<string, unknown>>) => Math.round(Number(params['fdcjyjg'] ?? 0) * 1_000_000 * 0.01)

const PAYMENT = 'tax-and-fee-payment'
/** What whose cases cost their applicant: a mortgage's fee is the bank's to pay, who is registered with it (发改价格规〔2016〕2559号). */
const costs: Readonly<Record<string, (params: Readonly<Record<string, unknown>>) => number>> = {
  'first-registration': () => 0,
  'transfer-registration': taxDue,
}

/** Of own cases that the centre has; fees of 80 a dwelling (发改价格规〔2016〕2559号), tax as of the price that was given. */
const charges: SandboxRows = (subject) => {
  const { filed = [] } = subject
  const paid = new Set(filed.filter(({ service }) => service === PAYMENT).map(({ params }) => params['slbh']))
  const row = (slbh: string, tax: number, isPaid: boolean, isDue = true) => ({
    ...{ slbh, yjqs: yuan(tax), bdcdjf: yuan(FEE), yjhj: yuan(tax + FEE), jfxm: '3' },
    jnzt: isPaid ? '2' : isDue ? '1' : '0',
  })
  const counter = atCounter(subject)
  return [
    ...(counter === null ? [] : [row(counter, 1_142_857, paid.has(counter))]),
    ...filed
      .filter(({ service, state }) => costs[service] && state !== 'rejected' && state !== 'withdrawn')
      .map(({ service, reference, params, state, final }) =>
        row(reference, costs[service]?.(params) ?? 0, paid.has(reference) || final, state === 'payable'),
      ),
  ]
}

const DECIDED = { shyj: '材料齐全，符合规定' }
const unit = (today: string) => ({
  bdcdyh: '411002001003GB00020F00010001',
  bdcqzh: `豫（${today.slice(0, 4)}）许昌市不动产权第0000005号`,
})

/** The agency's records of the sandbox's invented people, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'deed-tax': deedTax,
  'purchase-invoices': invoices,
  'deed-tax-payment-certificate': taxCertificates,
  ...registerRows,
  'first-registration': applicant((today) => ({
    ...{ ...DECIDED, ...unit(today), djlx: '100' },
    hjlb: [{ hjdm: '30', hjzt: '0', yjje: yuan(FEE) }],
  })),
  'transfer-registration': applicant((today, asked) => ({
    ...{ ...DECIDED, ...unit(today), djlx: '200' },
    hjlb: [{ hjdm: '30', hjzt: '0', yjje: yuan(taxDue(asked) + FEE) }],
  })),
  'mortgage-registration': applicant((today) => ({ ...DECIDED, ...unit(today), djlx: '100', dyfs: '1', bdbzzqse: '50', dyqryj: '1' })),
  'contract-online-signing': applicant((today) => ({
    ...DECIDED,
    bdcdyh: unit(today).bdcdyh,
    htbah: `XCWQ${today.slice(0, 4)}000005`,
    fdcjyjg: '80',
    fkfs: '1',
  })),
  'case-charges': charges,
  [PAYMENT]: charges,
}
