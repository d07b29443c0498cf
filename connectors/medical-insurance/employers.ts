import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { PERIOD_CODES } from './policies.ts'

/** One record for each insurance. The contract's "单位名称或编号" is the mandate's: name and unified social credit code. */
const employerInsuranceInformation = service({
  audience: 'enterprise',
  identity: 'authorised-agent',
  id: 'employer-insurance-information',
  name: '单位参保信息查询',
  section: '1.4.5.16',
  kind: 'query',
  rows: 'many',
  inputs: {
    employerName: input.verified('单位名称', 'enterprise.name', { code: 'emp_name' }),
    employerNumber: input.verified('单位编号', 'enterprise.uscc', { code: 'uscc' }),
  },
  fields: {
    insuredPersonCount: field.integer('参保人数', { code: 'psn_cnt' }),
    insuranceType: field.code('参保类型', lists.insuranceTypes, { code: 'insutype', required: true }),
    contributionStatus: field.text('缴费情况', { code: 'clct_stas' }),
    insuranceCoverage: field.text('保险覆盖范围', { code: 'cvrg_scp' }),
  },
  upstream: { system: 'health' },
})

const employerInsuranceCertificatePrinting = service({
  audience: 'enterprise',
  identity: 'authorised-agent',
  id: 'employer-insurance-certificate-printing',
  name: '单位参保证明打印',
  document: { title: '单位参保证明' },
  section: '1.4.5.17',
  kind: 'document',
  // One with branches may be insured under several numbers.
  key: 'employerNumber',
  keyWords: ['employerName', 'insuranceStatus'],
  // The platform seals its answers, so the file stands in one, in Base64.
  files: { sid: 'medical-insurance.employer-certificate-files', parameter: 'file_id', method: 'POST', content: 'file_cont' },
  inputs: {
    timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'contributionRecords.contributionMonth' }),
    insuranceInfo: input.choice('参保信息', lists.insuranceTypes, { code: 'insutype', field: 'insuredPersons.insuranceType' }),
    employerNumber: input.text('单位编号', { code: 'emp_no', field: 'employerNumber' }),
  },
  fields: {
    employerName: field.text('单位名称', { code: 'emp_name', required: true }),
    insuredPersons: field.list(
      '参保人员',
      {
        // Who is insured is what the certificate is for; the numbers say no more to whoever is shown it.
        personName: field.text('姓名', { code: 'psn_name', mask: 'name', reveal: 'members' }),
        idNumber: field.text('证件号码', { code: 'certno', mask: 'idNumber' }),
        insuranceType: field.code('参保类型', lists.insuranceTypes, { code: 'insutype' }),
        insuranceStatus: field.code('参保状态', lists.insuranceStatuses, { code: 'psn_insu_stas' }),
      },
      { code: 'psn_list' },
    ),
    insuranceStatus: field.code('参保状态', lists.insuranceStatuses, { code: 'emp_insu_stas' }),
    contributionRecords: field.list(
      '缴费记录',
      {
        contributionMonth: field.month('费款所属期', { code: 'clct_ym' }),
        insuredPersonCount: field.integer('参保人数', { code: 'psn_cnt' }),
        employerPaidAmount: field.money('单位实缴金额', { code: 'emp_paid_amt' }),
        personalPaidAmount: field.money('个人实缴金额', { code: 'psn_paid_amt' }),
      },
      { code: 'clct_list' },
    ),
    employerInsuranceCertificate: field.files('单位参保证明', { code: 'cert_file' }),
    employerNumber: field.text('单位编号', { code: 'emp_no' }),
  },
  upstream: { system: 'health' },
})

export const employerServices = [employerInsuranceInformation, employerInsuranceCertificatePrinting]
