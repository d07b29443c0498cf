import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { PERIOD_CODES, VOUCHERS } from './policies.ts'

/** JGJ/T 320-2014 6.0.5; instalments, records and attachments are what the contract adds to it. */
export const loanAccount = service({
  id: 'loan-account',
  name: '个人住房贷款账户信息查询',
  section: '1.4.1.12',
  document: { title: '个人住房贷款账户信息' },
  kind: 'query',
  files: VOUCHERS,
  key: 'loanAccountNumber',
  subscriptions: { 'repayment-reminder': { title: '还款提醒', on: 'date', field: 'dueDate', daysBefore: [3, 1, 5, 7] } },
  keyWords: ['loanContractNumber', 'disbursementDate'],
  summaries: [
    { list: 'repaymentSchedule', at: 'dueDate', term: 'installmentNumber', sums: ['principal', 'interest', 'total'] },
    { list: 'prepaymentRecords', at: 'repaymentDate', sums: ['principal', 'interest'] },
    {
      list: 'overdueRecords',
      at: 'receivedDate',
      term: 'overdueInstallmentNumber',
      sums: ['overduePrincipal', 'overdueInterest'],
    },
    { list: 'penaltyInterestDetails', at: 'postingDate', term: 'overdueInstallmentNumber', sums: ['penaltyInterest'] },
  ],
  marks: {
    overdue: {
      title: '本期曾经逾期',
      when: { field: 'repaymentSchedule.installmentNumber', in: 'overdueRecords.overdueInstallmentNumber' },
    },
  },
  inputs: {
    loanContractNumber: input.text('借款合同编号', { code: 'jkhtbh', field: 'loanContractNumber' }),
    loanAccountNumber: input.text('贷款账号', { code: 'dkzh', field: 'loanAccountNumber' }),
    timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'repaymentSchedule.dueDate' }),
  },
  fields: {
    loanAccountNumber: field.text('贷款账号', { code: 'dkzh', required: true }),
    loanContractNumber: field.text('借款合同编号', { code: ['jkhtbh', 'htbh'] }),
    disbursementAmount: field.money('发放金额', { code: 'dkffe' }),
    disbursementDate: field.date('发放日期', { code: 'dkffrq' }),
    currentLoanBalance: field.money('当前贷款余额', { code: 'dkye', essential: true }),
    loanContractRate: field.number('借款合同利率', { code: ['dkll', 'jkhtll'] }),
    remainingTerms: field.integer('剩余期数', { code: 'syqs' }),
    installmentNumber: field.integer('期次', { code: ['dqqc', 'qc'] }),
    principalDue: field.money('应还本金', { code: ['dqjhghbj', 'dqyhbj'] }),
    interestDue: field.money('应还利息', { code: ['dqjhghlx', 'dqyhlx'] }),
    plannedTotal: field.money('计划总额', { code: 'dqjhhkje' }),
    totalDue: field.money('应还总额', { code: 'dqyhje', essential: true }),
    dueDate: field.date('到期日', { code: ['dqyhrq', 'dqr'] }),
    loanSettlementDate: field.date('贷款结清日期', { code: 'dkjqrq' }),
    cumulativePrincipalRecovered: field.money('累计回收本金', { code: 'hsbjze' }),
    cumulativeInterestRecovered: field.money('累计回收利息', { code: 'hslxze' }),
    prepaymentRecords: field.list(
      '提前还款记录',
      {
        repaymentDate: field.date('还款日期', { code: 'ywfsrq' }),
        principal: field.money('本金金额', { code: 'bjje' }),
        interest: field.money('利息金额', { code: 'lxje' }),
      },
      { code: 'tqhkjl' },
    ),
    overdueRecords: field.list(
      '逾期记录',
      {
        overdueInstallmentNumber: field.integer('逾期期次', { code: 'yqqc' }),
        overduePrincipal: field.money('逾期本金', { code: 'yqbj' }),
        overdueInterest: field.money('逾期利息', { code: 'yqlx' }),
        receivedDate: field.date('实收日期', { code: 'ssrq' }),
      },
      { code: 'yqjl' },
    ),
    penaltyInterestDetails: field.list(
      '罚息明细',
      {
        overdueInstallmentNumber: field.integer('逾期期次', { code: 'yqqc' }),
        penaltyInterest: field.money('罚息金额', { code: ['fxje', 'yqfx'] }),
        postingDate: field.date('记账日期', { code: 'jzrq' }),
      },
      { code: 'fxmx' },
    ),
    repaymentSchedule: field.list(
      '还款计划表',
      {
        installmentNumber: field.integer('期次', { code: 'hkqc' }),
        dueDate: field.date('应还日期', { code: 'yhrq' }),
        principal: field.money('应还本金', { code: 'yhbj' }),
        interest: field.money('应还利息', { code: 'yhlx' }),
        total: field.money('应还总额', { code: 'yhje' }),
        balanceAfter: field.money('还款后余额', { code: 'syye' }),
      },
      { code: 'hkjhb' },
    ),
    channel: field.code('渠道', lists.channels, { code: 'qd' }),
    voucherAttachments: field.files('凭证附件', { code: 'pzfj' }),
    overdueTerms: field.integer('逾期期数', { code: ['ljyqqs', 'yqqs'] }),
    accruedPenaltyInterest: field.money('已产生罚息', { code: ['fxze', 'dqyhfx'] }),
  },
})
