import { addMonths, lastMonth, monthsBetween, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'
import type { Household } from './households.ts'
import { type Step, stepsOf } from './tariff.ts'

/** A month with gas, as the meter and the tariff have it. */
export interface Month {
  readonly month: string
  readonly usage: number
  /** Of the year, this month included. */
  readonly yearUsage: number
  readonly before: number
  readonly now: number
  readonly steps: readonly Step[]
  readonly fen: number
}

export interface Payment {
  /** Beijing, `YYYY-MM-DD HH:mm:ss`. */
  readonly at: string
  readonly kind: '1' | '2'
  readonly period: string | null
  readonly usage: number | null
  readonly fen: number
  readonly method: string
  readonly serial: string
}

export interface Bill extends Month {
  readonly number: string
  readonly date: string
  readonly due: string
  readonly payment: Payment | null
}

/** Meters are read on the last day of a month; what they say is settled on the 3rd. */
const SETTLED_ON = 3
/** As far back as the company's books can be asked. */
const BOOKS = 36

/** Every month with gas that is settled, the latest last. */
export function monthsOf({ since, until, usage, reading, ...household }: Household, { today }: SandboxWorld): readonly Month[] {
  if (since === null) return []
  const settled = addMonths(lastMonth(today, SETTLED_ON), -1)
  const last = until !== null && until < settled ? until : settled
  let [now, yearUsage] = [reading, 0]
  return monthsBetween(since, last).map((month) => {
    const used = usedIn(usage, month)
    const before = now
    const earlier = month.endsWith('01') ? 0 : yearUsage
    now += used
    yearUsage = earlier + used
    const steps = stepsOf({ since, until, usage, reading, ...household }, month, earlier, used)
    const fen = steps.reduce((sum, step) => sum + step.usage * step.price, 0)
    return { month, usage: used, yearUsage, before, now, steps, fen }
  })
}

/** No two years are the same: a few per cent more or less. */
function usedIn(usage: readonly number[], month: string): number {
  const [year, of] = [Number(month.slice(0, 4)), Number(month.slice(4))]
  return Math.round((usage[of - 1] ?? 0) * (1 + (((year * 7 + of * 3) % 13) - 6) / 100))
}

/** Bills of whoever pays after the meter is read, the latest first. */
export function billsOf(household: Household, world: SandboxWorld, filed: SandboxSubject['filed'] = []): readonly Bill[] {
  if (household.meter !== '1') return []
  const paid = new Map(filed.map((writeOff) => [String(writeOff.params['zdh']), writeOff]))
  const months = monthsOf(household, world).slice(-BOOKS)
  return months.toReversed().map((month, back) => {
    // Neither bills nor payments spell the account out.
    const number = `RQ${month.month}${household.account.slice(4)}`
    const next = addMonths(month.month, 1)
    const bill = { ...month, number, date: settledOn(month.month), due: lastDayOf(next) }
    const { usage, fen } = month
    const payment = { kind: '1', period: periodOf(month.month), usage, fen } as const
    const writeOff = paid.get(number)
    if (writeOff)
      return {
        ...bill,
        payment: { ...payment, at: String(writeOff.params['jfsj']), method: String(writeOff.params['zffs']), serial: writeOff.reference },
      }
    if (back < household.unpaid) return { ...bill, payment: null }
    const at = `${dayOf(next, 8 + (back % 9))} 09:3${back % 10}:12`
    return { ...bill, payment: { ...payment, at, method: METHODS[back % METHODS.length] ?? 'counter', serial: number.replace('RQ', 'JF') } }
  })
}

const METHODS = ['wechat', 'alipay', 'counter', 'bank'] as const

/** The oldest that nobody has paid: a household pays in turn. */
export function payableOf(bills: readonly Bill[]): Bill | undefined {
  return bills.findLast(({ payment }) => payment === null)
}

/** Whoever pays in advance tops up when little is left. */
const LITTLE = 5_000

/** What was topped up, the latest first, and what of it is left after the last settled month. */
export function prepaidOf(household: Household, world: SandboxWorld): { balance: number; payments: readonly Payment[] } {
  if (household.meter === '1') return { balance: 0, payments: [] }
  const step = household.user === '02' ? 200_000 : 20_000
  const payments: Payment[] = []
  let balance = 0
  for (const { month, fen } of monthsOf(household, world).slice(-BOOKS)) {
    for (let times = 0; balance < fen + LITTLE; times++) {
      balance += step
      const at = `${dayOf(month, 2 + times * 4)} 18:2${payments.length % 10}:40`
      const serial = `CZ${month}${household.account.slice(4)}${times}`
      payments.push({ at, kind: '2', period: null, usage: null, fen: step, method: household.meter === '2' ? 'counter' : 'alipay', serial })
    }
    balance -= fen
  }
  return { balance, payments: payments.toReversed() }
}

/** On which day a month was settled. */
export const settledOn = (month: string) => dayOf(addMonths(month, 1), SETTLED_ON)

const lastDayOf = (month: string) => dayOf(month, new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(4)), 0)).getUTCDate())

export const periodOf = (month: string) => `${month.slice(0, 4)}年${Number(month.slice(4))}月`

const dayOf = (month: string, day: number) => `${month.slice(0, 4)}-${month.slice(4)}-${String(day).padStart(2, '0')}`
