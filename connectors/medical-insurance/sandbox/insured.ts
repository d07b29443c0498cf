import {
  addMonths,
  lastMonth,
  monthsBetween,
  type SandboxRow,
  type SandboxRows,
  type SandboxSubject,
  type SandboxWorld,
  yuan,
} from '../../../core/connector.ts'
import { ARRIVES_ON, BEGINS, EMPLOYEE_PERCENT, EMPLOYER_PERCENT } from './rules.ts'

export type Firm = SandboxWorld['firms'][number]
export type Life = SandboxWorld['people'][number]['life']

/** An insured person, as the agency sees a life. */
export interface Insured {
  readonly life: Life
  /** The job they have, or had last. */
  readonly job: Life['jobs'][number]
  readonly firm: Firm | undefined
  /** First month insured. */
  readonly since: string
  /** The last month for which their employer has paid; who has retired pays no more. */
  readonly through: string
  readonly world: SandboxWorld
}

export const paidThrough = ({ behind }: Pick<Firm, 'behind'>, today: string) => addMonths(lastMonth(today, ARRIVES_ON), -behind)

/** Whoever has, or had, a job is insured. */
export function insuredOf({ index }: SandboxSubject, world: SandboxWorld): Insured | undefined {
  const life = world.people[index - 1]?.life
  const job = life?.jobs.at(-1)
  if (!life || !job) return undefined
  const firm = world.firms.find((candidate) => candidate.index === job.firm)
  const first = life.jobs[0]?.from ?? job.from
  const through = job.until ?? paidThrough(firm ?? { behind: 0 }, world.today)
  return { life, job, firm, since: [first, BEGINS].sort()[1] ?? first, through, world }
}

/** Rows of an insured person, each with the number that says whose it is; nobody else has any. */
export const ofInsured =
  (rows: (person: Insured, subject: SandboxSubject) => readonly SandboxRow[]): SandboxRows =>
  (subject, world) => {
    const person = insuredOf(subject, world)
    return person ? rows(person, subject).map((row) => ({ psn_name: subject.name, certno: subject.number, ...row })) : []
  }

/** Rows of a unit, each with its unified social credit code. */
export const ofUnit =
  (rows: (firm: Firm, today: string) => readonly SandboxRow[]): SandboxRows =>
  ({ number }, { firms, today }) => {
    const firm = firms.find((candidate) => candidate.number === number)
    return firm ? rows(firm, today).map((row) => ({ emp_name: firm.name, uscc: number, ...row })) : []
  }

/** As many months as there are up to the last, newest first. */
export function recentMonths(count: number, last: string, first: string): string[] {
  const earliest = addMonths(last, 1 - count)
  return monthsBetween(earliest > first ? earliest : first, last).reverse()
}

const shareOf = (base: number) => ({
  employer: Math.round((base * EMPLOYER_PERCENT) / 100),
  employee: Math.round((base * EMPLOYEE_PERCENT) / 100),
})

/** Months of a person's contributions, in the agency's own keys, newest first. */
export function contributionRows({ life, since, through }: Insured, count: number): SandboxRow[] {
  return recentMonths(count, through, since).map((month) => {
    const base = life.jobs.find(({ from, until }) => from <= month && (until === null || month <= until))?.base ?? 0
    const { employer, employee } = shareOf(base)
    return {
      insutype: '310',
      emp_paid_amt: yuan(employer),
      psn_paid_amt: yuan(employee),
      clct_type: '10',
      clct_time: `${month.slice(0, 4)}-${month.slice(4)}-${ARRIVES_ON} 10:30:00`,
      clct_base: yuan(base),
    }
  })
}

/** What a firm owes for a month, in fen, and for how many. */
export function unitMonth({ staff }: Firm, month: string) {
  const shares = staff.filter(({ from }) => from <= month).map(({ base }) => shareOf(base))
  const sum = (key: 'employer' | 'employee') => shares.reduce((total, share) => total + share[key], 0)
  return { people: shares.length, employer: sum('employer'), employee: sum('employee') }
}

export const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
