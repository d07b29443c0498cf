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
import { ARRIVES_ON, begins, rates } from './rules.ts'

export type Firm = SandboxWorld['firms'][number]
export type Life = SandboxWorld['people'][number]['life']

/** An insured person, as the agency sees a life. */
export interface Insured {
  readonly life: Life
  /** The job they have, or had last. */
  readonly job: Life['jobs'][number]
  readonly division: string
  readonly working: boolean
  /** The last month for which their employer has paid. */
  readonly through: string
  readonly world: SandboxWorld
}

const CITY = '411002'

/** The last month that a firm has paid for. */
export const paidThrough = ({ behind }: Pick<Firm, 'behind'>, today: string) => addMonths(lastMonth(today, ARRIVES_ON), -behind)

/** Whoever has, or had, a job is insured. */
export function insuredOf({ index }: SandboxSubject, world: SandboxWorld): Insured | undefined {
  const life = world.people[index - 1]?.life
  const job = life?.jobs.at(-1)
  if (!life || !job) return undefined
  const firm = world.firms.find((candidate) => candidate.index === job.firm)
  const through = job.until ?? paidThrough(firm ?? { behind: 0 }, world.today)
  return { life, job, division: firm?.division ?? CITY, working: job.until === null, through, world }
}

/** Rows of an insured person, each with the number that says whose it is; nobody else has any. */
export const ofInsured =
  (rows: (person: Insured, subject: SandboxSubject) => readonly SandboxRow[]): SandboxRows =>
  (subject, world) => {
    const person = insuredOf(subject, world)
    return person ? rows(person, subject).map((row) => ({ AAC003: subject.name, AAE135: subject.number, ...row })) : []
  }

/** Rows of a unit, each with its unified social credit code. */
export const ofUnit =
  (rows: (firm: Firm, today: string) => readonly SandboxRow[]): SandboxRows =>
  ({ number }, { firms, today }) => {
    const firm = firms.find((candidate) => candidate.number === number)
    return firm ? rows(firm, today).map((row) => ({ AAB004: firm.name, AAB001: `4110009900${firm.index}`, BAB010: number, ...row })) : []
  }

/** The later of two months or days. */
export const later = (one: string, other: string) => (one > other ? one : other)

/** The first month in which somebody with such a life was insured. */
export const firstMonth = ({ jobs }: Life, insurance: string) => later(jobs[0]?.from ?? '', begins[insurance] ?? '')

/** As many months as there are up to the last, newest first. */
export const recentMonths = (count: number, last: string, first = '') =>
  monthsBetween(later(addMonths(last, 1 - count), first), last).reverse()

/** What somebody earned in a month; nothing between jobs. */
const baseIn = ({ jobs }: Life, month: string) =>
  jobs.find(({ from, until }) => from <= month && (until === null || month <= until))?.base ?? 0

export const shareOf = (insurance: string, base: number) => {
  const [employer, employee] = rates[insurance] ?? [0, 0]
  return { employer: Math.round((base * employer) / 100), employee: Math.round((base * employee) / 100) }
}

/** Months of a person's contributions, in the agency's own keys, newest first. */
export function monthRows(insurance: string, { life, through }: Insured, count: number): SandboxRow[] {
  return recentMonths(count, through, firstMonth(life, insurance)).map((month) => {
    const base = baseIn(life, month)
    const { employer, employee } = shareOf(insurance, base)
    return {
      AAE003: month,
      AAE140: insurance,
      AAA115: '10',
      AAE180: yuan(base),
      AAE080: yuan(employer),
      AAE082: yuan(employee),
      EAD131: `${month}${ARRIVES_ON}`,
    }
  })
}

/** What a firm owes for a month: how many are there, their wages and what both sides pay. */
export function unitMonth({ staff }: Firm, insurance: string, month: string) {
  const present = staff.filter(({ from }) => from <= month)
  const shares = present.map(({ base }) => shareOf(insurance, base))
  const sum = (key: 'employer' | 'employee') => shares.reduce((total, share) => total + share[key], 0)
  return {
    people: present.length,
    base: present.reduce((total, { base }) => total + base, 0),
    employer: sum('employer'),
    employee: sum('employee'),
  }
}
