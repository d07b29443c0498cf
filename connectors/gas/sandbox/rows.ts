import { type SandboxRow, type SandboxRows, type SandboxSubject, type SandboxWorld, yuan } from '../../../core/connector.ts'
import { type Bill, billsOf, type Month, monthsOf, type Payment, payableOf, periodOf, prepaidOf, settledOn } from './books.ts'
import { type Household, householdsOf, statusOf } from './households.ts'
import { articleRows, hotlines, outletRows } from './public.ts'
import { tariffIn, tierAt } from './tariff.ts'
import { inspections, slots } from './visits.ts'
import { accountCheck, anybody, orderFor } from './work-orders.ts'

const PREPAID_NOTE = '按最近一次结算计算；物联网表以公司记录为准，IC 卡表以表上显示为准'
const POSTPAID_NOTE = '后付费户号按账单缴费，没有预存余额'

const holderOf = ({ account, holder, address }: Household) => ({ hh: account, hzxm: holder, yqdz: address })
const settlementOf = ({ meter }: Household) => (meter === '1' ? '1' : '2')
const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`

/** A row of every household of somebody that has used gas. */
const used =
  (
    row: (household: Household, months: readonly Month[], subject: SandboxSubject, world: SandboxWorld) => readonly SandboxRow[],
  ): SandboxRows =>
  (subject, world) =>
    householdsOf(subject.index, world).flatMap((household) => {
      const months = monthsOf(household, world)
      return months.length > 0 ? row(household, months, subject, world) : []
    })

const fees = used((household, months, { filed }, world) => {
  const last = months.at(-1)
  const open = billsOf(household, world, filed).filter(({ payment }) => payment === null)
  const step = last?.steps.at(-1)
  const due = open.reduce((sum, { fen }) => sum + fen, 0)
  return [
    {
      ...holderOf(household),
      fy: yuan(settlementOf(household) === '1' ? due : (last?.fen ?? 0)),
      fffs: settlementOf(household),
      wjzds: open.length,
      jfzq: last && periodOf(last.month),
      yql: last?.usage,
      zqqf: yuan(last?.fen ?? 0),
      jt: step?.tier ?? null,
      dj: step ? yuan(step.price) : null,
      jgzxrq: dashed(tariffIn(last?.month ?? '').since),
    },
  ]
})

const SHOWN_MONTHS = 24

const analysis = used((household, months) => {
  const usageIn = new Map(months.map(({ month, usage }) => [month, usage]))
  const lastYearOf = (month: string) => usageIn.get(`${Number(month.slice(0, 4)) - 1}${month.slice(4)}`)
  const last = months.at(-1)
  const thisYear = months.filter(({ month }) => month.slice(0, 4) === last?.month.slice(0, 4))
  const lastYear = thisYear.map(({ month }) => lastYearOf(month)).filter((usage) => usage !== undefined)
  const { tier, left } = tierAt(household, last?.yearUsage ?? 0)
  return [
    {
      ...holderOf(household),
      yqqx: months.slice(-SHOWN_MONTHS).map(({ month, usage, fen }) => {
        const before = lastYearOf(month)
        return {
          yf: month,
          yql: usage,
          qntqyql: before ?? null,
          tb: before === undefined ? null : (((usage - before) / before) * 100).toFixed(1),
          qf: yuan(fen),
        }
      }),
      bnyql: last?.yearUsage,
      qnljyql: lastYear.reduce((sum, usage) => sum + usage, 0),
      jt: tier,
      bdsyql: left,
    },
  ]
})

const balances: SandboxRows = ({ index }, world) =>
  householdsOf(index, world).map((household) => {
    const { balance } = prepaidOf(household, world)
    const last = monthsOf(household, world).at(-1)
    const isPrepaid = settlementOf(household) === '2'
    return {
      ...holderOf(household),
      ye: yuan(balance),
      bjlx: household.meter,
      fffs: settlementOf(household),
      yesj: last ? `${settledOn(last.month)} 06:00:00` : null,
      kyql: isPrepaid && last ? Math.floor(balance / (last.steps.at(-1)?.price ?? 1)) : null,
      sm: isPrepaid ? PREPAID_NOTE : POSTPAID_NOTE,
    }
  })

const billRow = (household: Household, bill: Bill): SandboxRow => ({
  ...holderOf(household),
  zdh: bill.number,
  jfzq: periodOf(bill.month),
  sqbs: bill.before,
  bqbs: bill.now,
  yql: bill.usage,
  bnyql: bill.yearUsage,
  yjje: yuan(bill.fen),
  zdrq: bill.date,
  jzrq: bill.due,
  zdzt: bill.payment ? '1' : '0',
  jgzxrq: dashed(tariffIn(bill.month).since),
  jtmx: bill.steps.map(({ tier, usage, price }) => ({ jt: tier, yql: usage, dj: yuan(price), je: yuan(usage * price) })),
})

const bills = used((household, _months, { filed }, world) => billsOf(household, world, filed).map((bill) => billRow(household, bill)))

const payable = used((household, _months, { asked, filed }, world) => {
  const own = billsOf(household, world, filed)
  const meant = asked?.['zdh']
  const bill = meant === undefined ? payableOf(own) : own.find(({ number }) => number === meant)
  return bill ? [billRow(household, bill)] : []
})

const paymentRow = (household: Household, { at, kind, period, usage, fen, method, serial }: Payment): SandboxRow => ({
  hh: household.account,
  jfsj: at,
  jflx: kind,
  jfzq: period,
  yql: usage,
  je: yuan(fen),
  zffs: method,
  jyzt: '1',
  lsh: serial,
})

const paymentsOf = (household: Household, world: SandboxWorld, filed: SandboxSubject['filed']): readonly Payment[] =>
  household.meter === '1' ? billsOf(household, world, filed).flatMap(({ payment }) => payment ?? []) : prepaidOf(household, world).payments

/** A payment that came to nothing stands in the ledger, and in no certificate. */
const records = used((household, _months, { filed }, world) => {
  const rows = paymentsOf(household, world, filed).map((payment) => paymentRow(household, payment))
  const old = rows.find(({ lsh }) => String(lsh).startsWith('JF'))
  return old ? [...rows, { ...old, jfsj: `${String(old['jfsj']).slice(0, 11)}08:02:45`, jyzt: '0', lsh: `${old['lsh']}F` }] : rows
})

const certificates = used((household, _months, subject, world) => {
  const { asked = {}, filed } = subject
  const [from, to, serial] = [asked['ksrq'], asked['jsrq'], asked['lsh']].map((value) => (value ? String(value) : undefined))
  const paid = paymentsOf(household, world, filed).filter((payment) => {
    const day = payment.at.slice(0, 10)
    return (!from || day >= from) && (!to || day <= to) && (!serial || payment.serial === serial)
  })
  if (paid.length === 0) return []
  // A file's number leaves as it is, so it is none of the household's.
  const code = [...household.account].reverse().join('')
  return [
    {
      ...holderOf(household),
      khrq: dashed(household.opened),
      gqzt: statusOf(household, subject),
      jfmx: paid.map((payment) => paymentRow(household, payment)),
      hjje: yuan(paid.reduce((sum, { fen }) => sum + fen, 0)),
      dzqz: [{ id: `YZ${code}`, name: '天伦燃气业务专用章.png', mediaType: 'image/png' }],
      zmwj: [{ id: `ZM${code}`, name: '天然气缴费证明.pdf', mediaType: 'application/pdf' }],
    },
  ]
})

const lookup: SandboxRows = (subject, world) =>
  householdsOf(subject.index, world).map((household) => ({
    ...holderOf(household),
    gx: household.of === subject.index ? '1' : '2',
    yqxz: household.user,
    bjlx: household.meter,
    fffs: settlementOf(household),
    gqzt: statusOf(household, subject),
  }))

/** The company's records of the sandbox's invented people, in its own keys and forms. */
export const sandbox = {
  'account-lookup': lookup,
  'fee-query': fees,
  'usage-analysis': analysis,
  'balance-query': balances,
  'bill-query': bills,
  'bill-confirmation': payable,
  'order-create': payable,
  'payment-records': records,
  'gas-certificate': certificates,
  'work-order-check': accountCheck,
  'repair-request': orderFor('01'),
  'activation-booking': orderFor('02'),
  'gas-modification': orderFor('03'),
  'safety-inspection': orderFor('04'),
  'meter-replacement': orderFor('05'),
  'meter-calibration': orderFor('06'),
  'installation-application': anybody,
  'supply-shutdown': orderFor('08'),
  'supply-restoration': orderFor('09'),
  'information-change': orderFor('10'),
  'consultation-complaint': anybody,
  hotline: hotlines,
  'service-outlets': outletRows,
  'safety-education': articleRows,
  'appointment-slots': slots,
  'inspection-records': inspections,
}
