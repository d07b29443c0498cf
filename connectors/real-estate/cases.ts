import { field } from '../../core/connector.ts'
import * as lists from './codes.ts'

/**
 * 一窗受理、并联审批 (1.4.2.1): each application is one case. What several offices look at they look at side by side, what is due is paid once,
 * and it ends in one certificate, or one filed contract. Which parts the centre tells, and how, is to be confirmed (README).
 */
export const jointFields = {
  caseParts: field.list(
    '各环节办理情况',
    {
      part: field.code('环节', lists.caseParts, { code: 'hjdm' }),
      partStatus: field.code('环节状态', lists.partStatuses, { code: 'hjzt' }),
      amountDue: field.money('应缴金额', { code: 'yjje' }),
      opinion: field.text('环节意见', { code: 'hjyj' }),
    },
    { code: 'hjlb' },
  ),
}

export const payable = { title: '待缴税费', after: ['submitted', 'reviewing'], pause: true } as const

const told = {
  list: 'caseParts',
  columns: { part: 'part', state: 'partStatus', amount: 'amountDue', reason: 'opinion' },
  states: { waiting: ['0'], open: ['1'], done: ['2'], refused: ['3'] },
} as const

const acceptance = { title: '受理', code: '10' } as const
const registration = { title: '登记审核', code: '20', after: ['acceptance'] } as const
const payment = { title: '税费缴纳', code: '40', after: ['tax'], payment: { of: 'tax', service: 'tax-and-fee-payment' } } as const
const certificate = (...after: string[]) => ({ title: '登簿发证', code: '50', after })

/** Survey and title are checked side by side; a first registration owes its fee alone. */
export const firstCase = {
  ...told,
  payable: 'payable',
  parts: {
    acceptance,
    registration,
    survey: { title: '权籍调查成果审核', code: '25', after: ['acceptance'] },
    tax: { title: '登记费核定', code: '30', after: ['acceptance'] },
    payment: { ...payment, title: '登记费缴纳' },
    certificate: certificate('registration', 'survey', 'payment'),
  },
} as const

/** The title is checked while the tax bureau assesses. */
export const transferCase = {
  ...told,
  payable: 'payable',
  parts: {
    acceptance,
    registration,
    tax: { title: '税费核定', code: '30', after: ['acceptance'] },
    payment,
    certificate: certificate('registration', 'payment'),
  },
} as const

/** The bank confirms on the centre's platform for banks while the title is checked; the fee is the bank's (发改价格规〔2016〕2559号). */
export const mortgageCase = {
  ...told,
  parts: {
    acceptance,
    registration,
    mortgagee: { title: '抵押权人确认', code: '60', after: ['acceptance'] },
    certificate: certificate('registration', 'mortgagee'),
  },
} as const

/** Whether the house may be sold, and whether this buyer may buy. */
export const contractCase = {
  ...told,
  parts: {
    acceptance,
    house: { title: '房源核验', code: '70', after: ['acceptance'] },
    buyer: { title: '购房资格核验', code: '80', after: ['acceptance'] },
    filing: { title: '合同备案', code: '90', after: ['house', 'buyer'] },
  },
} as const
