import { field, input, service } from '../../core/connector.ts'
import { lastGood } from './calendar.ts'
import * as lists from './codes.ts'
import { PERIOD_CODES, VOUCHERS } from './policies.ts'

const HOLDER = ['personName', 'idType', 'idNumber', 'personalAccountNumber', 'employerAccountNumber'] as const
/** What each 查询范围 shows. */
const CONTRIBUTIONS = [...HOLDER, 'contributionMonthDetails', 'employerContributionDetails', 'arrivalTime', 'postingTime'] as const
const ACCOUNT = [
  ...HOLDER,
  'personalContributionBase',
  'personalMonthlyContribution',
  'employerMonthlyContribution',
  'personalAccountStatus',
  'accountBalance',
] as const

/** JGJ/T 320-2014 4.0.3 and 5.0.4, with what live query interfaces add to them. */
const personalAccount = service({
  id: 'personal-account',
  lastGood,
  name: '公积金个人账户信息查询',
  section: '1.4.1.7',
  kind: 'query',
  // Who changed jobs has a sealed account beside the active one.
  key: 'personalAccountNumber',
  keyWords: ['personalAccountStatus', 'employerAccountNumber'],
  summaries: [
    { list: 'contributionMonthDetails', at: 'contributionMonth', sums: ['personalAmount', 'employerAmount', 'totalAmount'] },
    { list: 'employerContributionDetails', at: 'contributionMonth', sums: ['amount'] },
  ],
  inputs: {
    queryScope: input.choice('查询范围', lists.queryScopes, { code: 'cxfw', shows: { account: ACCOUNT, contributions: CONTRIBUTIONS } }),
    timeRange: input.period('时间范围', {
      codes: PERIOD_CODES,
      field: 'contributionMonthDetails.contributionMonth',
      also: ['employerContributionDetails.contributionMonth'],
    }),
    personalAccountNumber: input.text('个人账号', { field: 'personalAccountNumber' }),
  },
  fields: {
    personName: field.text('姓名', { code: ['xingming', 'xm'] }),
    idType: field.code('证件类型', lists.idTypes, { code: 'zjlx' }),
    idNumber: field.text('证件号码', { code: ['zjhm', 'zjh', 'sfzh'], mask: 'idNumber', subject: 'person' }),
    personalAccountNumber: field.text('个人账号', { code: ['grzh', 'gjjzh'], mask: 'account', reveal: true, required: true }),
    employerAccountNumber: field.text('单位账号', { code: 'dwzh', mask: 'account', reveal: true }),
    // A month's share of last year's wages, which is seldom whole.
    personalContributionBase: field.money('个人缴存基数', { code: 'grjcjs', rounding: 'half-up' }),
    personalMonthlyContribution: field.money('个人月缴存额', { code: 'gryjce' }),
    employerMonthlyContribution: field.money('单位月缴存额', { code: 'dwyjce' }),
    personalAccountStatus: field.code('个人账户状态', lists.personalAccountStatuses, { code: ['grzhzt', 'zrzhzt'] }),
    accountBalance: field.money('账户余额', { code: ['grzhye', 'grjcye'], required: true }),
    contributionMonthDetails: field.list(
      '缴存年月明细',
      {
        contributionMonth: field.month('缴存年月', { code: ['hbjny', 'jcny'] }),
        personalAmount: field.money('个人缴存额', { code: 'gryjce' }),
        employerAmount: field.money('单位缴存额', { code: 'dwyjce' }),
        totalAmount: field.money('缴存额合计', { code: 'fse' }),
        transactionType: field.code('业务类型', lists.fundTransactionTypes, { code: 'gjhtqywlx' }),
        postingDate: field.date('记账日期', { code: 'jzrq' }),
      },
      { code: 'jcnymx' },
    ),
    employerContributionDetails: field.list(
      '单位缴存明细',
      {
        contributionMonth: field.month('缴存年月', { code: ['hbjny', 'jcny'] }),
        employerName: field.text('单位名称', { code: 'dwmc' }),
        contributionRate: field.number('单位缴存比例', { code: 'dwjcbl' }),
        amount: field.money('单位缴存额', { code: ['dwyjce', 'fse'] }),
        postingDate: field.date('记账日期', { code: 'jzrq' }),
      },
      { code: 'dwjcmx' },
    ),
    arrivalTime: field.datetime('到账时间', { code: ['dzsj', 'dzrq'] }),
    postingTime: field.datetime('记账时间', { code: ['jzsj', 'jzrq'] }),
  },
})

