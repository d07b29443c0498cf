import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { VOUCHERS, withdrawal } from './policies.ts'

const EVIDENCE = { mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 8 * 1024 * 1024 }

/**
 * 异议申诉 of 1.4.1.14, against an event of loan-overdue-events that is the asker's own. The contract names neither inputs nor
 * fields, and the standard has no table: codes and service ids are this hub's proposal until the centre confirms them.
 */
export const overdueAppeal = service({
  ...withdrawal,
  id: 'loan-overdue-appeal',
  officeHours: true,
  name: '个人住房贷款逾期登记异议申诉',
  section: '1.4.1.14',
  // Its letters are fetched under the same limit.
  rate: { max: 30, perSeconds: 60 },
  files: VOUCHERS,
  inputs: {
    loanAccountNumber: input.text('贷款账号', { code: 'dkzh', required: true }),
    overdueInstallmentNumber: input.integer('逾期期次', { code: 'yqqc', minimum: 1, required: true }),
    appealReason: input.choice('异议类型', lists.appealReasons, { code: 'yylx', required: true }),
    statement: input.text('异议说明', { code: 'yysm', maxLength: 1000, required: true }),
    evidence: input.file('证据材料', { codes: ['zjcl', 'zjclmc'], ...EVIDENCE, required: true }),
    moreEvidence: input.list('更多证据材料', input.file('证据材料', { codes: ['zjcl'], ...EVIDENCE }), { code: 'qtzjcl', max: 5 }),
    contactPhone: input.phone('联系电话', { code: 'sjhm' }),
    truthDeclaration: input.choice('真实性承诺（文本版本）', lists.appealTruths, { code: 'zscn', required: true }),
  },
  fields: {
    applicationNumber: field.text('申诉编号', { code: ['sqbh', 'slbh'], required: true }),
    applicationTime: field.datetime('申诉时间', { code: ['sqsj', 'slsj'] }),
    applicationStatus: field.code('申诉状态', lists.applicationStatuses, { code: 'sqzt' }),
    loanAccountNumber: field.text('贷款账号', { code: 'dkzh' }),
    overdueInstallmentNumber: field.integer('逾期期次', { code: 'yqqc' }),
    appealReason: field.code('异议类型', lists.appealReasons, { code: 'yylx' }),
    reviewResult: field.code('核查结果', lists.reviewResults, { code: 'shjg' }),
    reviewTime: field.datetime('核查时间', { code: 'shsj' }),
    reply: field.text('答复意见', { code: 'dfyj' }),
    replyLetter: field.files('答复函', { code: 'dfh' }),
    createTime: field.datetime('创建时间', { code: 'cjsj' }),
    updateTime: field.datetime('更新时间', { code: 'gxsj' }),
  },
  submission: {
    serial: 'ywlsh',
    reference: 'applicationNumber',
    pollSeconds: 10,
    maxAttempts: 8,
    against: {
      service: 'loan-overdue-events',
      by: { loanAccountNumber: 'loanAccountNumber', overdueInstallmentNumber: 'overdueInstallmentNumber' },
    },
    states: { withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true } },
    cancel: { sid: 'housing-fund.loan-overdue-appeal-cancel', when: ['submitted', 'reviewing'], to: 'withdrawn' },
    words: { applicationTime: 'filedAt', createTime: 'filedAt', updateTime: 'updatedAt', applicationStatus: 'status' },
    remarks: ['reply'],
    refusal: 'reply',
    progress: [
      { state: 'withdrawn', when: { applicationStatus: ['06'] } },
      { state: 'rejected', when: { reviewResult: ['02'] } },
      { state: 'approved', when: { reviewResult: ['01'] } },
      { state: 'reviewing', when: { applicationStatus: ['01', '02'] } },
    ],
  },
})
