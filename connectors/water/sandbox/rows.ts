import { type SandboxRow, type SandboxSubject, yuan } from '../../../core/connector.ts'
import { type Bill, billsOf, payableOf, UNIT_PRICE } from './bills.ts'
import { householdsOf } from './households.ts'

type Rows = (subject: SandboxSubject) => readonly SandboxRow[]

/** Every household's bills, as they stand with what was written off. */
const books = ({ index, filed }: SandboxSubject) => householdsOf(index).map((household) => billsOf(household, filed))

const holderOf = ({ household: { account, holder, address } }: Bill) => ({ hh: account, hzxm: holder, ysdz: address })

const billRow = (bill: Bill): SandboxRow => ({
  ...holderOf(bill),
  zdh: bill.number,
  jfzq: bill.period,
  sqds: bill.before,
  bqds: bill.now,
  sysl: bill.usage,
  dj: yuan(UNIT_PRICE),
  yjje: yuan(bill.amountFen),
  qfje: bill.payment ? '0.00' : yuan(bill.amountFen),
  zdrq: bill.date,
  jzrq: bill.due,
  zdzt: bill.payment ? '1' : '0',
  jtmx: bill.tiers.map(({ tier, usage, price }) => ({ jt: tier, sl: usage, dj: yuan(price), je: yuan(usage * price) })),
  fymx: bill.charges.map(({ item, price, amount }) => ({ fyxm: item, dj: price === null ? null : yuan(price), je: yuan(amount) })),
})

const paymentRow = (bill: Bill): readonly SandboxRow[] =>
  bill.payment
    ? [
        {
          ...holderOf(bill),
          jfsj: bill.payment.at,
          jfzq: bill.period,
          sysl: bill.usage,
          je: yuan(bill.amountFen),
          zffs: bill.payment.method,
          jyzt: '1',
          lsh: bill.payment.serial,
        },
      ]
    : []

const payable: Rows = (subject) => {
  const { asked } = subject
  const meant = asked?.['zdh']
  return books(subject).flatMap((bills) => {
    const bill = meant === undefined ? payableOf(bills) : bills.find(({ number }) => number === meant)
    return bill ? [billRow(bill)] : []
  })
}

/** A payment that came to nothing stands in the ledger, and in no certificate. */
const failedRow = (bill: Bill): readonly SandboxRow[] =>
  paymentRow(bill).map((row) => ({ ...row, jfsj: `${String(row['jfsj']).slice(0, 11)}08:02:45`, jyzt: '0', lsh: `${row['lsh']}F` }))

const records: Rows = (subject) =>
  books(subject).flatMap((bills) => {
    const old = bills.find(({ payment }) => payment?.serial.startsWith('JF'))
    return [...bills.flatMap(paymentRow), ...(old ? failedRow(old) : [])]
  })

const certificates: Rows = (subject) => {
  const { asked = {} } = subject
  const [from, to, serial] = [asked['ksrq'], asked['jsrq'], asked['lsh']].map((value) => (value ? String(value) : undefined))
  return books(subject).flatMap((bills) => {
    const paid = bills.flatMap(paymentRow).filter(({ jfsj, lsh }) => {
      const day = String(jfsj).slice(0, 10)
      return (!from || day >= from) && (!to || day <= to) && (!serial || lsh === serial)
    })
    const [first] = paid
    if (!first) return []
    const total = paid.reduce((sum, { je }) => sum + Math.round(Number(je) * 100), 0)
    const { hh, hzxm } = first
    const code = [...String(hh)].reverse().join('')
    return [
      {
        hh,
        yhxx: hzxm,
        jfmx: paid,
        hjje: yuan(total),
        // A file's number leaves as it is, so it is none of the household's.
        dzqz: [{ id: `YZ${code}`, name: '水务公司业务专用章.png', mediaType: 'image/png' }],
        zmwj: [{ id: `ZM${code}`, name: '水费缴纳证明.pdf', mediaType: 'application/pdf' }],
      },
    ]
  })
}

const lookup: Rows = ({ index }) =>
  householdsOf(index).map(({ account, holder, address, of }) => ({
    hh: account,
    hzxm: holder,
    ysdz: address,
    gx: of === index ? '1' : '2',
    ysxz: '01',
  }))

/** The company's records of the sandbox's invented people, in its own keys and forms. */
export const sandbox = {
  'account-lookup': lookup,
  'bill-query': (subject: SandboxSubject) => books(subject).flatMap((bills) => bills.map(billRow)),
  'bill-detail': (subject: SandboxSubject) => books(subject).flatMap((bills) => bills.slice(0, 1).map(billRow)),
  'bill-confirmation': payable,
  'order-create': payable,
  'payment-records': records,
  'payment-certificate': certificates,
}
