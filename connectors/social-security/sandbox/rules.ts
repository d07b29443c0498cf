/**
 * Rules by which the sandbox reckons. The acceptance notes gave shares and the first year of unemployment insurance;
 * days of the other rules are from common knowledge of the texts named and an assumption until the agency confirms them.
 */

/** The first month in which anybody could be insured. */
export const begins: Readonly<Record<string, string>> = {
  '110': '199107', // 国发〔1991〕33号, of 1991-06-26 (assumption); years of work before it are deemed to be insured
  '120': '201410', // 国发〔2015〕2号, from 2014-10-01 (assumption)
  '170': '201001', // 国发〔2009〕32号, pilots from late 2009 (assumption)
  '210': '198610', // 国发〔1986〕77号, from 1986-10-01 (assumption; 1986 at the earliest is confirmed)
  '310': '200101', // 国发〔1998〕44号, in Xuchang from 2001 (assumption)
  '410': '200401', // 工伤保险条例, from 2004-01-01 (assumption)
}

/** Per cent of the base that employer and employee pay, by insurance (16 + 8, 0.7 + 0.3, 7.5 + 2: confirmed; 0.4: assumption). */
export const rates: Readonly<Record<string, readonly [employer: number, employee: number]>> = {
  '110': [16, 8],
  '210': [0.7, 0.3],
  '310': [7.5, 2],
  '410': [0.4, 0],
}

/** Day of the month on which its contributions arrive (assumption). */
export const ARRIVES_ON = 25

/** Only who draws a pension is asked to prove that they live (人社厅发〔2018〕107号: assumption); it holds for a year. */
export const CERTIFIED = '0312'
