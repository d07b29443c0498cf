import { type SandboxRows, yuan } from '../../../core/connector.ts'
import { accountOf } from './funds.ts'
import { DUE_ON } from './instalments.ts'
import { loansOf, perLoan } from './loans.ts'
import { rateOf } from './rates.ts'

const information = perLoan((loan, { name, number }) => [
  {
    jkrxm: name,
    jkrzjlx: '01',
    jkrzjh: number,
    gfsfk: yuan(loan.downPayment),
    dkqs: String(loan.terms),
    htdkje: yuan(loan.principal),
    jkhtqdrq: loan.signed,
    dkzt: loan.next ? '01' : '03',
    dkye: yuan(loan.balance),
    dkll: loan.rate,
    dklx: '01',
    jkhtbh: loan.contract,
    cjsj: `${loan.signed}101500`,
    gxsj: `${loan.postings.at(-1)?.day ?? loan.disbursed}183000`,
  },
])

const contract = perLoan((loan, subject, world) => [
  {
    jkhtbh: loan.contract,
    gfhtbh: loan.purchase,
    swtyhmc: '示例银行许昌分行',
    dkdblx: '01',
    ydfkrq: loan.disbursed,
    yddqrq: loan.schedule.at(-1)?.due,
    dkhkfs: '01',
    htdkje: loan.principal / 100,
    dklx: '01',
    dkqs: loan.terms,
    jkhtll: String(rateOf(loan.signed, loan.signed)),
    gfsfk: loan.downPayment / 100,
    jkrgjjzh: accountOf(subject, world)?.number,
    jkrxm: subject.name,
    jkrzjlx: '01',
    jkrzjh: subject.number,
    jkhtqdrq: loan.signed,
    ydhkr: DUE_ON,
  },
])

/** Borrower and co-borrower both see the co-borrowers of their contract. */
const coBorrowers: SandboxRows = (subject, world) =>
  world.people.flatMap((borrower) =>
    loansOf(borrower, world).flatMap(({ contract: jkhtbh, coBorrower }) => {
      if (!coBorrower || (borrower.number !== subject.number && coBorrower.number !== subject.number)) return []
      const { name, number: zjhm, fundAccount, relation } = coBorrower
      return [{ jkrzjh: borrower.number, gtjkrgjjzh: fundAccount, jkhtbh, gtjkrxm: name, gtjkrzjlx: '01', gtjkrzjhm: zjhm, cdgx: relation }]
    }),
  )

export const contractRows: Readonly<Record<string, SandboxRows>> = {
  'loan-information': information,
  'loan-contract': contract,
  'co-borrowers': coBorrowers,
}
