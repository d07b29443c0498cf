import { addDays, addMonths, lastMonth, monthsBetween, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'

type Firm = SandboxWorld['firms'][number]

/** An invented account; amounts are fen. */
export interface FundAccount {
  readonly number: string
  readonly employer: { readonly account: string; readonly name: string }
  readonly base: number
  readonly share: number
  readonly status: string
  readonly opened: string
  /** Brought over from elsewhere when the ledger begins. */
  readonly opening: number
  /** Months with a contribution, from the ledger's beginning to the last that the employer has paid. */
  readonly paid: readonly string[]
  readonly homeWithdrawal?: { readonly day: string; readonly amount: number; readonly reason: string; readonly house: string }
  readonly bankAccount: string
  readonly today: string
}

/** One posting; `amount` is always positive, the type says whether it comes in or goes out. */
export interface Posting {
  readonly day: string
  readonly type: string
  readonly amount: number
  readonly interest: number
  readonly currentYear: number
  readonly carryover: number
  readonly reason: string | null
}

/** Contributions for a month are posted on the 15th of the next. */
const POSTED_ON = 15
const LEDGER_START = '202406'
/** Per cent that employer and employee each pay: 5 to 12 (建金管〔2005〕5号; that these employers pay 12 is invented). */
export const RATE = 0.12

/** Own bank accounts by the person's index, with their check digit (Luhn). */
const bankAccounts = [
  '90000000000000019',
  '90000000000000027',
  '90000000000000035',
  '90000000000000043',
  '90000000000000050',
  '90000000000000068',
]

/** What the fund alone knows of somebody, by index; whoever is not here has no account. */
const facts: Readonly<Record<number, Pick<FundAccount, 'opening' | 'homeWithdrawal'>>> = {
  1: {
    opening: 4_215_000,
    homeWithdrawal: { day: '20250310', amount: 1_500_000, reason: '06', house: '许昌市魏都区示例路1号院2号楼3单元501室' },
  },
  2: { opening: 2_680_035 },
  3: { opening: 3_102_488 },
  4: { opening: 310_000 },
  5: {
    opening: 6_044_210,
    homeWithdrawal: { day: '20250818', amount: 3_000_000, reason: '01', house: '许昌市建安区样例大道66号1号楼1102室' },
  },
  6: { opening: 0 },
}

/** The unit's account of a firm of the sandbox; other employers share one that is nobody's. */
export const employerAccountOf = (firm: number | null) => `9910000000${firm ?? 9}`

/** The last month that a firm has paid for. */
export const paidThrough = ({ behind }: Pick<Firm, 'behind'>, today: string) => addMonths(lastMonth(today, POSTED_ON), -1 - behind)

/** The person's account, if there is one. */
export function accountOf({ index }: SandboxSubject, { people, firms, today }: SandboxWorld): FundAccount | undefined {
  const own = facts[index]
  const life = people[index - 1]?.life
  const job = life?.jobs.at(-1)
  const first = life?.jobs[0]
  if (!own || !job || !first) return undefined
  const firm = firms.find((candidate) => candidate.index === job.firm)
  const working = job.until === null
  const due = paidThrough(firm ?? { behind: 0 }, today)
  const through = job.until !== null && job.until < due ? job.until : due
  return {
    ...own,
    number: `9900000000${index}`,
    bankAccount: bankAccounts[index - 1] ?? '',
    employer: { account: employerAccountOf(job.firm), name: job.employer },
    base: job.base,
    share: Math.round(job.base * RATE),
    status: working ? '01' : '02',
    // The fund began with 国务院令第262号 of 1999 (before it, here and there: assumption).
    opened: first.from < '199906' ? '19990601' : `${first.from}01`,
    paid: monthsBetween(job.from > LEDGER_START ? job.from : LEDGER_START, through),
    today,
  }
}

const OUTGOING = new Set(['11', '12', '07'])

/** All postings of an account since the ledger began, in order of their days. */
export function ledgerOf(fund: FundAccount): readonly Posting[] {
  const postings: Posting[] = []
  if (fund.opening > 0) postings.push(posting(`${addMonths(LEDGER_START, 1)}01`, '08', fund.opening, 'carryover'))
  for (const month of fund.paid) postings.push(posting(`${addMonths(month, 1)}${POSTED_ON}`, '01', fund.share * 2, 'current'))
  const withdrawal = fund.homeWithdrawal
  if (withdrawal) postings.push({ ...posting(withdrawal.day, '11', withdrawal.amount, 'carryover'), reason: withdrawal.reason })
  // The housing fund's year ends on 30 June.
  for (let day = '20250630'; day <= fund.today; day = `${Number(day.slice(0, 4)) + 1}0630`) {
    const interest = Math.round(balanceOf(postings.filter((entry) => entry.day <= day)) * 0.015)
    if (interest > 0) postings.push({ ...posting(day, '09', interest, 'carryover'), interest })
  }
  return postings.sort((a, b) => Number(a.day) - Number(b.day))
}

/** What comes in less what goes out. */
export function balanceOf(postings: readonly Posting[]): number {
  return postings.reduce((sum, { type, amount }) => sum + (OUTGOING.has(type) ? -amount : amount), 0)
}

/** The month that a contribution is for is the one before its posting. */
export const contributionMonth = ({ day }: Posting) => addMonths(day.slice(0, 6), -1)

/** A unit's account is opened within thirty days of the firm's founding (住房公积金管理条例 14). */
export const unitOpened = ({ founded }: Firm) => addDays(founded, 20)

function posting(day: string, type: string, amount: number, pot: 'current' | 'carryover'): Posting {
  const currentYear = pot === 'current' ? amount : 0
  return { day, type, amount, interest: 0, currentYear, carryover: amount - currentYear, reason: null }
}
