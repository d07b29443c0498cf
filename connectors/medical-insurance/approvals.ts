import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { PERIOD_CODES } from './policies.ts'

/** A person may have several diseases approved. */
const approval = { kind: 'query', rows: 'many', inputs: {} } as const
const approvalStatus = field.code('审批状态', lists.approvalStatuses, { code: 'aprv_stas', required: true })
const approvalResult = field.code('审批结果', lists.approvalResults, { code: 'aprv_rslt' })

const diseaseName = field.text('病种名称', { code: ['opsp_dise_name', 'dise_name'] })

const outpatientMajorDisease = service({
  ...approval,
  id: 'outpatient-major-disease-approval',
  name: '门诊特大病审批信息',
  section: '1.4.5.1',
  fields: {
    diseaseName,
    approvalStatus,
    approvalResult,
    designatedHospital: field.text('定点医院', { code: 'fixmedins_name' }),
    applicationTime: field.datetime('申请时间', { code: 'appy_time' }),
    approvalTime: field.datetime('审批时间', { code: 'aprv_time' }),
    benefitStartDate: field.date('待遇开始日期', { code: 'begndate' }),
    benefitEndDate: field.date('待遇终止日期', { code: 'enddate' }),
  },
})

const outpatientChronicDisease = service({
  ...approval,
  id: 'outpatient-chronic-disease-approval',
  name: '门诊慢性病审批信息',
  section: '1.4.5.9',
  fields: {
    approvalStatus,
    approvalResult,
    reimbursementAmount: field.money('报销金额', { code: ['fund_pay_sumamt', 'hifp_pay'], essential: true }),
    // Not in the contract; without it nobody can tell two approvals apart.
    diseaseName,
  },
})

/** One record for each payment. */
const maternityBenefits = service({
  id: 'maternity-benefits',
  name: '生育保险待遇查询',
  section: '1.4.5.1',
  kind: 'query',
  rows: 'many',
  inputs: { timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'paymentDate' }) },
  fields: {
    benefitCategory: field.code('待遇类别', lists.maternityBenefits, { code: 'matn_trt_type', required: true }),
    maternityDate: field.date('生育日期', { code: ['matn_date', 'fetts_date'] }),
    hospitalName: field.text('医院名称', { code: 'fixmedins_name' }),
    allowanceDays: field.integer('津贴天数', { code: 'alwn_days' }),
    benefitAmount: field.money('待遇金额', { code: ['matn_trt_amt', 'fund_pay_sumamt'], essential: true }),
    paymentDate: field.date('支付日期', { code: 'pay_date' }),
    handlingAgency: field.text('经办机构', { code: 'clr_optins' }),
  },
})

const outOfAreaTreatmentFiling = service({
  id: 'out-of-area-treatment-filing',
  name: '异地就医备案查询',
  section: '1.4.5.10',
  kind: 'query',
  rows: 'many',
  inputs: { identityInfo: input.verified('身份信息', 'person.idNumber', { code: 'certno' }) },
  fields: {
    filingStatus: field.code('备案状态', lists.filingStatuses, { code: 'filg_stas', required: true }),
    filingHospital: field.text('备案医院', { code: 'fixmedins_name' }),
    filingStartDate: field.date('备案起始日期', { code: 'begndate' }),
    filingEndDate: field.date('备案终止日期', { code: 'enddate' }),
  },
})

const caseProgress = service({
  id: 'case-progress',
  name: '医保办件进度查询',
  section: '1.4.5.1',
  kind: 'status',
  rows: 'many',
  inputs: { caseNumber: input.text('办件编号', { code: 'case_no', field: 'caseNumber' }) },
  fields: {
    caseNumber: field.text('办件编号', { code: 'case_no', required: true }),
    caseName: field.text('办件事项', { code: 'case_name' }),
    applicationTime: field.datetime('申请时间', { code: 'appy_time' }),
    caseStatus: field.code('办件状态', lists.caseStatuses, { code: 'case_stas' }),
    currentStep: field.text('当前环节', { code: 'curr_step' }),
    handlingAgency: field.text('经办机构', { code: 'optins_name' }),
    completionTime: field.datetime('办结时间', { code: 'fnsh_time' }),
    result: field.text('办理结果', { code: 'case_rslt' }),
  },
})

export const approvalServices = [
  outpatientMajorDisease,
  outpatientChronicDisease,
  maternityBenefits,
  outOfAreaTreatmentFiling,
  caseProgress,
]
