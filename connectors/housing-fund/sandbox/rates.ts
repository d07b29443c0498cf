/**
 * Rates of housing fund loans over five years, first loan, in per cent a year: from the day of each notice of the
 * People's Bank of China. 2015-08-26 and after are confirmed by the acceptance notes where marked; the others are
 * from common knowledge of the published table and are an assumption until the centre confirms them.
 */
const rates: readonly (readonly [from: string, percent: number])[] = [
  ['20050317', 4.41], // 银发〔2005〕61号; 4.41 in 2006-03 confirmed
  ['20060508', 4.59], // assumption
  ['20070318', 4.77], // assumption
  ['20070519', 4.86], // assumption
  ['20070721', 4.95], // assumption
  ['20070822', 5.04], // assumption
  ['20070915', 5.22], // assumption
  ['20080916', 5.13], // assumption
  ['20081009', 4.86], // assumption
  ['20081030', 4.59], // assumption
  ['20081127', 4.05], // assumption
  ['20081223', 3.87], // assumption
  ['20101020', 4.05], // assumption
  ['20101226', 4.3], // assumption
  ['20110209', 4.5], // assumption
  ['20110406', 4.7], // assumption
  ['20110707', 4.9], // assumption
  ['20120608', 4.7], // assumption
  ['20120706', 4.5], // assumption
  ['20141122', 4.25], // assumption
  ['20150301', 4], // assumption
  ['20150511', 3.75], // assumption
  ['20150628', 3.5], // assumption
  ['20150826', 3.25], // assumption
  ['20221001', 3.1], // assumption
  ['20240518', 2.85], // confirmed by what running loans paid from 2025-01-01
  ['20250508', 2.6], // confirmed by what running loans pay from 2026-01-01
]

/** The rate published for a day. */
const publishedOn = (day: string) => rates.findLast(([from]) => from <= day)?.[1] ?? 4.41

/** A loan keeps its rate within a calendar year and takes the published one on 1 January (银发〔2005〕61号: assumption). */
export const rateOf = (signed: string, day: string) =>
  publishedOn(signed.slice(0, 4) === day.slice(0, 4) ? signed : `${day.slice(0, 4)}0101`)

/** Overdue instalments bear half as much again (银发〔2003〕251号: 加收 30 to 50 per cent; that it is 50 is an assumption). */
export const PENALTY_FACTOR = 1.5
/** Days of a year by which daily interest is reckoned (assumption). */
export const DAYS_OF_YEAR = 360
