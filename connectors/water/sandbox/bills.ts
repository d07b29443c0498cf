import type { SandboxSubject } from '../../../core/connector.ts'
import type { Household } from './households.ts'

/** Fen a cubic metre: water in its three tiers (1 : 1.5 : 3, 发改价格〔2013〕2676号), sewage, and the tax on the source. Assumed, but for the ratio. */
const WATER = [170, 255, 510] as const
const SEWAGE = 95
const SOURCE = 40
/** Cubic metres of two months up to which the first and the second tier reach. Assumed. */
const REACHES = [30, 45] as const
export const TIERS = ['第一阶梯', '第二阶梯', '第三阶梯'] as const
/** What a cubic metre of the first tier costs in all. */
export const UNIT_PRICE = WATER[0] + SEWAGE + SOURCE

export interface Payment {
  /** Beijing, `YYYY-MM-DD HH:mm:ss`. */
  at: string
  method: string
  serial: string
}

export interface Bill {
  household: Household
  number: string
  period: string
  before: number
  now: number
  usage: number
  tiers: readonly { tier: string; usage: number; price: number }[]
  charges: readonly { item: string; price: number | null; amount: number }[]
  amountFen: number
  date: string
  due: string
  payment: Payment | null
}

/** A household's bills, the latest first: one for every two months, made on the 8th of the month after, due on the 28th. */
export function billsOf(household: Household, filed: NonNullable<SandboxSubject['filed']> = []): readonly Bill[] {
  const paid = new Map(filed.map((writeOff) => [String(writeOff.params['zdh']), writeOff]))
  const last = lastMonth()
  return household.usage.map((usage, back) => {
    const month = last - back * 2
    const used = household.usage.slice(back + 1).reduce((sum, cubic) => sum + cubic, 0)
    const before = household.meter + used
    const tiers = tiersOf(usage)
    const water = tiers.reduce((sum, tier) => sum + tier.usage * tier.price, 0)
    // Neither bills nor payments spell the account out.
    const number = `ZD${dayOf(month).slice(0, 7).replace('-', '')}${household.account.slice(4)}`
    const date = dayOf(month + 1, 8)
    const writeOff = paid.get(number)
    return {
      household,
      number,
      period: `${wordsOf(month - 1)}至${wordsOf(month)}`,
      before,
      now: before + usage,
      usage,
      tiers,
      charges: [
        { item: '自来水费', price: tiers.length === 1 ? WATER[0] : null, amount: water },
        { item: '污水处理费', price: SEWAGE, amount: usage * SEWAGE },
        { item: '水资源税（费）', price: SOURCE, amount: usage * SOURCE },
      ],
      amountFen: water + usage * (SEWAGE + SOURCE),
      date,
      due: dayOf(month + 1, 28),
      payment: writeOff
        ? { at: String(writeOff.params['jfsj']), method: String(writeOff.params['zffs']), serial: writeOff.reference }
        : back < household.unpaid
          ? null
          : paidLongAgo(number, date, back),
    }
  })
}

/** The oldest that nobody has paid: a household pays in turn. */
export function payableOf(bills: readonly Bill[]): Bill | undefined {
  return bills.findLast(({ payment }) => payment === null)
}

function tiersOf(usage: number): Bill['tiers'] {
  const steps = [Math.min(usage, REACHES[0]), Math.min(Math.max(usage - REACHES[0], 0), REACHES[1] - REACHES[0]), usage - REACHES[1]]
  return steps.flatMap((cubic, step) => (cubic > 0 ? [{ tier: TIERS[step] ?? '', usage: cubic, price: WATER[step] ?? 0 }] : []))
}

const METHODS = ['wechat', 'alipay', 'counter', 'bank'] as const

function paidLongAgo(number: string, date: string, back: number): Payment {
  return {
    at: `${date.slice(0, 8)}${15 + (back % 9)} 09:3${back % 10}:12`,
    method: METHODS[back % METHODS.length] ?? 'counter',
    serial: number.replace('ZD', 'JF'),
  }
}

/** Months since year 0 of the last even month whose bill is out: those of January and February come in March. */
function lastMonth(): number {
  const today = new Date(Date.now() + 8 * 3_600_000)
  const out = today.getUTCFullYear() * 12 + today.getUTCMonth() - (today.getUTCDate() < 8 ? 2 : 1)
  return out % 2 === 1 ? out : out - 1
}

function dayOf(month: number, day = 1): string {
  return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

function wordsOf(month: number): string {
  return `${Math.floor(month / 12)}年${(month % 12) + 1}月`
}
