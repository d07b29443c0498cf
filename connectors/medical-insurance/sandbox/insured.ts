import { addMonths, monthsBetween, type SandboxRow, type SandboxSubject, SNAPSHOT, yuan } from '../../../core/connector.ts'

/** An invented unit; base is fen a person. */
export interface Unit {
  readonly uscc: string
  readonly name: string
  readonly people: number
  readonly base: number
}

/** The sandbox's enterprises (plugins/sandbox/people.ts), in its order. */
export const units: readonly Unit[] = [
  { uscc: '91411000MA0000015J', name: '许昌示例制造有限公司', people: 128, base: 820_000 },
  { uscc: '91411000MA0000023D', name: '许昌虚拟商贸有限公司', people: 36, base: 546_000 },
  { uscc: '91411000MA00000318', name: '许昌样本科技有限公司', people: 9, base: 730_000 },
]

/** An invented insured person; amounts are fen. */
export interface Insured {
  readonly unit: Unit
  readonly base: number
  /** First day insured. */
  readonly since: string
  readonly balance: number
}

const [manufacturer, trader, laboratory] = units as [Unit, Unit, Unit]

/** By the person's index; person 7 is not insured. */
export const insured: Readonly<Record<number, Insured>> = {
  1: { unit: manufacturer, base: 860_000, since: '20120301', balance: 486_250 },
  2: { unit: trader, base: 645_050, since: '20100701', balance: 312_008 },
  3: { unit: laboratory, base: 512_000, since: '20010101', balance: 905_530 },
  4: { unit: trader, base: 420_000, since: '20230801', balance: 64_100 },
  5: { unit: laboratory, base: 730_000, since: '20040501', balance: 250_075 },
  6: { unit: manufacturer, base: 398_000, since: '20250301', balance: 18_800 },
}

export type Rows = (subject: SandboxSubject) => readonly SandboxRow[]

/** Rows of an insured person, each with the number that says whose it is; nobody else has any. */
export const ofInsured =
  (rows: (person: Insured, subject: SandboxSubject) => readonly SandboxRow[]): Rows =>
  (subject) => {
    const person = insured[subject.index]
    return person ? rows(person, subject).map((row) => ({ psn_name: subject.name, certno: subject.number, ...row })) : []
  }

/** Rows of a unit, each with its unified social credit code. */
export const ofUnit =
  (rows: (unit: Unit) => readonly SandboxRow[]): Rows =>
  ({ number }) => {
    const unit = units.find(({ uscc }) => uscc === number)
    return unit ? rows(unit).map((row) => ({ emp_name: unit.name, uscc: unit.uscc, ...row })) : []
  }

/** The latest months of contributions, newest first. */
export function recentMonths(count: number): string[] {
  const last = addMonths(SNAPSHOT.slice(0, 6), -1)
  return monthsBetween(addMonths(last, 1 - count), last).reverse()
}

/** Employers pay 7.5 per cent of the base, employees 2. */
const shareOf = (base: number) => ({ employer: Math.round(base * 0.075), employee: Math.round(base * 0.02) })

/** A month of a person's contributions, in the agency's own keys. */
export function contributionRow(base: number, month: string): SandboxRow {
  const { employer, employee } = shareOf(base)
  return {
    insutype: '310',
    emp_paid_amt: yuan(employer),
    psn_paid_amt: yuan(employee),
    clct_type: '10',
    clct_time: `${month.slice(0, 4)}-${month.slice(4)}-20 10:30:00`,
    clct_base: yuan(base),
  }
}

/** Contributions of a unit for one month, in fen. */
export const unitMonth = (people: number, base: number) => {
  const { employer, employee } = shareOf(base)
  return { employer: employer * people, employee: employee * people }
}
