import { addMonths, monthsBetween, type SandboxRow, type SandboxSubject, SNAPSHOT, yuan } from '../../../core/connector.ts'
import { accounts, balanceOf, contributionMonth, employers, type FundAccount, type Posting } from './funds.ts'
import { application, postingsOf, reasons, statusOf, withdrawalCheck } from './withdrawing.ts'

type Rows = (subject: SandboxSubject) => readonly SandboxRow[]

/** Rows of a person who has an account; nobody else has any. */
const withAccount =
  (rows: (fund: FundAccount, subject: SandboxSubject) => readonly SandboxRow[]): Rows =>
  (subject) => {
    const fund = accounts[subject.index]
    return fund ? rows(fund, subject) : []
  }

const personalAccount = withAccount((fund, { name, number, filed }) => {
  const ledger = postingsOf(fund, filed)
  const contributions = ledger.filter(({ type }) => type === '01').reverse()
  const last = ledger.at(-1)?.day ?? fund.opened
  const active = fund.status === '01' && statusOf(fund, filed) === '01'
  return [
    {
      xingming: name,
      zjlx: '01',
      zjhm: number,
      grzh: fund.number,
      dwzh: fund.employer.account,
      grjcjs: yuan(fund.base),
      gryjce: active ? yuan(fund.share) : '0.00',
      dwyjce: active ? yuan(fund.share) : '0.00',
      grzhzt: statusOf(fund, filed),
      grzhye: yuan(balanceOf(ledger)),
      jcnymx: contributions.map((entry) => ({
        hbjny: contributionMonth(entry),
        gryjce: yuan(fund.share),
        dwyjce: yuan(fund.share),
        fse: yuan(entry.amount),
        gjhtqywlx: entry.type,
        jzrq: entry.day,
      })),
      dwjcmx: contributions.map((entry) => ({
        hbjny: contributionMonth(entry),
        dwmc: fund.employer.name,
        dwjcbl: 0.12,
        dwyjce: fund.share / 100,
        jzrq: entry.day,
      })),
      dzsj: `${last}093012`,
      jzsj: `${last}180000`,
    },
  ]
})

const personalTransactions = withAccount((fund, { filed }) =>
  [...postingsOf(fund, filed)].reverse().map((entry) => transaction(fund, entry)),
)

function transaction({ number }: FundAccount, { day, type, amount, interest, currentYear, carryover, reason }: Posting): SandboxRow {
  return {
    grzh: number,
    jzrq: day,
    gjhtqywlx: type,
    fse: amount / 100,
    dngjfse: currentYear / 100,
    snjzfse: carryover / 100,
    fslxe: interest / 100,
    tqyy: reason,
    tqfs: reason === null ? null : '02',
  }
}

const homeWithdrawals = withAccount(({ homeWithdrawal }, { name, number }) =>
  homeWithdrawal ? [{ fwzl: homeWithdrawal.house, skzhmc: name, ytqje: yuan(homeWithdrawal.amount), zjhm: number }] : [],
)

const employerFacts = [
  { people: 128, perHead: 196_800, opened: '20080912', behind: 0 },
  { people: 36, perHead: 131_040, opened: '20150320', behind: 0 },
  { people: 9, perHead: 175_200, opened: '20190107', behind: 2 },
] as const

const employerAccount: Rows = ({ index, name }) => {
  const facts = employerFacts[index - 1]
  const employer = employers[index - 1]
  if (!facts || !employer) return []
  const monthly = facts.people * facts.perHead
  const paidThrough = addMonths(SNAPSHOT, -1 - facts.behind)
  const paidSinceOpening = monthsBetween(facts.opened.slice(0, 6), paidThrough).length
  return [
    {
      dwmc: name,
      dwzh: employer.account,
      dwkhrq: facts.opened,
      dwzhzt: '01',
      jzny: paidThrough,
      dwljjce: yuan(monthly * paidSinceOpening),
      dwjcrs: String(facts.people),
      qjqk: facts.behind === 0 ? '无欠缴' : `欠缴${facts.behind}个月，合计${yuan(monthly * facts.behind)}元`,
      zjjkmx: monthsBetween(addMonths(paidThrough, -11), paidThrough)
        .reverse()
        .map((month) => ({
          jzrq: `${addMonths(month, 1)}15`,
          hbjny: month,
          ywmxlx: '01',
          fse: monthly / 100,
          fsrs: facts.people,
          ywlsh: `LS${month}${employer.account.slice(-6)}`,
        })),
      zhkyye: '0.00',
      bz: facts.behind === 0 ? '' : '请尽快补缴',
      ycbs: facts.behind === 0 ? '0' : '1',
    },
  ]
}

export const accountRows: Readonly<Record<string, Rows>> = {
  'personal-account': personalAccount,
  'personal-transactions': personalTransactions,
  'home-withdrawal-records': homeWithdrawals,
  'employer-account': employerAccount,
  'withdrawal-check': withdrawalCheck,
  ...Object.fromEntries(Object.keys(reasons).map((service) => [service, application(service)])),
}
