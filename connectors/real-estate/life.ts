import { field, input } from '../../core/connector.ts'
import * as lists from './codes.ts'

export const PAPER = { mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 8 * 1024 * 1024 }

/** What the registration centre says of a case beside its state. */
export const lifeFields = {
  missingItems: field.list(
    '需要补正的材料',
    { name: field.text('材料名称', { code: 'clmc' }), reason: field.text('补正原因', { code: 'bzyy' }) },
    { code: 'bzcl' },
  ),
  supplementDeadline: field.date('补正期限', { code: 'bzqx' }),
  suspensionReason: field.text('特别程序原因', { code: 'tbcxyy' }),
  suspensionDeadline: field.date('特别程序期限', { code: 'tbcxqx' }),
}

/** 补正 and 特别程序 of a registration; until the entry is made, its applicant may withdraw it (不动产登记暂行条例第十五条). */
export const registrationLife = (service: string) =>
  ({
    states: {
      withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true },
      incomplete: { title: '待补正', after: ['submitted', 'reviewing'], pause: true },
      suspended: { title: '特别程序', after: ['reviewing'], pause: true },
    },
    cancel: { sid: `real-estate.${service}-cancel`, when: ['submitted', 'reviewing', 'incomplete'], to: 'withdrawn' },
    supplement: {
      sid: `real-estate.${service}-supplement`,
      when: ['incomplete'],
      items: 'missingItems',
      until: 'supplementDeadline',
      inputs: {
        statement: input.text('补正说明', { code: 'bzsm', maxLength: 500, required: true }),
        paper: input.file('补正材料', { codes: ['bzfj', 'bzfjmc'], ...PAPER }),
      },
    },
    suspension: { state: 'suspended', reason: 'suspensionReason', until: 'suspensionDeadline' },
  }) as const

/** They go before the rules of the review. */
export const lifeRules = [
  { state: 'withdrawn', when: { applicationStatus: ['06'] } },
  { state: 'incomplete', when: { applicationStatus: ['07'] } },
  { state: 'suspended', when: { applicationStatus: ['08'] } },
] as const

/** 一窗受理、并联审批 (1.4.2.1): registration and taxes of one transfer are looked at side by side, paid for once, and end in one certificate. */
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

export const joint = {
  list: 'caseParts',
  columns: { part: 'part', state: 'partStatus', amount: 'amountDue', reason: 'opinion' },
  states: { waiting: ['0'], open: ['1'], done: ['2'], refused: ['3'] },
  payable: 'payable',
  parts: {
    acceptance: { title: '受理', code: '10' },
    registration: { title: '登记审核', code: '20', after: ['acceptance'] },
    tax: { title: '税费核定', code: '30', after: ['acceptance'] },
    payment: { title: '税费缴纳', code: '40', after: ['tax'], payment: { of: 'tax', service: 'tax-and-fee-payment' } },
    certificate: { title: '登簿发证', code: '50', after: ['registration', 'payment'] },
  },
} as const
