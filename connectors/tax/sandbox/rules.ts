/** Rules by which the sandbox reckons; an assumption until the bureau confirms them, unless it says otherwise. */

/** Per cent of the base that employer and employee pay, by levy item (16 + 8, 0.7 + 0.3, 7.5 + 2: as at 社保 and 医保; 0.4: assumption). */
export const premiums = [
  { item: '102030101', percent: 16 },
  { item: '102030102', percent: 8 },
  { item: '102030201', percent: 0.7 },
  { item: '102030202', percent: 0.3 },
  { item: '102030301', percent: 7.5 },
  { item: '102030302', percent: 2 },
  { item: '102030401', percent: 0.4 },
] as const

/** Premiums of a month are due in it, and arrive the day after, as 社保 has it. */
export const PREMIUM_DUE = 24
export const PREMIUM_ARRIVES = 25

/** Taxes of a month are due by the 15th of the next, when they are also paid (增值税暂行条例第二十三条; the holidays' shifts left out). */
export const DUE = 15
export const PAID = 12

/** Levied on the value-added tax that was paid: 7 in a city (城市维护建设税法第四条), 3 and 2 (国务院令第60号, 财综〔2010〕98号). */
export const surcharges = [
  { tax: '10109', percent: 7 },
  { tax: '30203', percent: 3 },
  { tax: '30216', percent: 2 },
] as const

/** 小型微利企业: 25 % of the profit taken at 20 % (财政部 税务总局公告2023年第12号). */
export const INCOME_TAX_PERCENT = 5

/** 个人所得税法: 60,000 a year, and 3 % up to 36,000 a year above what is deducted; in fen a month. */
export const ALLOWANCE = 500_000
export const FIRST_BRACKET_PERCENT = 3
/** 专项附加扣除 (国发〔2018〕41号, 国发〔2023〕13号): loan interest, an infant, an old parent of an only child; fen a month. */
export const LOAN_INTEREST = 100_000
export const INFANT = 200_000
export const PARENT = 300_000
/** 专项扣除: what employees pay for insurance, per cent. */
export const INSURANCE_PERCENT = 10.3

/** 财政部 税务总局 住房城乡建设部公告2024年第16号: a sole home of up to 140 m². */
export const DEED_TAX_PERCENT = 1
/** Simplified, of the price within which it stands. */
export const VAT_PERCENT = 5
