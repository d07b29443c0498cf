import { addMonths, lastMonth, type SandboxRow, type SandboxSubject, type SandboxWorld, yuan } from '../../../core/connector.ts'
import {
  ALLOWANCE,
  DEED_TAX_PERCENT,
  FIRST_BRACKET_PERCENT,
  INCOME_TAX_PERCENT,
  INFANT,
  INSURANCE_PERCENT,
  LOAN_INTEREST,
  PAID,
  PARENT,
  surcharges,
  VAT_PERCENT,
} from './rules.ts'
import { dashed, dayIn, firmOf, type Life, lastDue, recentMonths, type Taxpayer, turnoverIn, vatIn } from './taxpayers.ts'

const MONTHS = 24

/** 电子税票号 has 18 digits; the day stands where no id number has its birthday. 0 before the serial is the real-estate centre's. */
const voucher = (day: string, series: number, serial: number) => `34110${day}${series}${String(serial).padStart(4, '0')}`

interface Payment {
  readonly tax: string
  readonly fen: number
  readonly day: string
  readonly number: string
}

const rowOf = ({ tax, fen, day, number }: Payment): SandboxRow => ({
  sjse: yuan(fen),
  jkrq: `${dashed(day)} 10:26:18`,
  zsxmDm: tax,
  dzsphm: number,
  wszm: [{ id: number, name: '税收完税证明.pdf', mediaType: 'application/pdf' }],
})

/** What was paid of a month: value-added tax with what goes with it, and each quarter what is due of the year's profit. */
function paymentsOf(taxpayer: Taxpayer, month: string): Payment[] {
  const day = dayIn(addMonths(month, 1), PAID)
  const vat = vatIn(taxpayer, month)
  const quarter = Number(month.slice(4)) % 3 === 0 ? [month, addMonths(month, -1), addMonths(month, -2)] : []
  const profit = quarter.reduce((sum, each) => sum + turnoverIn(taxpayer, each) * 0.06, 0)
  const taxes = [
    { tax: '10101', fen: vat },
    ...surcharges.map(({ tax, percent }) => ({ tax, fen: Math.round((vat * percent) / 100) })),
    ...(profit > 0 ? [{ tax: '10104', fen: Math.round((profit * INCOME_TAX_PERCENT) / 100) }] : []),
  ]
  return taxes.map(({ tax, fen }, at) => ({ tax, fen, day, number: voucher(day, at + 1, taxpayer.firm.index) }))
}

function firmPayments(taxpayer: Taxpayer): Payment[] {
  const { firm, today } = taxpayer
  const last = addMonths(lastDue(today, PAID), -firm.behind)
  return recentMonths(MONTHS, last, firm.founded.slice(0, 6)).flatMap((month) => paymentsOf(taxpayer, month))
}

/** Fen that an employer withholds of a month's wages; of a couple the younger index declares no infant. */
function withheld({ jobs, loans, children, parents, marriage }: Life, index: number, month: string): number {
  const base = jobs.find(({ from, until }) => from <= month && (until === null || month <= until))?.base ?? 0
  const infant = children.some(({ born }) => born.slice(0, 6) <= month && month < addMonths(born.slice(0, 6), 36))
  const deducted =
    ALLOWANCE +
    (base * INSURANCE_PERCENT) / 100 +
    (loans.length > 0 ? LOAN_INTEREST : 0) +
    (infant && marriage !== null && marriage.spouse < index ? INFANT : 0) +
    (parents.length > 0 ? PARENT : 0)
  return Math.max(0, Math.round(((base - deducted) * FIRST_BRACKET_PERCENT) / 100))
}

/** The flat of person 5, the only home that was bought in these months; its receipt is the real-estate centre's too. */
const RECENT = '许昌市建安区样例大道66号1号楼1102室'

function personPayments({ index }: SandboxSubject, { people, today }: SandboxWorld): Payment[] {
  const life = people[index - 1]?.life
  if (!life) return []
  const wages = recentMonths(MONTHS, addMonths(lastMonth(today, PAID), -1), life.jobs[0]?.from ?? '999912').flatMap((month) => {
    const fen = withheld(life, index, month)
    const day = dayIn(addMonths(month, 1), PAID)
    return fen > 0 ? [{ tax: '10106', fen, day, number: voucher(day, 6, index) }] : []
  })
  const homes = life.homes
    .filter(({ place }) => place === RECENT)
    .map(({ price, bought }) => ({
      tax: '10119',
      fen: Math.round((Math.round(price / (1 + VAT_PERCENT / 100)) * DEED_TAX_PERCENT) / 100),
      day: bought,
      number: voucher(bought, 0, 6),
    }))
  return [...wages, ...homes]
}

/** Everything that a taxpayer paid in these two years, newest first. */
export function certificateRows(subject: SandboxSubject, world: SandboxWorld): SandboxRow[] {
  const firm = firmOf(subject, world)
  const payments = firm ? firmPayments(firm) : subject.number.startsWith('9') ? [] : personPayments(subject, world)
  return payments.map((payment) => ({ nsrmc: subject.name, nsrsbh: subject.number, ...rowOf(payment) }))
}
