import { type SandboxRow, type SandboxSubject, yuan } from '../../../core/connector.ts'
import { ofOwner, type Property, type Rows } from './properties.ts'
import { registerRows } from './register-rows.ts'

/** 1.5 per cent of the price before value-added tax (5 per cent), in fen. */
const deedTaxOf = ({ price }: Property) => Math.round((price / 1.05) * 0.015)
const dayOf = ({ bought }: Property) => `${bought.slice(0, 4)}-${bought.slice(4, 6)}-${bought.slice(6)}`
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
    se: yuan(property.price - Math.round(property.price / 1.05)),
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
    dzsphm: `34110${numberOf(property)}`,
    fdzl: property.place,
    qsmj: (property.area[0] + property.area[1]).toFixed(2),
    sjse: yuan(deedTaxOf(property)),
    nssj: `${dayOf(property)} 11:08:30`,
  },
])

/** What the centre knows when an application comes in; numbers, times and states are the platform's to make up. Person 7 is unknown there. */
const applicant =
  (row: SandboxRow): Rows =>
  ({ index, name, number }: SandboxSubject) => {
    if (index === 7) return []
    const unit = number.startsWith('9')
    return [
      { ...(unit ? { dwmc: name, tyshxydm: number } : { sqrmc: name, sqrzjh: number }), sljg: '许昌市不动产登记中心示例大厅', ...row },
    ]
  }

/** Of own cases that the centre has; fees of 80 a dwelling (发改价格规〔2016〕2559号), tax as of the price that was given. */
const charges: Rows = ({ index, filed = [] }) => [
  // One of before, which person 1 and enterprise 1 brought to the counter.
  ...(index === 1 ? [{ slbh: 'BDC20261031001', yjqs: '11428.57', bdcdjf: '80.00', yjhj: '11508.57' }] : []),
  ...filed
    .filter(({ service, state }) => service !== 'tax-and-fee-payment' && state !== 'rejected')
    .map(({ reference, params }) => {
      const tax = Math.round(Number(params['fdcjyjg'] ?? 0) * 1_000_000 * 0.01)
      return { slbh: reference, yjqs: yuan(tax), bdcdjf: '80.00', yjhj: yuan(tax + 8000) }
    }),
]

const DECIDED = { shyj: '材料齐全，符合规定' }
const UNIT = { bdcdyh: '411002001003GB00020F00010001', bdcqzh: '豫（2026）许昌市不动产权第0000005号' }

/** The agency's records of the sandbox's invented people, in its own keys and forms. */
export const sandbox: Readonly<Record<string, Rows>> = {
  'deed-tax': deedTax,
  'purchase-invoices': invoices,
  'deed-tax-payment-certificate': taxCertificates,
  ...registerRows,
  'first-registration': applicant({ ...DECIDED, ...UNIT, djlx: '100' }),
  'transfer-registration': applicant({ ...DECIDED, ...UNIT, djlx: '200' }),
  'mortgage-registration': applicant({ ...DECIDED, ...UNIT, djlx: '100', dyfs: '1', bdbzzqse: '50', dyqryj: '1' }),
  'contract-online-signing': applicant({ ...DECIDED, bdcdyh: UNIT.bdcdyh, htbah: 'XCWQ2026000005', fdcjyjg: '80', fkfs: '1' }),
  'case-charges': charges,
  'tax-and-fee-payment': applicant({
    slbh: 'BDC20261031001',
    jfxm: '3',
    yjqs: '11428.57',
    bdcdjf: '80.00',
    yjhj: '11508.57',
    dzsphm: '341102026000005',
  }),
}
