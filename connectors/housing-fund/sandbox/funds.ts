import { addMonths, monthsBetween, SNAPSHOT } from '../../../core/connector.ts'

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
  /** First month with a contribution; none for somebody who has retired. */
  readonly from: string | null
  /** Last month with one, for an account that was sealed since. */
  readonly sealed?: string
  readonly homeWithdrawal?: { readonly day: string; readonly amount: number; readonly reason: string; readonly house: string }
  readonly bankAccount: string
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

/** The sandbox's enterprises (plugins/sandbox/people.ts), in its order. */
export const employers = [
  { account: '99100000001', name: '许昌示例制造有限公司' },
  { account: '99100000002', name: '许昌虚拟商贸有限公司' },
  { account: '99100000003', name: '许昌样本科技有限公司' },
] as const

/** Own bank accounts by the person's index, with their check digit (Luhn). */
const bankAccounts = [
  '90000000000000019',
  '90000000000000027',
  '90000000000000035',
  '90000000000000043',
  '90000000000000050',
  '90000000000000068',
]

const account = (index: number, details: Omit<FundAccount, 'number' | 'bankAccount' | 'share'>): FundAccount => ({
  ...details,
  number: `9900000000${index}`,
  bankAccount: bankAccounts[index - 1] ?? '',
  share: Math.round(details.base * 0.12),
})

const [manufacturer, trader, laboratory] = employers

/** Accounts by the person's index; person 7 has none. */
export const accounts: Readonly<Record<number, FundAccount>> = {
  1: account(1, {
    employer: manufacturer,
    base: 860_000,
    status: '01',
    opened: '20120301',
    opening: 4_215_000,
    from: '202407',
    homeWithdrawal: { day: '20250310', amount: 1_500_000, reason: '06', house: '河南省许昌市魏都区示例路18号院2号楼301室' },
  }),
  2: account(2, { employer: trader, base: 645_050, status: '01', opened: '20100715', opening: 2_680_035, from: '202407' }),
  3: account(3, { employer: laboratory, base: 512_000, status: '02', opened: '19990601', opening: 3_102_488, from: null }),
  4: account(4, { employer: trader, base: 420_000, status: '01', opened: '20230801', opening: 310_000, from: '202407' }),
  5: account(5, {
    employer: laboratory,
    base: 730_000,
    status: '01',
    opened: '20040510',
    opening: 6_044_210,
    from: '202407',
    homeWithdrawal: { day: '20250818', amount: 3_000_000, reason: '01', house: '河南省许昌市建安区样例大道66号1号楼1102室' },
  }),
  6: account(6, { employer: manufacturer, base: 398_000, status: '02', opened: '20250301', opening: 0, from: '202503', sealed: '202603' }),
}

const OUTGOING = new Set(['11', '12', '07'])
const LEDGER_START = '20240701'

/** All postings of an account since the ledger began, in order of their days. */
export function ledgerOf(fund: FundAccount): readonly Posting[] {
  const postings: Posting[] = []
  if (fund.opening > 0) postings.push(posting(LEDGER_START, '08', fund.opening, 'carryover'))
  for (const month of fund.from ? monthsBetween(fund.from, fund.sealed ?? SNAPSHOT.slice(0, 6)) : []) {
    postings.push(posting(`${month}15`, '01', fund.share * 2, 'current'))
  }
  const withdrawal = fund.homeWithdrawal
  if (withdrawal) postings.push({ ...posting(withdrawal.day, '11', withdrawal.amount, 'carryover'), reason: withdrawal.reason })
  // The housing fund's year ends on 30 June.
  for (const day of ['20250630', '20260630']) {
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

function posting(day: string, type: string, amount: number, pot: 'current' | 'carryover'): Posting {
  const currentYear = pot === 'current' ? amount : 0
  return { day, type, amount, interest: 0, currentYear, carryover: amount - currentYear, reason: null }
}
