import { addMonths, SNAPSHOT } from '../../../core/connector.ts'

/** An invented loan with equal instalments; amounts are fen, the rate is percent a year. */
interface LoanTerms {
  readonly account: string
  readonly contract: string
  readonly purchase: string
  readonly principal: number
  readonly rate: number
  readonly terms: number
  readonly downPayment: number
  readonly signed: string
  readonly disbursed: string
  /** Month of the first instalment; all are due on the 20th. */
  readonly firstMonth: string
  readonly coBorrower: { readonly name: string; readonly number: string; readonly fundAccount: string; readonly relation: string } | null
  readonly prepayment: { readonly beforeTerm: number; readonly day: string; readonly amount: number } | null
  /** An instalment that was missed and paid later. */
  readonly late: { readonly term: number; readonly paid: string; readonly penalty: number } | null
}

interface Instalment {
  readonly term: number
  readonly due: string
  readonly principal: number
  readonly interest: number
  readonly balance: number
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
  readonly schedule: readonly Instalment[]
  readonly postings: readonly LoanPosting[]
  readonly balance: number
  /** The instalment that falls due next; none once the loan is settled. */
  readonly next: Instalment | null
}

/** Works out what became of a loan up to the sandbox's day. */
export function workOut(terms: LoanTerms): Loan {
  const schedule = scheduleOf(terms)
  const postings = postingsOf(terms, schedule)
  return {
    ...terms,
    schedule,
    postings,
    balance: postings.at(-1)?.balance ?? terms.principal,
    next: schedule.find(({ due }) => due > SNAPSHOT) ?? null,
  }
}

/** A prepayment lowers the instalments that follow and leaves their number. */
function scheduleOf({ principal, rate, terms, firstMonth, prepayment }: LoanTerms): Instalment[] {
  const monthly = rate / 1200
  const paymentFor = (owed: number, left: number) => Math.round((owed * monthly) / (1 - (1 + monthly) ** -left))
  const schedule: Instalment[] = []
  let balance = principal
  let payment = paymentFor(balance, terms)
  for (let term = 1; term <= terms; term++) {
    if (prepayment?.beforeTerm === term) {
      balance -= prepayment.amount
      payment = paymentFor(balance, terms - term + 1)
    }
    const interest = Math.round(balance * monthly)
    const repaid = term === terms ? balance : payment - interest
    balance -= repaid
    schedule.push({ term, due: `${addMonths(firstMonth, term - 1)}20`, principal: repaid, interest, balance })
  }
  return schedule
}

function postingsOf({ principal, disbursed, terms, prepayment, late }: LoanTerms, schedule: readonly Instalment[]): LoanPosting[] {
  const nothing = { principal: 0, interest: 0, penalty: 0, toOverdue: 0, toNormal: 0 }
  const events: Omit<LoanPosting, 'balance'>[] = []
  for (const { term, due, principal: repaid, interest } of schedule) {
    if (due > SNAPSHOT) break
    if (prepayment?.beforeTerm === term) events.push({ ...nothing, day: prepayment.day, type: '03', term, principal: prepayment.amount })
    if (late?.term === term) {
      events.push({ ...nothing, day: String(Number(due) + 1), type: '99', term, toOverdue: repaid })
      events.push({ ...nothing, day: late.paid, type: '04', term, principal: repaid, interest, penalty: late.penalty, toNormal: repaid })
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
