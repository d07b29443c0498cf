import { divisions, field, input, service } from '../../core/connector.ts'
import { lastGood } from './calendar.ts'
import * as lists from './codes.ts'
import { PERIOD_CODES, personalMonth, verified } from './policies.ts'

/** One record for each insurance that the person has or had. */
const benefitEligibility = service({
  kind: 'query',
  id: 'benefit-eligibility',
  name: '社会保险待遇资格查询',
  section: '1.4.3',
  rows: 'many',
  inputs: { personalInfo: verified.name('个人信息'), insuranceNumber: verified.insuredNumber('参保编号') },
  fields: {
    benefitEligibilityCertification: field.list(
      '待遇资格认证情况',
      {
        insuranceCategory: field.code('险种类型', lists.insuranceCategories, { code: 'AAE140' }),
        certificationResult: field.code('认证结果', lists.certificationResults, { code: 'rzjg' }),
        certificationTime: field.datetime('认证时间', { code: 'rzsj' }),
      },
      { code: 'dyzgrz' },
    ),
    insuranceStatus: field.code('参保状态', lists.insuranceStatuses, { code: 'AAC008', required: true }),
    contributionRecords: field.list('缴费记录', personalMonth, { code: 'jfjl' }),
    insuredYears: field.number('参保年限', { code: 'cbnx' }),
    benefitCategory: field.code('享受待遇类别', lists.benefitCategories, { code: 'AAA036' }),
    benefitAmount: field.money('享受待遇额度', { code: 'AAE019', essential: true }),
    certificationPassTime: field.datetime('认证通过时间', { code: 'rztgsj' }),
    certificationValidityPeriod: field.text('认证有效期', { code: 'rzyxq' }),
  },
})

/** One record for each insurance. */
const basicInformation = service({
  kind: 'query',
  id: 'basic-information',
  lastGood,
  name: '社保基本信息查询',
  section: '1.4.3.1',
  rows: 'many',
  inputs: { idCardNumber: verified.idNumber('身份证号'), socialSecurityAccountNumber: verified.insuredNumber('社保账号') },
  fields: {
    insuranceStatus: field.code('参保状态', lists.insuranceStatuses, { code: 'AAC008', required: true }),
    firstInsuredDate: field.date('首次参保日期', { code: 'AAC049', monthAsFirstDay: true }),
    insuredRegion: field.code('参保地区', divisions, { code: 'AAB301' }),
    contributionMonth: field.month('缴费年月', { code: ['AAE003', 'AAE002'] }),
    insuranceType: field.code('参保类型', lists.insuranceCategories, { code: 'AAE140' }),
    socialSecurityAgency: field.text('所属社保机构', { code: ['sbjgmc', 'AAB034'] }),
  },
})

/** One record for each insurance and employer. */
const employeeContributions = service({
  kind: 'query',
  id: 'employee-contributions',
  lastGood,
  name: '职工社保缴费信息查询',
  section: '1.4.3.3',
  rows: 'many',
  inputs: {
    idCardNumber: verified.idNumber('身份证号'),
    timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'monthlyContributionRecords.contributionMonth' }),
  },
  fields: {
    insuredEmployerInfo: field.text('参保单位信息', { code: ['AAB004', 'AAE044'] }),
    insuranceCategory: field.code('险种类型', lists.insuranceCategories, { code: 'AAE140', required: true }),
    insuranceStatus: field.code('参保状态', lists.insuranceStatuses, { code: 'AAC008' }),
    firstInsuredDate: field.date('首次参保日期', { code: 'AAC049', monthAsFirstDay: true }),
    monthlyContributionRecords: field.list('每月缴费记录', personalMonth, { code: 'myjfjl' }),
    insuredRegionCode: field.code('参保地区划代码', divisions, { code: 'AAB301' }),
  },
})

const residentPensionContributions = service({
  kind: 'query',
  id: 'resident-pension-contributions',
  name: '城乡居民养老保险缴费信息查询',
  section: '1.4.3.4',
  // Who has moved was insured in more than one place.
  key: 'insuredRegion',
  inputs: { insuredRegion: input.choice('参保地区', divisions, { code: 'AAB301', field: 'insuredRegion' }) },
  fields: {
    insuranceStatus: field.code('参保状态', lists.insuranceStatuses, { code: 'AAC008', required: true }),
    historicalContributionDates: field.list(
      '历史缴费日期',
      {
        contributionYear: field.text('年度', { code: 'AAE001' }),
        contributionDate: field.date('缴费日期', { code: ['jfrq', 'EAD131'] }),
        contributionAmount: field.money('缴费金额', { code: ['AAE082', 'AAE022'] }),
      },
      { code: 'lsjfrq' },
    ),
    identityInfo: field.text('身份信息', { code: ['AAE135', 'AAC147', 'AAC002'], mask: 'idNumber', subject: 'person' }),
    insuredRegion: field.code('参保地区', divisions, { code: 'AAB301' }),
  },
})

export const insuranceServices = [benefitEligibility, basicInformation, employeeContributions, residentPensionContributions]
