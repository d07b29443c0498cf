import { field, input } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** First and last day of a period: 开始、终止日期. */
export const PERIOD_CODES = ['AAE030', 'AAE031'] as const

/**
 * What a person may search by comes from the verified identity. The number of an insured person is the
 * 社会保障号码 (AAC002), which by law is the id number.
 */
export const verified = {
  name: (title: string) => input.verified(title, 'person.name', { code: 'AAC003' }),
  idNumber: (title: string) => input.verified(title, 'person.idNumber', { code: 'AAE135' }),
  insuredNumber: (title: string) => input.verified(title, 'person.idNumber', { code: 'AAC002' }),
}

/** One month of contributions for a person, in the items of GB/T 40217-2021. */
export const personalMonth = {
  contributionMonth: field.month('费款所属期', { code: 'AAE003' }),
  insuranceCategory: field.code('险种类型', lists.insuranceCategories, { code: 'AAE140' }),
  contributionType: field.code('缴费类型', lists.contributionTypes, { code: 'AAA115' }),
  contributionBase: field.money('缴费基数', { code: 'AAE180' }),
  employerAmount: field.money('单位缴费金额', { code: ['AAE080', 'AAE020'] }),
  personalAmount: field.money('个人缴费金额', { code: ['AAE082', 'AAE022'] }),
  arrivalDate: field.date('到账日期', { code: 'EAD131' }),
}
