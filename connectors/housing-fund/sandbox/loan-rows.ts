import { type SandboxRow, type SandboxRows, yuan } from '../../../core/connector.ts'
import type { Loan, LoanPosting } from './instalments.ts'
import { perLoan } from './loans.ts'

const AGENCY = '许昌市住房公积金管理中心示例管理部'
const voucher = (number: string) => [
  { wjbh: number, wjmc: `还款凭证${number}.pdf`, wjlx: 'application/pdf', wjdz: `https://files.invalid/${number}` },
]

const account = perLoan((loan) => {
  const { next, postings, late } = loan
  const sum = (key: 'principal' | 'interest' | 'penalty') => postings.reduce((total, posting) => total + posting[key], 0)
  const settled = postings.find(({ type }) => type === '04')
  const missed = settled && loan.schedule.find(({ term }) => term === late?.term)
  return [
    {
      dkzh: loan.account,
      jkhtbh: loan.contract,
      dkffe: yuan(loan.principal),
      dkffrq: loan.disbursed,
      dkye: yuan(loan.balance),
      dkll: String(loan.rate),
      syqs: next ? loan.terms - next.term + 1 : 0,
      dqqc: next ? next.term : loan.terms,
      dqjhghbj: yuan(next?.principal ?? 0),
      dqjhghlx: yuan(next?.interest ?? 0),
      dqjhhkje: yuan(next ? next.principal + next.interest : 0),
      dqyhje: yuan(next ? next.principal + next.interest : 0),
      dqyhrq: next?.due ?? '',
      dkjqrq: next ? '' : postings.at(-1)?.day,
      hsbjze: yuan(sum('principal')),
      hslxze: yuan(sum('interest')),
      tqhkjl: postings
        .filter(({ type }) => type === '03')
        .map(({ day, principal }) => ({ ywfsrq: day, bjje: yuan(principal), lxje: '0.00' })),
      yqjl: missed ? [{ yqqc: missed.term, yqbj: yuan(missed.principal), yqlx: yuan(missed.interest), ssrq: settled.day }] : [],
      fxmx: settled ? [{ yqqc: settled.term, fxje: yuan(settled.penalty), jzrq: settled.day }] : [],
      hkjhb: loan.schedule.map(({ term, due, principal, interest, balance }) => ({
        hkqc: term,
        yhrq: due,
        yhbj: principal / 100,
        yhlx: interest / 100,
        yhje: (principal + interest) / 100,
        syye: balance / 100,
      })),
      qd: '05',
      pzfj: voucher(`PZ${loan.account}`),
      ljyqqs: settled ? 1 : 0,
      fxze: yuan(sum('penalty')),
    },
  ]
})

const ofLoan = perLoan((loan) => loan.postings.map((posting, position) => transaction(loan, posting, position)).reverse())
/** Of all loans, the newest first. */
const transactions: SandboxRows = (subject, world) =>
  ofLoan(subject, world).toSorted((a, b) => String(b['jzrq']).localeCompare(String(a['jzrq'])))

const serial = (loan: Loan, day: string, position: number) => `LS${day}${loan.account.slice(-2)}${String(position).padStart(4, '0')}`

function transaction(loan: Loan, posting: LoanPosting, position: number): SandboxRow {
  const repaid = posting.principal + posting.interest + posting.penalty
  return {
    dkzh: loan.account,
    ywlsh: serial(loan, posting.day, position),
    dkywmxlx: posting.type,
    ywfsrq: posting.day,
    fse: (posting.type === '01' ? loan.principal : repaid) / 100,
    bjje: posting.principal / 100,
    lxje: posting.interest / 100,
    fxje: posting.penalty / 100,
    dqqc: String(posting.term),
    zczyqbjje: posting.toOverdue / 100,
    yqzzcbjje: posting.toNormal / 100,
    jzrq: posting.day,
    jyhye: yuan(posting.balance),
    czqd: posting.type === '03' ? '03' : '05',
    jbjg: AGENCY,
    czr: '示例员',
    pzfj: posting.term === 0 ? [] : voucher(`PZ${serial(loan, posting.day, position)}`),
  }
}

/** The missed instalment, paid in full since. `jkhtbh` is there for the query by contract. */
const overdueEvents = perLoan((loan) => {
  const position = loan.postings.findIndex(({ type }) => type === '04')
  const paid = loan.postings[position]
  if (!paid) return []
  const received = { yqbj: yuan(paid.principal), yqlx: yuan(paid.interest), yqfx: yuan(paid.penalty) }
  return [
    {
      dkzh: loan.account,
      jkhtbh: loan.contract,
      yqqc: paid.term,
      ...received,
      ychj: yuan(paid.principal + paid.interest + paid.penalty),
      ssyqbjje: received.yqbj,
      ssyqlxje: received.yqlx,
      ssyqfxje: received.yqfx,
      ssrq: paid.day,
      hkqc: paid.term,
      ywlsh: serial(loan, paid.day, position),
      skqd: '05',
      jbjg: AGENCY,
      csf: '示例银行许昌分行',
      syqk: '0.00',
      jqzt: '03',
      pzfj: voucher(`PZ${serial(loan, paid.day, position)}`),
      bz: '',
    },
  ]
})

/** What the centre knows of an appeal against one of those: the event that it is about. */
const appeals: SandboxRows = (subject, world) =>
  overdueEvents(subject, world).map(({ dkzh, yqqc }) => ({
    ...{ sqzt: '01', dkzh, yqqc, yylx: '1', shjg: '00', cjsj: `${world.today}090000` },
    ...{
      dfyj: '经核查银行扣款记录，答复意见以答复函为准',
      dfh: [{ wjbh: `DFH${dkzh}`, wjmc: '异议申诉答复函.pdf', wjlx: 'application/pdf' }],
    },
  }))

export const loanRows: Readonly<Record<string, SandboxRows>> = {
  'loan-account': account,
  'loan-transactions': transactions,
  'loan-overdue-events': overdueEvents,
  'loan-overdue-appeal': appeals,
}