/** JGJ/T 320-2014 4.0.2, 5.0.2 and 5.0.3. For the agent of a firm: the firm is the mandate's, never the request's. */
const employerAccount = service({
  face: { maxAgeSeconds: 1800, once: false },
  id: 'employer-account',
  name: '公积金单位账户信息查询',
  section: '1.4.1.8',
  document: { title: '住房公积金单位账户信息' },
  files: VOUCHERS,
  kind: 'query',
  audience: 'enterprise',
  identity: 'authorised-agent',
  key: 'employerAccountNumber',
  keyWords: ['employerAccountStatus', 'employerAccountOpenDate'],
  summaries: [{ list: 'recentPaymentDetails', at: 'contributionMonth', sums: ['amount'], groups: ['transactionType'] }],
  inputs: {
    employerName: input.verified('单位名称', 'enterprise.name', { code: 'dwmc' }),
    unifiedSocialCreditCode: input.verified('统一社会信用代码', 'enterprise.uscc', { code: 'tyshxydm' }),
    timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'recentPaymentDetails.postingDate' }),
    employerAccountNumber: input.text('单位账号', { field: 'employerAccountNumber' }),
  },
  fields: {
    employerName: field.text('单位名称', { code: 'dwmc' }),
    employerAccountNumber: field.text('单位账号', { code: 'dwzh', mask: 'account', reveal: true, required: true }),
    employerAccountOpenDate: field.date('单位开户日期', { code: 'dwkhrq' }),
    employerAccountStatus: field.code('单位账户状态', lists.employerAccountStatuses, { code: 'dwzhzt' }),
    paidThroughMonth: field.month('缴至年月', { code: 'jzny' }),
    employerTotalContribution: field.money('单位累计缴存额', { code: ['dwljjce', 'ljjce'], essential: true }),
    activeContributorCount: field.integer('在缴人数', { code: ['dwjcrs', 'zjrs'] }),
    contributionArrears: field.text('欠缴情况', { code: 'qjqk' }),
    recentPaymentDetails: field.list(
      '最近缴款明细',
      {
        postingDate: field.date('记账日期', { code: 'jzrq' }),
        contributionMonth: field.month('汇补缴年月', { code: 'hbjny' }),
        transactionType: field.code('业务明细类型', lists.fundTransactionTypes, { code: 'ywmxlx' }),
        amount: field.money('发生额', { code: 'fse' }),
        contributorCount: field.integer('发生人数', { code: 'fsrs' }),
        transactionSerialNumber: field.text('业务流水号', { code: 'ywlsh' }),
      },
      { code: 'zjjkmx' },
    ),
    availableBalance: field.money('账户可用余额', { code: ['zhkyye', 'dwzhye'], essential: true }),
    remarks: field.text('备注', { code: 'bz' }),
    anomalyFlag: field.flag('异常标识', { code: 'ycbs' }),
    voucherAttachments: field.files('缴款凭证', { code: 'pzfj' }),
  },
})

/**
 * 为人员增减、基数调整提供前置信息 (1.4.1.8): who is paid for, on what base. Fields of JGJ/T 320-2014 4.0.3; that the centre hands the list
 * out, and its service id, is to be confirmed.
 */
