import type { SandboxRow, SandboxSubject } from '../../../core/connector.ts'
import { type Loan, workOut } from './instalments.ts'

/** Loans by the borrower's index. Person 2 is the co-borrower of person 1; person 3 has a settled loan and a running one. */
export const loans: Readonly<Record<number, readonly Loan[]>> = {
  1: [
    workOut({
      account: '990100000000000011',
      contract: 'XCGJJ-JK-2023-00001',
      purchase: 'XCSF-2023-000018',
      principal: 30_000_000,
      rate: 3.1,
      terms: 180,
      downPayment: 16_800_000,
      signed: '20230418',
      disbursed: '20230512',
      firstMonth: '202306',
      coBorrower: { name: '甄晓禾', number: '411003198512310006', fundAccount: '99000000002', relation: '1' },
      prepayment: { beforeTerm: 15, day: '20240805', amount: 2_000_000 },
      late: { term: 20, paid: '20250205', penalty: 1_236 },
    }),
  ],
  3: [
    workOut({
      account: '990100000000000031',
      contract: 'XCGJJ-JK-2006-00031',
      purchase: 'XCSF-2006-000031',
      principal: 10_000_000,
      rate: 4.14,
      terms: 120,
      downPayment: 4_500_000,
      signed: '20060309',
      disbursed: '20060328',
      firstMonth: '200604',
      coBorrower: null,
      prepayment: null,
      late: null,
    }),
    workOut({
      account: '990100000000000032',
      contract: 'XCGJJ-JK-2017-00032',
      purchase: 'XCSF-2017-000032',
      principal: 15_000_000,
      rate: 3.25,
      terms: 96,
      downPayment: 9_200_000,
      signed: '20170221',
      disbursed: '20170310',
      firstMonth: '201704',
      coBorrower: null,
      prepayment: null,
      late: null,
    }),
  ],
}

export type Rows = (subject: SandboxSubject) => readonly SandboxRow[]

/** Rows for each loan of the person; none for somebody without one. */
export const perLoan =
  (rows: (loan: Loan, subject: SandboxSubject) => readonly SandboxRow[]): Rows =>
  (subject) =>
    (loans[subject.index] ?? []).flatMap((loan) => rows(loan, subject))
