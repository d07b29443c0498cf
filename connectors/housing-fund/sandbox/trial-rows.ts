import { addMonths, type SandboxRows, yuan } from '../../../core/connector.ts'
import { DUE_ON, type Loan, paymentFor, penaltyOn } from './instalments.ts'
import { loansOf } from './loans.ts'

const SHORTER = '2'

/** What is left to pay of so much owed, in fen: by so many equal instalments, or by instalments of that height. */
function course(owed: number, percent: number, { terms, payment }: { terms?: number; payment: number }) {
  const interests: number[] = []
  let balance = owed
  for (let term = 1; balance > 0; term++) {
    const interest = Math.round((balance * percent) / 1200)
    balance -= Math.min(balance, term === terms ? balance : payment - interest)
    interests.push(interest)
  }
  return { terms: interests.length, interest: interests.reduce((sum, interest) => sum + interest, 0) }
}

function trialOf(loan: Loan, amount: number, plan: string) {
  const { next, balance, rate } = loan
  if (!next) return []
  const terms = loan.terms - next.term + 1
  const payment = next.principal + next.interest
  const before = course(balance, rate, { terms, payment })
  const prepaid = Math.min(balance, amount)
  const owed = balance - prepaid
  const after =
    plan === SHORTER || prepaid === 0
      ? { payment, ...course(owed, rate, { payment, ...(prepaid === 0 ? { terms } : {}) }) }
      : { payment: paymentFor(owed, terms, rate / 1200), ...course(owed, rate, { terms, payment: paymentFor(owed, terms, rate / 1200) }) }
  return [
    {
      dkzh: loan.account,
      dkye: yuan(balance),
      dkll: String(rate),
      tqhkbj: yuan(prepaid),
      xyhje: yuan(payment),
      sshyhje: yuan(owed === 0 ? 0 : after.payment),
      syqs: before.terms,
      sshsyqs: after.terms,
      zhdqr: after.terms === 0 ? null : `${addMonths(next.due.slice(0, 6), after.terms - 1)}${DUE_ON}`,
      sylx: yuan(before.interest),
      sshsylx: yuan(after.interest),
      jslx: yuan(before.interest - after.interest),
      yqyrfx: yuan(penaltyOn(next, 1)),
    },
  ]
}

/** 还款试算 at today's rate and balance; a settled loan has nothing left to reckon with. */
export const trialRows: Readonly<Record<string, SandboxRows>> = {
  'loan-repayment-trial': (subject, world) => {
    const { tqhkje = 0, hkap = '1' } = subject.asked ?? {}
    return loansOf(subject, world).flatMap((loan) => trialOf(loan, Math.round(Number(tqhkje) * 100), String(hkap)))
  },
}
