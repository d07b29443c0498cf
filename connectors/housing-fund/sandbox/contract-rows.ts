import { yuan } from '../../../core/connector.ts'
import { accounts } from './funds.ts'
import { loans, perLoan, type Rows } from './loans.ts'

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

const contract = perLoan((loan, { index, name, number }) => [
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
    jkhtll: String(loan.rate),
    gfsfk: loan.downPayment / 100,
    jkrgjjzh: accounts[index]?.number,
    jkrxm: name,
    jkrzjlx: '01',
    jkrzjh: number,
    jkhtqdrq: loan.signed,
    ydhkr: '20',
  },
])

/** Borrower and co-borrower both see the co-borrowers of their contract. */
const coBorrowers: Rows = ({ number, index }) =>
  Object.entries(loans).flatMap(([borrower, theirs]) =>
    theirs.flatMap(({ contract: jkhtbh, coBorrower }) => {
      if (!coBorrower || (Number(borrower) !== index && coBorrower.number !== number)) return []
      const { name, number: zjhm, fundAccount, relation } = coBorrower
      return [{ gtjkrgjjzh: fundAccount, jkhtbh, gtjkrxm: name, gtjkrzjlx: '01', gtjkrzjhm: zjhm, cdgx: relation }]
    }),
  )

export const contractRows: Readonly<Record<string, Rows>> = {
  'loan-information': information,
  'loan-contract': contract,
  'co-borrowers': coBorrowers,
}
