import { field, input, service } from '../../core/connector.ts'
import { lastGood } from './calendar.ts'
import * as lists from './codes.ts'
import { contributionColumns, PERIOD_CODES } from './policies.ts'

const insuranceType = field.code('参保类型', lists.insuranceTypes, { code: 'insutype', required: true })
const insuranceInput = input.choice('参保类型', lists.insuranceTypes, { code: 'insutype', field: 'insuranceType' })
const insuredEmployer = field.text('参保单位', { code: 'emp_name' })
/** Free text of the agency, often a name and an id number: only its ends are shown. */
const personalInfo = field.text('个人信息', { code: ['psn_info', 'psn_name'], mask: 'name', reveal: true })

/** The code itself is shown whole: it lives for minutes and is there to be held before a scanner. */
const medicalInsuranceCode = service({
  id: 'medical-insurance-code',
  name: '医保码',
  section: '1.4.5.1',
  kind: 'query',
  single: '每人只有一个医保码',
  inputs: {},
  fields: {
    personName: field.text('姓名', { code: 'psn_name' }),
    idType: field.code('证件类型', lists.idTypes, { code: 'psn_cert_type' }),
    idNumber: field.text('证件号码', { code: 'certno', mask: 'idNumber', subject: 'person' }),
    medicalInsuranceCode: field.text('医保码', { code: ['ec_token', 'ecToken'], required: true }),
    codeState: field.code('医保码状态', lists.codeStates, { code: 'ec_stas' }),
    activationTime: field.datetime('激活时间', { code: 'actv_time' }),
    expiryTime: field.datetime('失效时间', { code: 'expi_time' }),
  },
})

const accountBalance = service({
  id: 'account-balance',
  lastGood,
  name: '账户余额查询',
  section: '1.4.5.2',
  kind: 'query',
  key: 'insuranceType',
  inputs: { insuranceType: insuranceInput },
  // Whoever is in 职工 and 居民医保 has an account in each.
  fields: {
    accountBalance: field.money('账户余额', { code: 'balc', required: true }),
    insuranceType: field.code('参保类型', lists.insuranceTypes, { code: 'insutype' }),
  },
})

const personalBasicInformation = service({
  id: 'personal-basic-information',
  name: '个人基本信息查询',
  section: '1.4.5.3',
  kind: 'query',
  key: 'medicalInsuranceCardNumber',
  keyWords: ['medicalInsuranceInfo'],
  inputs: { medicalInsuranceCardNumber: input.text('医保卡号', { field: 'medicalInsuranceCardNumber' }) },
  fields: {
    personalInfo,
    medicalInsuranceInfo: field.text('医保参保信息', { code: 'insu_info' }),
    contributionRecords: field.list('缴费记录', contributionColumns, { code: 'clct_list' }),
    medicalInsuranceCardNumber: field.text('医保卡号', { code: ['card_no', 'card_sn'], mask: 'account', reveal: true, required: true }),
  },
})

/** One record for each insurance. */
const personalInsuranceInformation = service({
  id: 'personal-insurance-information',
  lastGood,
  name: '个人参保信息查询',
  section: '1.4.5.4',
  kind: 'query',
  rows: 'many',
  inputs: {},
  fields: {
    personalInfo,
    insuranceType,
    insuredEmployer,
    contributionRecords: field.list('缴费记录', contributionColumns, { code: 'clct_list' }),
    insuranceStatus: field.code('参保状态', lists.insuranceStatuses, { code: 'psn_insu_stas' }),
  },
})

const contributions = service({
  id: 'contributions',
  name: '医保缴费信息查询',
  section: '1.4.5.5',
  kind: 'list',
  inputs: { timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'contributionTime' }) },
  fields: {
    insuranceType,
    employerPaidAmount: field.money('单位实缴金额', { code: 'emp_paid_amt' }),
    personalPaidAmount: field.money('个人实缴金额', { code: 'psn_paid_amt' }),
    contributionType: field.code('缴费类型', lists.contributionTypes, { code: 'clct_type' }),
    contributionTime: field.datetime('缴费时间', { code: 'clct_time' }),
    contributionBase: field.money('缴费基数', { code: 'clct_base' }),
  },
})

const certificate = { insuranceType, insuredEmployer, insuredTime: field.datetime('参保时间', { code: 'psn_insu_date' }) }

/** One record for each insurance. */
const personalInsuranceCertificate = service({
  id: 'personal-insurance-certificate',
  name: '个人参保证明查询',
  section: '1.4.5.6',
  kind: 'query',
  rows: 'many',
  inputs: {},
  fields: certificate,
})

/** A sheet certifies one insurance; who has several says which. */
const personalInsuranceCertificatePrinting = service({
  id: 'personal-insurance-certificate-printing',
  name: '个人参保证明打印',
  document: { title: '个人参保证明' },
  section: '1.4.5.7',
  kind: 'document',
  files: { sid: 'medical-insurance.personal-certificate-files', parameter: 'file_id' },
  key: 'insuranceType',
  keyWords: ['insuredEmployer'],
  inputs: { insuranceType: insuranceInput },
  fields: { ...certificate, personalInsuranceCertificate: field.files('个人参保证明', { code: 'cert_file' }) },
})

export const insuranceServices = [
  medicalInsuranceCode,
  accountBalance,
  personalBasicInformation,
  personalInsuranceInformation,
  contributions,
  personalInsuranceCertificate,
  personalInsuranceCertificatePrinting,
]
