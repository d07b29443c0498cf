import { field, input, service } from '../../core/connector.ts'
import { lastGood } from './calendar.ts'
import * as lists from './codes.ts'
import { PERIOD_CODES } from './policies.ts'

/** A digest of JGJ/T 320-2014 6.0.2 and 6.0.5. The status is not in the standard. */
const loanInformation = service({
  id: 'loan-information',
  lastGood,
  name: '公积金贷款信息查询',
  section: '1.4.1.6',
  kind: 'query',
  rows: 'many',
  inputs: { timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'loanContractSignDate' }) },
  fields: {
    borrowerName: field.text('借款人姓名', { code: ['jkrxm', 'xingming', 'xm'] }),
    idType: field.code('证件类型', lists.idTypes, { code: ['jkrzjlx', 'zjlx'] }),
    idNumber: field.text('证件号码', {
      code: ['jkrzjh', 'jkrzjhm', 'zjhm', 'zjh', 'sfzh'],
      mask: 'idNumber',
      subject: 'person',
    }),
    downPaymentAmount: field.money('购房首付款金额', { code: 'gfsfk' }),
    totalLoanTerms: field.integer('贷款总期数（按月）', { code: 'dkqs' }),
    contractLoanAmount: field.money('合同贷款金额', { code: 'htdkje', essential: true }),
    loanContractSignDate: field.date('借款合同签订日期', { code: 'jkhtqdrq' }),
    loanStatus: field.code('贷款状态', lists.loanStatuses, { code: ['dkzt', 'dkzhzt'] }),
    remainingRepaymentAmount: field.money('剩余还款额', { code: ['syhke', 'dkye'], essential: true }),
    loanInterestRate: field.number('贷款利率', { code: ['dkll', 'jkhtll'] }),
    loanType: field.code('贷款类型', lists.loanTypes, { code: 'dklx' }),
    loanContractNumber: field.text('借款合同编号', { code: ['jkhtbh', 'htbh'], required: true }),
    createTime: field.datetime('创建时间', { code: 'cjsj' }),
    updateTime: field.datetime('更新时间', { code: 'gxsj' }),
  },
})

/** JGJ/T 320-2014 6.0.2. */
const loanContract = service({
  id: 'loan-contract',
  name: '个人住房贷款借款合同信息查询',
  section: '1.4.1.10',
  kind: 'query',
  rows: 'many',
  inputs: { timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'loanContractSignDate' }) },
  fields: {
    loanContractNumber: field.text('借款合同编号', { code: ['jkhtbh', 'htbh'], required: true }),
    homePurchaseContractNumber: field.text('购房合同编号', { code: 'gfhtbh' }),
    entrustedBankName: field.text('受委托银行名称', { code: ['swtyhmc', 'styhmc'] }),
    loanGuaranteeType: field.code('贷款担保类型', lists.guaranteeTypes, { code: 'dkdblx' }),
    agreedDisbursementDate: field.date('约定放款日期', { code: 'ydfkrq' }),
    agreedMaturityDate: field.date('约定到期日期', { code: 'yddqrq' }),
    repaymentMethod: field.code('贷款还款方式', lists.repaymentMethods, { code: 'dkhkfs' }),
    contractLoanAmount: field.money('合同贷款金额', { code: 'htdkje', essential: true }),
    loanType: field.code('贷款类型', lists.loanTypes, { code: 'dklx' }),
    loanTerms: field.integer('贷款期数', { code: 'dkqs' }),
    loanContractRate: field.number('借款合同利率', { code: 'jkhtll' }),
    downPaymentAmount: field.money('购房首付款金额', { code: 'gfsfk' }),
    borrowerFundAccountNumber: field.text('借款人公积金账号', { code: 'jkrgjjzh', mask: 'account', reveal: true }),
    borrowerName: field.text('借款人姓名', { code: 'jkrxm' }),
    borrowerIdType: field.code('借款人证件类型', lists.idTypes, { code: 'jkrzjlx' }),
    borrowerIdNumber: field.text('借款人证件号码', { code: ['jkrzjh', 'jkrzjhm'], mask: 'idNumber', subject: 'person' }),
    loanContractSignDate: field.date('借款合同签订日期', { code: 'jkhtqdrq' }),
    agreedRepaymentDay: field.text('约定还款日', { code: 'ydhkr' }),
  },
})

/**
 * JGJ/T 320-2014 6.0.4. The rows speak of other people, so no field proves that they are the asker's. Each must name whose contract it
 * is: the borrower, and where there are several co-borrowers all of them; a row that names the asker nowhere is withheld.
 */
const coBorrowers = service({
  id: 'co-borrowers',
  name: '共同借款人信息查询',
  section: '1.4.1.11',
  kind: 'query',
  rows: 'many',
  parties: ['jkrzjh', 'jkrzjhm', 'gtjkrzjhm', 'gtjkrzjh', 'dsr.zjhm'],
  inputs: { loanContract: input.text('公积金贷款合同', { code: 'jkhtbh', field: 'loanContractNumber' }) },
  fields: {
    coBorrowerFundAccountNumber: field.text('共同借款人公积金账号', { code: 'gtjkrgjjzh', mask: 'account' }),
    loanContractNumber: field.text('借款合同编号', { code: ['jkhtbh', 'htbh'], required: true }),
    coBorrowerName: field.text('共同借款人姓名', { code: 'gtjkrxm', mask: 'name' }),
    coBorrowerIdType: field.code('共同借款人证件类型', lists.idTypes, { code: 'gtjkrzjlx' }),
    coBorrowerIdNumber: field.text('共同借款人证件号码', { code: ['gtjkrzjhm', 'gtjkrzjh'], mask: 'idNumber' }),
    coBorrowingRelationship: field.code('参贷关系', lists.coBorrowingRelationships, { code: 'cdgx' }),
  },
})

export const loanServices = [loanInformation, loanContract, coBorrowers]
