import { addDays, addMonths, type SandboxRow, type SandboxRows, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'
import { accountOf } from './funds.ts'
import { type Loan, type LoanTerms, workOut } from './instalments.ts'

/** What became of a person's loans, in the order of the life's: whose they are, for what and how much, says the life. */
const courses: Readonly<Record<number, readonly Pick<LoanTerms, 'prepayment' | 'late'>[]>> = {
  1: [{ prepayment: { beforeTerm: 61, day: '20240805', amount: 2_000_000 }, late: { term: 66, days: 16 } }],
}

/** The person's loans; a spouse borrows with them, as whoever is married when it is signed. */
export function loansOf({ index }: SandboxSubject, world: SandboxWorld): readonly Loan[] {
  const life = world.people[index - 1]?.life
  const spouse = world.people[(life?.marriage?.spouse ?? 0) - 1]
  return (life?.loans ?? []).map(({ signed, principal, terms, price }, position) => {
    const year = signed.slice(0, 4)
    const married = spouse && life?.marriage && life.marriage.day <= signed
    const own = {
      account: `9901000000000000${index}${position + 1}`,
      contract: `XCGJJ-JK-${year}-000${index}${position + 1}`,
      purchase: `XCSF-${year}-0000${index}${position + 1}`,
      ...{ principal, terms, signed },
      downPayment: price - principal,
      disbursed: addDays(signed, 21),
      firstMonth: addMonths(addDays(signed, 21).slice(0, 6), 1),
      coBorrower: married
        ? { name: spouse.name, number: spouse.number, fundAccount: accountOf(spouse, world)?.number ?? '', relation: '1' }
        : null,
      ...(courses[index]?.[position] ?? { prepayment: null, late: null }),
    }
    return workOut(own, world.today)
  })
}

/** Rows for each loan of the person; none for somebody without one. */
export const perLoan =
  (rows: (loan: Loan, subject: SandboxSubject, world: SandboxWorld) => readonly SandboxRow[]): SandboxRows =>
  (subject, world) =>
    loansOf(subject, world).flatMap((loan) => rows(loan, subject, world))
