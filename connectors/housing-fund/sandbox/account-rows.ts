import { addMonths, monthsBetween, type SandboxRow, type SandboxRows, type SandboxSubject, yuan } from '../../../core/connector.ts'
import {
  accountOf,
  balanceOf,
  contributionMonth,
  employerAccountOf,
  type FundAccount,
  type Posting,
  paidThrough,
  RATE,
  unitOpened,
} from './funds.ts'
import { application, postingsOf, reasons, statusOf, withdrawalCheck } from './withdrawing.ts'

/** Rows of a person who has an account; nobody else has any. */
const withAccount =
  (rows: (fund: FundAccount, subject: SandboxSubject) => readonly SandboxRow[]): SandboxRows =>
  (subject, world) => {
    const fund = accountOf(subject, world)
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
        dwjcbl: RATE,
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

const LEAD_MONTHS = 11
const VOUCHER_MONTHS = 2

const employerAccount: SandboxRows = ({ number }, { firms, today }) => {
  const firm = firms.find((candidate) => candidate.number === number)
  if (!firm) return []
  const { index, name, behind } = firm
  const account = employerAccountOf(index)
  const through = paidThrough(firm, today)
  /** Who was there in a month, and both shares of everybody's contribution. */
  const paidFor = (month: string) => {
    const present = firm.staff.filter(({ from }) => from <= month)
    return { people: present.length, amount: present.reduce((sum, { base }) => sum + 2 * Math.round(base * RATE), 0) }
  }
  const total = (months: readonly string[]) => months.reduce((sum, month) => sum + paidFor(month).amount, 0)
  const opened = unitOpened(firm)
  const unpaid = monthsBetween(addMonths(through, 1), addMonths(through, behind))
  return [
    {
      dwmc: name,
      dwzh: account,
      dwkhrq: opened,
      dwzhzt: '01',
      jzny: through,
      dwljjce: yuan(total(monthsBetween(opened.slice(0, 6), through))),
      dwjcrs: String(firm.staff.length),
      qjqk: behind === 0 ? '无欠缴' : `欠缴${behind}个月，合计${yuan(total(unpaid))}元`,
      zjjkmx: monthsBetween(addMonths(through, -LEAD_MONTHS), through)
        .reverse()
        .map((month) => ({
          jzrq: `${addMonths(month, 1)}15`,
          hbjny: month,
          ywmxlx: '01',
          fse: paidFor(month).amount / 100,
          fsrs: paidFor(month).people,
          ywlsh: `LS${month}${account.slice(-6)}`,
        })),
      zhkyye: '0.00',
      bz: behind === 0 ? '' : '请尽快补缴',
      ycbs: behind === 0 ? '0' : '1',
      pzfj: monthsBetween(addMonths(through, -VOUCHER_MONTHS), through)
        .reverse()
        .map((month) => ({ wjbh: `JKPZ${month}${account.slice(-6)}`, wjmc: `缴款凭证${month}.pdf`, wjlx: 'application/pdf' })),
    },
  ]
}

/** Everybody whom the unit pays for; of the people of the sandbox under the number of their own account. */
const employerContributors: SandboxRows = ({ number }, world) => {
  const firm = world.firms.find((candidate) => candidate.number === number)
  const account = employerAccountOf(firm?.index ?? null)
  return (firm?.staff ?? []).map(({ name, number: idNumber, from, base }, place) => {
    const person = world.people.find((candidate) => candidate.number === idNumber)
    const share = yuan(Math.round(base * RATE))
    return {
      dwzh: account,
      xingming: name,
      grzh: (person && accountOf(person, world)?.number) ?? `98${account.slice(-6)}${String(place + 1).padStart(3, '0')}`,
      grjcjs: yuan(base),
      gryjce: share,
      dwyjce: share,
      grzhzt: '01',
      qjny: from,
    }
  })
}

export const accountRows: Readonly<Record<string, SandboxRows>> = {
  'personal-account': personalAccount,
  'personal-transactions': personalTransactions,
  'home-withdrawal-records': homeWithdrawals,
  'employer-account': employerAccount,
  'employer-contributors': employerContributors,
  'withdrawal-check': withdrawalCheck,
  ...Object.fromEntries(Object.keys(reasons).map((service) => [service, application(service)])),
}
