import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { PERIOD_CODES, VOUCHERS } from './policies.ts'

const loanAccountInput = input.text('贷款账号', { code: 'dkzh', field: 'loanAccountNumber' })

/** JGJ/T 320-2014 6.0.6. */
const loanTransactions = service({
  id: 'loan-transactions',
  name: '个人住房贷款业务明细信息查询',
  section: '1.4.1.13',
  kind: 'list',
  files: VOUCHERS,
  summaries: [
    {
      at: 'transactionDate',
      term: 'currentInstallmentNumber',
      sums: [
        'transactionAmount',
        'principalAmount',
        'interestAmount',
        'penaltyInterestAmount',
        'normalToOverduePrincipal',
        'overdueToNormalPrincipal',
      ],
      groups: ['loanTransactionType', 'operationChannel'],
    },
  ],
  marks: {
    'turned-overdue': { title: '由正常转为逾期', when: { field: 'normalToOverduePrincipal', above: 0 } },
    'turned-normal': { title: '由逾期转回正常', when: { field: 'overdueToNormalPrincipal', above: 0 } },
  },
  inputs: {
    loanAccountNumber: loanAccountInput,
    timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'transactionDate' }),
    businessType: input.choice('业务类型', lists.loanTransactionTypes, { code: 'dkywmxlx', field: 'loanTransactionType' }),
    installmentNumber: input.integer('期次', { code: 'dqqc', field: 'currentInstallmentNumber' }),
  },
  fields: {
    loanAccountNumber: field.text('贷款账号', { code: 'dkzh' }),
    transactionSerialNumber: field.text('交易流水号', { code: 'ywlsh' }),
    loanTransactionType: field.code('贷款业务明细类型', lists.loanTransactionTypes, { code: 'dkywmxlx' }),
    transactionDate: field.date('业务发生日期', { code: 'ywfsrq' }),
    transactionAmount: field.money('发生额', { code: 'fse', required: true }),
    principalAmount: field.money('本金金额', { code: 'bjje' }),
    interestAmount: field.money('利息金额', { code: 'lxje' }),
    penaltyInterestAmount: field.money('罚息金额', { code: 'fxje' }),
    currentInstallmentNumber: field.integer('当期期次', { code: 'dqqc' }),
    normalToOverduePrincipal: field.money('正常转逾期本金金额', { code: 'zczyqbjje' }),
    overdueToNormalPrincipal: field.money('逾期转正常本金金额', { code: 'yqzzcbjje' }),
    postingDate: field.date('记账日期', { code: 'jzrq' }),
    balanceAfterTransaction: field.money('交易后余额', { code: ['jyhye', 'dkye'] }),
    operationChannel: field.code('操作渠道', lists.channels, { code: ['czqd', 'qd'] }),
    handlingAgency: field.text('经办机构', { code: ['jbjg', 'jgmc'] }),
    operator: field.text('操作人', { code: 'czr', mask: 'name' }),
    voucherAttachments: field.files('凭证附件', { code: 'pzfj' }),
  },
})

/** JGJ/T 320-2014 6.0.7. */
const loanOverdueEvents = service({
  id: 'loan-overdue-events',
  name: '个人住房贷款逾期登记信息查询',
  section: '1.4.1.14',
  kind: 'list',
  subscriptions: {
    'repayment-reminder': { title: '逾期还款提醒', on: 'news', key: ['loanAccountNumber', 'overdueInstallmentNumber'] },
    'disposal-reminder': {
      title: '处置提醒',
      on: 'news',
      key: ['loanAccountNumber', 'overdueInstallmentNumber', 'transactionSerialNumber', 'receivedDate', 'settlementStatus'],
    },
  },
  files: VOUCHERS,
  summaries: [
    {
      at: 'receivedDate',
      term: 'overdueInstallmentNumber',
      sums: [
        ...['overduePrincipal', 'overdueInterest', 'overduePenaltyInterest', 'totalPayable'],
        ...['receivedOverduePrincipal', 'receivedOverdueInterest', 'receivedOverduePenaltyInterest', 'remainingDebt'],
      ],
      groups: ['settlementStatus'],
    },
  ],
  comparison: {
    title: '贷款逾期实收/应收对比',
    events: [
      ...(['loanAccountNumber', 'overdueInstallmentNumber', 'receivedDate', 'transactionSerialNumber'] as const),
      ...(['receiptChannel', 'handlingAgency', 'debtCollector', 'settlementStatus'] as const),
    ],
    pairs: [
      { due: 'overduePrincipal', received: 'receivedOverduePrincipal' },
      { due: 'overdueInterest', received: 'receivedOverdueInterest' },
      { due: 'overduePenaltyInterest', received: 'receivedOverduePenaltyInterest' },
    ],
    remaining: 'remainingDebt',
  },
  inputs: {
    loanAccountNumber: loanAccountInput,
    // The rows name no contract, so the agency alone narrows by it.
    loanContract: input.text('公积金贷款合同', { code: 'jkhtbh' }),
    // Events that are still open have no date: the hub leaves them in, whatever the period.
    timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'receivedDate' }),
  },
  fields: {
    loanAccountNumber: field.text('贷款账号', { code: 'dkzh', required: true }),
    overdueInstallmentNumber: field.integer('逾期期次', { code: 'yqqc' }),
    overduePrincipal: field.money('逾期本金', { code: 'yqbj' }),
    overdueInterest: field.money('逾期利息', { code: 'yqlx' }),
    overduePenaltyInterest: field.money('逾期罚息', { code: 'yqfx' }),
    totalPayable: field.money('应偿合计', { code: 'ychj', essential: true }),
    receivedOverduePrincipal: field.money('实收逾期本金金额', { code: 'ssyqbjje' }),
    receivedOverdueInterest: field.money('实收逾期利息金额', { code: 'ssyqlxje' }),
    receivedOverduePenaltyInterest: field.money('实收逾期罚息金额', { code: 'ssyqfxje' }),
    receivedDate: field.date('实收日期', { code: 'ssrq' }),
    repaymentInstallmentNumber: field.integer('还款期次', { code: 'hkqc' }),
    transactionSerialNumber: field.text('交易流水号', { code: 'ywlsh' }),
    receiptChannel: field.code('收款渠道', lists.channels, { code: ['skqd', 'qd'] }),
    handlingAgency: field.text('经办机构', { code: ['jbjg', 'jgmc'] }),
    debtCollector: field.text('催收方', { code: 'csf' }),
    remainingDebt: field.money('剩余欠款', { code: 'syqk', essential: true }),
    settlementStatus: field.code('结清状态', lists.settlementStatuses, { code: 'jqzt' }),
    voucherAttachments: field.files('凭证附件', { code: 'pzfj' }),
    remarks: field.text('备注', { code: 'bz' }),
  },
})

export const loanMovementServices = [loanTransactions, loanOverdueEvents]
