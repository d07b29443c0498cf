import {
  addDays,
  addMonths,
  lastMonth,
  monthsBetween,
  type SandboxRow,
  type SandboxRows,
  type SandboxSubject,
  type SandboxWorld,
} from '../../../core/connector.ts'

export type Firm = SandboxWorld['firms'][number]
export type Life = SandboxWorld['people'][number]['life']

/** What the bureau alone knows of a firm: money in fen, of capital and of what of its turnover ends as value-added tax. */
interface File {
  readonly industry: string
  readonly office: string
  readonly capital: readonly { readonly from: string; readonly amount: number }[]
  readonly turnoverPerWages: number
  readonly burdenPercent: number
  readonly standards: string
}

const files: Readonly<Record<number, File>> = {
  1: {
    industry: '3489',
    office: '国家税务总局许昌市建安区税务局第一税务分局',
    capital: [
      { from: '20160301', amount: 500_000_000 },
      { from: '20190422', amount: 1_000_000_000 },
      { from: '20230810', amount: 2_000_000_000 },
    ],
    turnoverPerWages: 4.6,
    burdenPercent: 2.9,
    standards: '110',
  },
  2: {
    industry: '5199',
    office: '国家税务总局许昌市魏都区税务局第二税务分局',
    capital: [{ from: '20180618', amount: 200_000_000 }],
    turnoverPerWages: 9.2,
    burdenPercent: 0.9,
    standards: '200',
  },
  3: {
    industry: '6513',
    office: '国家税务总局禹州市税务局第一税务分局',
    capital: [
      { from: '20201120', amount: 300_000_000 },
      { from: '20240715', amount: 100_000_000 },
    ],
    turnoverPerWages: 2.1,
    burdenPercent: 2.6,
    standards: '200',
  },
}

export interface Taxpayer {
  readonly firm: Firm
  readonly file: File
  readonly today: string
}

/** Rows of a firm, each with its name and code; nobody else has any. */
export const ofFirm =
  (rows: (taxpayer: Taxpayer) => readonly SandboxRow[]): SandboxRows =>
  (subject, world) => {
    const taxpayer = firmOf(subject, world)
    return taxpayer ? rows(taxpayer).map((row) => ({ nsrmc: subject.name, nsrsbh: subject.number, ...row })) : []
  }

export function firmOf({ number }: SandboxSubject, { firms, today }: SandboxWorld): Taxpayer | null {
  const firm = firms.find((candidate) => candidate.number === number)
  const file = firm && files[firm.index]
  return firm && file ? { firm, file, today } : null
}

/** Wages of a month, in fen. */
export const wagesIn = ({ staff }: Firm, month: string) =>
  staff.filter(({ from }) => from <= month).reduce((sum, { base }) => sum + base, 0)

/** A little more or less each month, as business goes. */
const season = (month: string) => 0.9 + ((Number(month.slice(4)) * 7) % 21) / 100

export const turnoverIn = ({ firm, file }: Taxpayer, month: string) =>
  Math.round(wagesIn(firm, month) * file.turnoverPerWages * season(month))

export const vatIn = (taxpayer: Taxpayer, month: string) => Math.round((turnoverIn(taxpayer, month) * taxpayer.file.burdenPercent) / 100)

/** As many months as there are up to the last, newest first. */
export function recentMonths(count: number, last: string, first: string): string[] {
  const earliest = addMonths(last, 1 - count)
  return monthsBetween(earliest > first ? earliest : first, last).reverse()
}

/** The last month whose taxes were due by today: a month's are due in the next. */
export const lastDue = (today: string, day: number) => addMonths(lastMonth(today, day), -1)

export const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
export const dayIn = (month: string, day: number) => `${month}${String(day).padStart(2, '0')}`
export const endOf = (month: string) => addDays(`${addMonths(month, 1)}01`, -1)
export const inTenThousands = (fen: number) => (fen / 1_000_000).toFixed(2)
