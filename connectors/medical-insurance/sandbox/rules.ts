/** Rules by which the sandbox reckons; an assumption until the agency confirms them, unless it says otherwise. */

/** Employees' medical insurance began with 国发〔1998〕44号, in Xuchang from 2001 (assumption). */
export const BEGINS = '200101'
/** Per cent of the base that employers and employees pay (confirmed by the acceptance notes). */
export const EMPLOYER_PERCENT = 7.5
export const EMPLOYEE_PERCENT = 2
/** Day of the month on which its contributions arrive. */
export const ARRIVES_ON = 20
/** 女职工劳动保护特别规定 (国务院令第619号) 7. */
export const MATERNITY_DAYS = 98
/** The allowance follows what the unit's people earned on average a month (社会保险法 56), a month having thirty days. */
export const DAYS_OF_MONTH = 30
/** A code of 医保码 is shown for a minute, then a new one. */
export const CODE_LIFE_MS = 60_000

/** What the fund pays of a bill above a threshold in fen, per cent: by medical category. */
export const shares: Readonly<Record<string, readonly [threshold: number, percent: number]>> = {
  '11': [5_000, 60],
  '14': [0, 75],
  '21': [60_000, 80],
  '41': [0, 0],
  '52': [0, 90],
}
