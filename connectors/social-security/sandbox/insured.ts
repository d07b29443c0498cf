import { addMonths, monthsBetween, type SandboxRow, type SandboxSubject, SNAPSHOT, yuan } from '../../../core/connector.ts'

/** An invented unit; amounts are fen a person. */
export interface Unit {
  readonly uscc: string
  readonly name: string
  readonly number: string
  readonly division: string
  readonly registered: string
  readonly people: number
  readonly base: number
  /** Months that it is behind with its contributions. */
  readonly behind: number
}

/** The sandbox's enterprises (plugins/sandbox/people.ts), in its order. */
export const units: readonly Unit[] = [
  { uscc: '91411000MA0000015J', name: '许昌示例制造有限公司', people: 128, base: 820_000, registered: '200809', behind: 0 },
  { uscc: '91411000MA0000023D', name: '许昌虚拟商贸有限公司', people: 36, base: 546_000, registered: '201503', behind: 0 },
  { uscc: '91411000MA00000318', name: '许昌样本科技有限公司', people: 9, base: 730_000, registered: '201901', behind: 2 },
].map((unit, position) => ({
  ...unit,
  number: `4110009900${position + 1}`,
  division: ['411003', '411002', '411081'][position] ?? '411000',
}))

/** An invented insured person; amounts are fen. */
export interface Insured {
  readonly unit: Unit
  readonly base: number
  /** First month insured. */
  readonly since: string
  readonly retired: boolean
}

const [manufacturer, trader, laboratory] = units as [Unit, Unit, Unit]

/** By the person's index; person 7 is not insured. Person 3 has retired; the others work. */
export const insured: Readonly<Record<number, Insured>> = {
  1: { unit: manufacturer, base: 860_000, since: '201203', retired: false },
  2: { unit: trader, base: 645_050, since: '201007', retired: false },
  3: { unit: laboratory, base: 512_000, since: '198107', retired: true },
  4: { unit: trader, base: 420_000, since: '202308', retired: false },
  5: { unit: laboratory, base: 730_000, since: '200405', retired: false },
  6: { unit: manufacturer, base: 398_000, since: '202503', retired: false },
}

export type Rows = (subject: SandboxSubject) => readonly SandboxRow[]

/** Rows of an insured person, each with the number that says whose it is; nobody else has any. */
export const ofInsured =
  (rows: (person: Insured, subject: SandboxSubject) => readonly SandboxRow[]): Rows =>
  (subject) => {
    const person = insured[subject.index]
    return person ? rows(person, subject).map((row) => ({ AAC003: subject.name, AAE135: subject.number, ...row })) : []
  }

/** Rows of a unit, each with its unified social credit code. */
export const ofUnit =
  (rows: (unit: Unit) => readonly SandboxRow[]): Rows =>
  ({ number }) => {
    const unit = units.find(({ uscc }) => uscc === number)
    return unit ? rows(unit).map((row) => ({ AAB004: unit.name, AAB001: unit.number, BAB010: unit.uscc, ...row })) : []
  }

/** The last month for which contributions are in. */
export const LAST_MONTH = addMonths(SNAPSHOT.slice(0, 6), -1)

/** The latest months of contributions, newest first. */
export const recentMonths = (count: number, last = LAST_MONTH) => monthsBetween(addMonths(last, 1 - count), last).reverse()

/** Per cent of the base that employer and employee pay, by insurance. */
const rates: Readonly<Record<string, readonly [employer: number, employee: number]>> = {
  '110': [16, 8],
  '210': [0.7, 0.3],
  '310': [7.5, 2],
  '410': [0.4, 0],
}

export const shareOf = (insurance: string, base: number) => {
  const [employer, employee] = rates[insurance] ?? [0, 0]
  return { employer: Math.round((base * employer) / 100), employee: Math.round((base * employee) / 100) }
}

/** A month of a person's contributions, in the agency's own keys. */
export function monthRow(insurance: string, base: number, month: string): SandboxRow {
  const { employer, employee } = shareOf(insurance, base)
  return {
    AAE003: month,
    AAE140: insurance,
    AAA115: '10',
    AAE180: yuan(base),
    AAE080: yuan(employer),
    AAE082: yuan(employee),
    EAD131: `${month}25`,
  }
}
