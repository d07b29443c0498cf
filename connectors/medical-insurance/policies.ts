import { field } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** The same for everybody, signed in or not, so an answer may be reused for ten minutes. */
export const open = { identity: 'none', cache: { seconds: 600 } } as const

/** How long catalogues are asked for, page by page; names and sizes are the agency's to confirm. */
export const pages = { paging: { style: 'page', page: 'page_num', size: 'page_size', base: 1, rows: 100 } } as const

/** First and last day of a period. */
export const PERIOD_CODES = ['begntime', 'endtime'] as const

/** A month's or year's contribution inside a record. */
export const contributionColumns = {
  contributionTime: field.datetime('缴费时间', { code: 'clct_time' }),
  contributionType: field.code('缴费类型', lists.contributionTypes, { code: 'clct_type' }),
  contributionBase: field.money('缴费基数', { code: 'clct_base' }),
  employerPaidAmount: field.money('单位实缴金额', { code: 'emp_paid_amt' }),
  personalPaidAmount: field.money('个人实缴金额', { code: 'psn_paid_amt' }),
}