const employerContributors = service({
  face: { maxAgeSeconds: 1800, once: false },
  id: 'employer-contributors',
  name: '公积金单位缴存职工名册查询',
  section: '1.4.1.8',
  kind: 'list',
  assists: ['employer-account'],
  audience: 'enterprise',
  identity: 'authorised-agent',
  inputs: {
    employerName: input.verified('单位名称', 'enterprise.name', { code: 'dwmc' }),
    unifiedSocialCreditCode: input.verified('统一社会信用代码', 'enterprise.uscc', { code: 'tyshxydm' }),
    personalAccountStatus: input.choice('个人账户状态', lists.personalAccountStatuses, { code: 'grzhzt', field: 'personalAccountStatus' }),
  },
  fields: {
    employerAccountNumber: field.text('单位账号', { code: 'dwzh', mask: 'account', reveal: true }),
    // Of others: enough to know them by among colleagues.
    personName: field.text('职工姓名', { code: ['xingming', 'xm'], mask: 'name', required: true }),
    personalAccountNumber: field.text('个人账号', { code: ['grzh', 'gjjzh'], mask: 'account' }),
    personalContributionBase: field.money('个人缴存基数', { code: 'grjcjs', rounding: 'half-up', essential: true }),
    personalMonthlyContribution: field.money('个人月缴存额', { code: 'gryjce' }),
    employerMonthlyContribution: field.money('单位月缴存额', { code: 'dwyjce' }),
    personalAccountStatus: field.code('个人账户状态', lists.personalAccountStatuses, { code: ['grzhzt', 'zrzhzt'] }),
    contributionStartMonth: field.month('本单位起缴年月', { code: 'qjny' }),
  },
})

/** JGJ/T 320-2014 5.0.5. */
const personalTransactions = service({
  id: 'personal-transactions',
  name: '公积金个人业务明细查询',
  section: '1.4.1.9',
  kind: 'list',
  summaries: [
    {
      at: 'postingDate',
      sums: ['transactionAmount', 'currentYearContributionAmount', 'interestAccrued'],
      groups: ['contributionWithdrawalType'],
    },
  ],
  inputs: { timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'postingDate' }) },
  fields: {
    personalAccountNumber: field.text('个人账号', { code: ['grzh', 'gjjzh'], mask: 'account', reveal: true }),
    postingDate: field.date('记账日期', { code: 'jzrq' }),
    contributionWithdrawalType: field.code('归集和提取业务类型', lists.fundTransactionTypes, { code: 'gjhtqywlx' }),
    transactionAmount: field.money('发生额', { code: 'fse', required: true }),
    currentYearContributionAmount: field.money('当年归集发生额', { code: 'dngjfse' }),
    priorYearCarryoverAmount: field.money('上年结转发生额', { code: 'snjzfse' }),
    interestAccrued: field.money('发生利息额', { code: 'fslxe' }),
    withdrawalReason: field.code('提取原因', lists.withdrawalReasons, { code: 'tqyy' }),
    withdrawalMethod: field.code('提取方式', lists.withdrawalMethods, { code: 'tqfs' }),
  },
})

/** No table of its own in the standard: withdrawals of 5.0.5 joined with the house (6.0.2) and the payment (9.0.2). */
const homeWithdrawalRecords = service({
  id: 'home-withdrawal-records',
  name: '个人住房提取信息',
  section: '1.4.1.15',
  kind: 'list',
  inputs: {},
  fields: {
    houseLocation: field.text('房屋坐落', { code: 'fwzl', mask: 'address', reveal: true }),
    payeeAccountName: field.text('收款账户名称', { code: 'skzhmc', mask: 'name', reveal: true }),
    withdrawnAmount: field.money('已提取金额', { code: ['ytqje', 'tqje', 'fse'], required: true }),
    idNumber: field.text('证件号码', { code: ['zjhm', 'zjh', 'sfzh'], mask: 'idNumber', subject: 'person' }),
  },
})

export const accountServices = [personalAccount, employerAccount, employerContributors, personalTransactions, homeWithdrawalRecords]
