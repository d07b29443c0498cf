import { addDays, addMonths } from '../../../core/connector.ts'
import { DAYS_OF_YEAR, PENALTY_FACTOR, rateOf } from './rates.ts'

/** An invented loan with equal instalments; amounts are fen, the rate is that of the year (see rates.ts). */
export interface LoanTerms {
  readonly account: string
  readonly contract: string
  readonly purchase: string
  readonly principal: number
  readonly terms: number
  readonly downPayment: number
  readonly signed: string
  readonly disbursed: string
  /** Month of the first instalment; all are due on the 20th. */
  readonly firstMonth: string
  readonly coBorrower: { readonly name: string; readonly number: string; readonly fundAccount: string; readonly relation: string } | null
  readonly prepayment: { readonly beforeTerm: number; readonly day: string; readonly amount: number } | null
  /** An instalment that was missed and paid later. */
  readonly late: { readonly term: number; readonly days: number } | null
}

interface Instalment {
  readonly term: number
  readonly due: string
  readonly principal: number
  readonly interest: number
  readonly balance: number
  /** Per cent a year. */
  readonly rate: number
}

export interface LoanPosting {
  readonly day: string
  readonly type: string
  readonly term: number
  readonly principal: number
  readonly interest: number
  readonly penalty: number
  readonly toOverdue: number
  readonly toNormal: number
  readonly balance: number
}

export interface Loan extends LoanTerms {
  /** In force today. */
  readonly rate: number
  readonly schedule: readonly Instalment[]
  readonly postings: readonly LoanPosting[]
  readonly balance: number
  /** The instalment that falls due next; none once the loan is settled. */
  readonly next: Instalment | null
}

/** Works out what became of a loan by that day. */
export function workOut(terms: LoanTerms, today: string): Loan {
  const schedule = scheduleOf(terms, today)
  const postings = postingsOf(terms, schedule, today)
  const next = schedule.find(({ due }) => due > today) ?? null
  return {
    ...terms,
    schedule,
    postings,
    rate: (next ?? schedule.at(-1))?.rate ?? 0,
    balance: postings.at(-1)?.balance ?? terms.principal,
    next,
  }
}

/**
 * A prepayment and a new year's rate change the instalments that follow and leave their number. Years to come are
 * reckoned at today's rate; the few days of December in January's instalment at the new one (assumption).
 */
function scheduleOf({ principal, signed, terms, firstMonth, prepayment }: LoanTerms, today: string): Instalment[] {
  const schedule: Instalment[] = []
  let balance = principal
  let payment = 0
  let rate = 0
  for (let term = 1; term <= terms; term++) {
    const due = `${addMonths(firstMonth, term - 1)}${DUE_ON}`
    const current = rateOf(signed, due < today ? due : today)
    const prepaid = prepayment?.beforeTerm === term ? prepayment.amount : 0
    balance -= prepaid
    if (current !== rate || prepaid > 0) payment = paymentFor(balance, terms - term + 1, current / 1200)
    rate = current
    const interest = Math.round((balance * rate) / 1200)
    const repaid = term === terms ? balance : payment - interest
    balance -= repaid
    schedule.push({ term, due, principal: repaid, interest, balance, rate })
  }
  return schedule
}

/** Equal instalments, at a rate a month. */
export const paymentFor = (owed: number, left: number, monthly: number) => Math.round((owed * monthly) / (1 - (1 + monthly) ** -left))

/** Of the month. */
export const DUE_ON = '20'

/** Fen of penalty interest on a missed instalment. */
export const penaltyOn = ({ principal, interest, rate }: Instalment, days: number) =>
  Math.round((((principal + interest) * rate * PENALTY_FACTOR) / 100 / DAYS_OF_YEAR) * days)

function postingsOf(
  { principal, disbursed, terms, prepayment, late }: LoanTerms,
  schedule: readonly Instalment[],
  today: string,
): LoanPosting[] {
  const nothing = { principal: 0, interest: 0, penalty: 0, toOverdue: 0, toNormal: 0 }
  const events: Omit<LoanPosting, 'balance'>[] = []
  for (const instalment of schedule) {
    const { term, due, principal: repaid, interest } = instalment
    if (due > today) break
    if (prepayment?.beforeTerm === term) events.push({ ...nothing, day: prepayment.day, type: '03', term, principal: prepayment.amount })
    if (late?.term === term) {
      const penalty = penaltyOn(instalment, late.days)
      events.push({ ...nothing, day: addDays(due, 1), type: '99', term, toOverdue: repaid })
      events.push({ ...nothing, day: addDays(due, late.days), type: '04', term, principal: repaid, interest, penalty, toNormal: repaid })
    } else events.push({ ...nothing, day: due, type: term === terms ? '06' : '02', term, principal: repaid, interest })
  }
  let balance = principal
  const postings: LoanPosting[] = [{ ...nothing, day: disbursed, type: '01', term: 0, balance }]
  for (const event of events) {
    balance -= event.principal
    postings.push({ ...event, balance })
  }
  return postings
}
