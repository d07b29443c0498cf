import { addMonths, type SandboxRows, type SandboxSubject, type SandboxWorld, yuan } from '../../../core/connector.ts'
import { accountOf, balanceOf, type FundAccount, ledgerOf, type Posting } from './funds.ts'
import { loansOf } from './loans.ts'

type Filed = NonNullable<SandboxSubject['filed']>

/** Reasons (A.7) by the service that files for them. */
export const reasons: Readonly<Record<string, string>> = {
  'overseas-settlement-withdrawal': '05',
  'incapacity-withdrawal': '04',
  'rental-housing-withdrawal': '07',
  'employment-termination-withdrawal': '99',
  'retirement-withdrawal': '03',
}
const RENT = '07'

/** What other agencies have on file of a life. How old one must be is the social security's to say, which approves. */
function hasGround(reason: string, { index }: SandboxSubject, { people, today }: SandboxWorld): boolean {
  const life = people[index - 1]?.life
  const until = life?.jobs.at(-1)?.until ?? null
  const left = life?.retirement === null ? until : null
  const grounds: Readonly<Record<string, string | null | undefined>> = {
    '03': life?.retirement?.day,
    // 住房公积金管理条例 24: who cannot work any more has left the employer as well.
    '04': left === null ? null : life?.incapacity,
    '05': life?.emigration,
    // Half a year after the last month with an employer.
    '99': left === null ? null : `${addMonths(left, 7)}01`,
  }
  const since = grounds[reason] ?? null
  return since !== null && since <= today
}

const missing: Readonly<Record<string, string>> = {
  '03': '人社部门没有您的退休审批信息，不符合退休提取条件',
  '04': '没有您完全丧失劳动能力的鉴定结论，不符合提取条件',
  '05': '没有您的户口注销或者出境定居信息，不符合提取条件',
  '99': '账户封存未满半年或者已在新单位缴存，不符合提取条件',
}

/** An invented limit of a year's rent, in fen. */
const RENT_LIMIT = 720_000

const isOver = ({ state }: Filed[number]) => state === 'arrived' || state === 'closed'
const isOpen = ({ final }: Filed[number]) => !final

/** Beijing day of a time. */
const dayOf = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '')

/** The one place where a balance is read: the account's postings, those of withdrawals that were paid included. */
export function postingsOf(fund: FundAccount, filed: Filed = []): readonly Posting[] {
  const postings = [...ledgerOf(fund)]
  for (const filing of filed.filter(isOver)) {
    const reason = reasons[filing.service]
    if (reason === undefined) continue
    const amount = reason === RENT ? Math.round(Number(filing.params['tqje']) * 100) : balanceOf(postings)
    const paid = { day: dayOf(filing.at), amount, interest: 0, currentYear: 0, carryover: amount, reason }
    postings.push({ ...paid, type: reason === RENT ? '11' : '12' })
  }
  return postings
}

export function statusOf(fund: FundAccount, filed: Filed = []): string {
  return filed.some((filing) => isOver(filing) && (reasons[filing.service] ?? RENT) !== RENT) ? '05' : fund.status
}

/** In fen: the whole balance, or what is left of the year's limit. */
function availableTo(fund: FundAccount, filed: Filed, reason: string): number {
  const balance = balanceOf(postingsOf(fund, filed))
  if (reason !== RENT) return balance
  const year = fund.today.slice(0, 4)
  const rents = filed.filter((filing) => reasons[filing.service] === RENT && dayOf(filing.at).startsWith(year) && isOver(filing))
  const taken = rents.reduce((sum, { params }) => sum + Math.round(Number(params['tqje']) * 100), 0)
  return Math.max(0, Math.min(balance, RENT_LIMIT - taken))
}

const hasRunningLoan = (subject: SandboxSubject, world: SandboxWorld) => loansOf(subject, world).some(({ balance }) => balance > 0)

/** Why this person may not withdraw for this reason; '' where nothing is in the way. */
function obstacle(fund: FundAccount, subject: SandboxSubject, reason: string, world: SandboxWorld): string {
  const { filed = [], asked = {} } = subject
  const open = filed.find((filing) => isOpen(filing) && filing.service in reasons)
  const account = asked['skzhhm']
  if (statusOf(fund, filed) === '05') return '账户已经销户，不能再次提取'
  if (open) return `已有一笔提取正在办理（${open.reference}），办结后才能再次申请`
  if (statusOf(fund, filed) === '06') return '账户已被冻结，暂时不能提取'
  if (account !== undefined && account !== fund.bankAccount) return '收款账户与申请人不符，须使用申请人本人名下的银行账户'
  if (reason === RENT) return availableTo(fund, filed, reason) > 0 ? '' : '本年度的租房提取额度已经用完'
  if (hasRunningLoan(subject, world)) return '住房公积金贷款尚未结清，不能销户提取'
  return hasGround(reason, subject, world) ? '' : (missing[reason] ?? '不符合提取条件')
}

/** 提取验证: what stands in the way, and how much may be taken. */
export const withdrawalCheck: SandboxRows = (subject, world) => {
  const fund = accountOf(subject, world)
  if (!fund) return []
  const { filed = [], asked = {} } = subject
  const reason = String(asked['tqyy'] ?? RENT)
  const postings = postingsOf(fund, filed)
  const words = obstacle(fund, subject, reason, world)
  const account = asked['skzhhm']
  const last = postings.findLast(({ type }) => type === '11' || type === '12')
  return [
    {
      yzbh: `YZ${world.today}${fund.number}${reason}`,
      yzsj: new Date(world.now + 8 * 3_600_000).toISOString().replace(/\D/g, '').slice(0, 14),
      kfbl: words === '' ? '1' : '0',
      bkfyy: words,
      grzhzt: statusOf(fund, filed),
      grzhye: yuan(balanceOf(postings)),
      ktqje: yuan(words === '' ? availableTo(fund, filed, reason) : 0),
      wjqdk: hasRunningLoan(subject, world) ? '1' : '0',
      sfdj: fund.status === '06' ? '1' : '0',
      sctqrq: last?.day ?? null,
      skzhhy: account === undefined ? '9' : account === fund.bankAccount ? '1' : '0',
    },
  ]
}

/** What the agency knows when an application comes in; number, times and states are the platform's to make up. */
export const application =
  (service: string): SandboxRows =>
  (subject, world) => {
    const fund = accountOf(subject, world)
    const reason = reasons[service] ?? RENT
    if (!fund || obstacle(fund, subject, reason, world) !== '') return []
    const amount = availableTo(fund, subject.filed ?? [], reason)
    return [{ yhjbxx: subject.name, grzh: fund.number, tqje: yuan(amount), skzhhm: fund.bankAccount }]
  }
