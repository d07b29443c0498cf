import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** Of the mandate; nobody types it. The agency is told it with the name, as `nsrsbh` (index.ts). */
const unifiedSocialCreditCode = input.verified('统一社会信用代码', 'enterprise.uscc', { code: 'shxydm' })
const taxType = field.code('税种', lists.taxTypes, { code: ['zsxmDm', 'zsxmMc'], required: true })

/** An enterprise with registrations in several places has a 登记序号 for each. */
const registeredCapital = service({
  id: 'registered-capital',
  name: '纳税人注册资本信息查询',
  section: '1.4.4.1',
  kind: 'query',
  key: 'registrationSerialNumber',
  keyWords: ['registrationStatusValidity', 'registeredCapital'],
  inputs: {
    unifiedSocialCreditCode,
    registrationSerialNumber: input.text('登记序号', { code: 'djxh', pattern: '^\\d{1,20}$', field: 'registrationSerialNumber' }),
  },
  fields: {
    registeredCapital: field.money('企业注册资本金额', { code: 'zczb', essential: true }),
    registrationSerialNumber: field.text('登记序号', { code: 'djxh', required: true }),
    capitalCurrency: field.code('出资货币类型', lists.currencies, { code: 'bzDm' }),
    registrationStatusValidity: field.code('登记状态有效性', lists.validities, { code: 'yxbz' }),
    capitalChangeRecords: field.list(
      '历次增资减资记录',
      {
        changeKind: field.code('变动类型', lists.capitalChanges, { code: 'bdlxDm' }),
        capitalBefore: field.money('变动前注册资本', { code: 'bdqzczb' }),
        capitalAfter: field.money('变动后注册资本', { code: 'bdhzczb' }),
        changedOn: field.date('变动日期', { code: 'bdrq' }),
      },
      { code: 'zbbdjl' },
    ),
    capitalChangeTime: field.datetime('资本变动时间', { code: 'zbbdsj' }),
  },
})

/** One record for each tax and period that is, or was, owed. */
const taxArrears = service({
  id: 'tax-arrears',
  name: '企业欠税信息查询',
  section: '1.4.4.2',
  kind: 'query',
  rows: 'many',
  inputs: { unifiedSocialCreditCode },
  fields: {
    taxArrearsStatus: field.code('企业欠税状态', lists.arrearsStates, { code: 'qsztDm' }),
    taxArrearsAmount: field.money('具体欠税金额', { code: 'qsye', essential: true }),
    taxType,
    taxArrearsStartDate: field.date('欠税起始日期', { code: 'qsrqq' }),
    // None while it is owed.
    taxArrearsEndDate: field.date('欠税终止日期', { code: 'qsrqz' }),
    relatedEnterpriseName: field.text('关联企业名称', { code: ['glqymc', 'nsrmc'] }),
  },
})

/** One line for each levy item and month. */
const premiumsPayable = service({
  id: 'social-insurance-premiums-payable',
  name: '企业应缴税费(社保费)查询',
  section: '1.4.4.3',
  kind: 'list',
  summaries: [{ at: 'taxPeriod', sums: ['taxPayable', 'taxReduction', 'taxSupplementOrRefund'], groups: ['levyStatus'] }],
  subscriptions: { 'payment-reminder': { title: '社保费缴款提醒', on: 'date', field: 'paymentDeadline', daysBefore: [3, 1, 5] } },
  inputs: {
    unifiedSocialCreditCode,
    timeRange: input.period('时间范围', { codes: ['skssqq', 'skssqz'], field: 'taxPeriod' }),
    levyStatus: input.choice('征缴状态', lists.levyStates, { code: 'zjztDm', field: 'levyStatus' }),
  },
  fields: {
    taxPeriod: field.month('税款所属期', { code: ['skssqq', 'sssqQ'], required: true }),
    budgetAllocationRatio: field.number('预算分配比例', { code: 'ysfpbl' }),
    levyItem: field.code('征收品目', lists.premiumItems, { code: ['zspmDm', 'zspmMc'] }),
    taxBasis: field.money('计税依据', { code: 'jsyj' }),
    taxRate: field.number('税率', { code: ['sl1', 'slhdwse'] }),
    taxPayable: field.money('应纳税额', { code: 'ynse', essential: true }),
    levyStatus: field.code('征缴状态', lists.levyStates, { code: 'zjztDm' }),
    declarationMethod: field.code('申报方式', lists.declarationMethods, { code: 'sbfsDm' }),
    paymentDeadline: field.date('缴款期限', { code: ['jkqx', 'sbqx'] }),
    levyAuthority: field.text('征收机关', { code: ['zgswskfjMc', 'zgswskfjDm'] }),
    taxReduction: field.money('减免税额', { code: 'jmse' }),
    taxSupplementOrRefund: field.money('应补退税额', { code: 'ybtse' }),
    treasuryReceiptResult: field.code('入库结果', lists.treasuryResults, { code: 'rkjgDm' }),
  },
})

/** 企业所得税年度纳税申报基础信息表 (A000000), the latest year first. */
const annualReturn = service({
  id: 'corporate-income-tax-annual-return',
  name: '企业所得税年度申报企业基本信息查询',
  section: '1.4.4.4',
  kind: 'query',
  rows: 'many',
  inputs: { unifiedSocialCreditCode },
  fields: {
    enterpriseName: field.text('企业名称', { code: 'nsrmc' }),
    unifiedSocialCreditCode: field.text('统一社会信用代码', { code: ['shxydm', 'nsrsbh'], subject: 'enterprise', required: true }),
    industryCode: field.text('行业代码', { code: 'hyDm' }),
    // The form counts both in 万元.
    registeredCapital: field.money('企业注册资本金额', { code: 'zczb', unit: '10k-yuan' }),
    employeeCount: field.integer('从业人数', { code: 'cyrs' }),
    totalAssets: field.money('资产总额', { code: 'zcze', unit: '10k-yuan' }),
    listingStatus: field.code('上市状态', lists.listings, { code: 'ssztDm' }),
    relatedPartyTransactions: field.text('关联交易', { code: 'gljy' }),
    applicableAccountingStandards: field.code('适用准则', lists.accountingStandards, { code: 'kjzzDm' }),
    depreciationMethod: field.code('折旧方法', lists.depreciationMethods, { code: 'zjffDm' }),
    inventoryValuationMethod: field.code('存货计价方法', lists.inventoryMethods, { code: 'chjjffDm' }),
    badDebtAccountingMethod: field.code('坏账核算方式', lists.badDebtMethods, { code: 'hzhsffDm' }),
    declarationPeriod: field.text('所属期间', { code: 'skssq', required: true }),
    acceptingAuthority: field.text('受理机关', { code: 'slswjgMc' }),
    declarationDate: field.date('申报日期', { code: 'sbrq' }),
    acceptanceDate: field.date('受理日期', { code: 'slrq' }),
    formFillingDate: field.date('填报日期', { code: 'tbrq' }),
    nonRestrictedIndustry: field.flag('非限制行业认证', { code: 'fxzhybz' }),
    consolidatedTaxQualification: field.flag('汇总纳税资质', { code: 'hznsbz' }),
    accountingPolicyChange: field.flag('会计政策变更', { code: 'kjzcbgbz' }),
  },
})

export const enterpriseServices = [registeredCapital, taxArrears, premiumsPayable, annualReturn]
