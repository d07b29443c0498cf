import { divisions, field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { verified } from './policies.ts'

const retirementInformation = service({
  kind: 'query',
  id: 'retirement-information',
  name: '离退休人员养老保险退休信息查询',
  section: '1.4.3.5',
  key: 'localityInfo',
  keyWords: ['insuredEmployer', 'retirementApprovalTime'],
  inputs: {
    idCardNumber: verified.idNumber('身份证号'),
    localityInfo: input.choice('属地信息', divisions, { code: 'AAB301', field: 'localityInfo' }),
  },
  fields: {
    retirementApprovalTime: field.datetime('退休审批通过时间', { code: 'txsptgsj', required: true }),
    insuredEmployer: field.text('参保单位', { code: ['AAB004', 'AAE044'] }),
    localityInfo: field.code('属地信息', divisions, { code: 'AAB301' }),
  },
})

const paidPension = {
  pensionPaymentStatus: field.code('养老金发放状态', lists.paymentStatuses, { code: 'ylffzt', required: true }),
}
const period = { benefitPaymentPeriod: field.month('待遇发放期别', { code: ['EAC064', 'AAE002'] }) }
const effective = { retirementEffectiveDate: field.date('离退休生效日期', { code: 'AIC162' }) }

/** One record for each month paid. */
const employeePensionBenefits = service({
  kind: 'query',
  id: 'employee-pension-benefits',
  name: '城镇企业职工基本养老保险待遇领取信息查询',
  section: '1.4.3.6',
  rows: 'many',
  inputs: { personName: verified.name('姓名'), idCardNumber: verified.idNumber('身份证号') },
  fields: {
    ...paidPension,
    monthlyBasicPension: field.money('每月基础养老金金额', { code: ['jcylj', 'AAE019'], essential: true }),
    ...period,
    ...effective,
  },
})

/** One record for each month paid. */
const publicInstitutionPensionBenefits = service({
  kind: 'query',
  id: 'public-institution-pension-benefits',
  name: '机关事业单位养老保险待遇领取信息查询',
  section: '1.4.3.7',
  rows: 'many',
  inputs: { idCardNumber: verified.idNumber('身份证号') },
  fields: {
    ...paidPension,
    fiscalAppropriationBatchNumber: field.text('财政拨付批次号', { code: 'czbfpch' }),
    ...period,
    ...effective,
    handlingAgencyCode: field.text('经办机构编码', { code: 'AAB034' }),
  },
})

const benefitCertificationResult = service({
  kind: 'query',
  id: 'benefit-certification-result',
  name: '社保待遇认证结果查询',
  section: '1.4.3.9',
  // A benefit of each insurance has a certification of its own.
  key: 'insuranceCategory',
  keyWords: ['certificationTime'],
  inputs: {
    personalInfo: verified.name('个人信息'),
    socialSecurityAccountNumber: verified.insuredNumber('社保账号'),
    insuranceCategory: input.choice('险种类型', lists.insuranceCategories, { code: 'AAE140', field: 'insuranceCategory' }),
  },
  fields: {
    benefitCertificationResult: field.code('待遇认证结果', lists.certificationResults, { code: 'rzjg', required: true }),
    certificationStatus: field.code('认证状态', lists.certificationStatuses, { code: 'rzzt' }),
    certificationTime: field.datetime('认证时间', { code: 'rzsj' }),
    certificationMethod: field.code('认证方式', lists.certificationMethods, { code: 'rzfs' }),
    certificationPassFailRecords: field.list(
      '认证通过/失败记录',
      {
        certificationTime: field.datetime('认证时间', { code: 'rzsj' }),
        certificationResult: field.code('认证结果', lists.certificationResults, { code: 'rzjg' }),
        certificationMethod: field.code('认证方式', lists.certificationMethods, { code: 'rzfs' }),
        failureReason: field.text('未通过原因', { code: 'wtgyy' }),
      },
      { code: 'rzjl' },
    ),
    // Free text that begins with the place and may go on with somebody's name.
    outOfAreaProxyInfo: field.text('异地代办信息', { code: 'yddbxx', mask: 'address', reveal: true }),
    insuranceCategory: field.code('险种类型', lists.insuranceCategories, { code: 'AAE140' }),
  },
})

export const benefitServices = [
  retirementInformation,
  employeePensionBenefits,
  publicInstitutionPensionBenefits,
  benefitCertificationResult,
]
