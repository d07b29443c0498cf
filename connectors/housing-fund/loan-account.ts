import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { PERIOD_CODES, VOUCHERS } from './policies.ts'

/** JGJ/T 320-2014 6.0.5; instalments, records and attachments are what the contract adds to it. */
const loanAccount = service({
  id: 'loan-account',
  name: '个人住房贷款账户信息查询',
  section: '1.4.1.12',
  document: { title: '个人住房贷款账户信息' },
  kind: 'query',
  files: VOUCHERS,
  key: 'loanAccountNumber',
  none: '贷款账户只能由主借款人查询；共同借款人可以在“共同借款人信息查询”里查看所参与的借款合同。',
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

/**
 * 试算 of 1.4.1.6 (财务规划) and 1.4.1.12 (风险预判与还款策略优化): what paying back early, or missing an instalment, would come to. The centre
 * reckons; nothing is changed by asking. The standard has no table for it: codes and service id are this hub's proposal.
 */
const loanTrial = service({
  id: 'loan-repayment-trial',
  name: '个人住房贷款还款试算',
  section: '1.4.1.12',
  kind: 'query',
  assists: ['loan-account', 'loan-information'],
  key: 'loanAccountNumber',
  keyWords: ['currentLoanBalance'],
  none: '没有尚未结清的贷款可以试算。',
  inputs: {
    loanAccountNumber: input.text('贷款账号', { code: 'dkzh', field: 'loanAccountNumber' }),
    prepaymentAmount: input.money('试算的提前还款金额（不填则按现状试算）', { code: 'tqhkje' }),
    repaymentPlan: input.choice('提前还款后的还款安排', lists.repaymentPlans, { code: 'hkap' }),
  },
  fields: {
    loanAccountNumber: field.text('贷款账号', { code: 'dkzh', required: true }),
    currentLoanBalance: field.money('当前贷款余额', { code: 'dkye', essential: true }),
    loanInterestRate: field.number('贷款利率', { code: 'dkll' }),
    prepaidPrincipal: field.money('计入的提前还款本金', { code: 'tqhkbj', essential: true }),
    installmentBefore: field.money('现在每期应还', { code: 'xyhje' }),
    installmentAfter: field.money('试算后每期应还', { code: 'sshyhje', essential: true }),
    remainingTermsBefore: field.integer('现在剩余期数', { code: 'syqs' }),
    remainingTermsAfter: field.integer('试算后剩余期数', { code: 'sshsyqs', required: true }),
    lastDueDate: field.date('试算后最后一期到期日', { code: 'zhdqr' }),
    remainingInterestBefore: field.money('现在剩余利息合计', { code: 'sylx' }),
    remainingInterestAfter: field.money('试算后剩余利息合计', { code: 'sshsylx', essential: true }),
    interestSaved: field.money('节省的利息', { code: 'jslx' }),
    penaltyPerOverdueDay: field.money('下一期逾期一天的罚息', { code: 'yqyrfx' }),
  },
})

export const loanAccountServices = [loanAccount, loanTrial]
