import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { PERIOD_CODES } from './policies.ts'

const hospitalName = field.text('医院名称', { code: 'fixmedins_name' })
const diagnosisInfo = field.text('诊断信息', { code: ['diag_name', 'dise_name'] })
const identityInfo = input.verified('身份信息', 'person.idNumber', { code: 'certno' })

/** What a settlement came to, and who paid which part. */
const settlement = {
  settlementTime: field.datetime('结算时间', { code: 'setl_time' }),
  institutionName: field.text('医药机构名称', { code: 'fixmedins_name' }),
  medicalCategory: field.code('医疗类别', lists.medicalCategories, { code: 'med_type' }),
  totalAmount: field.money('费用总额', { code: 'medfee_sumamt', essential: true }),
  fundPayment: field.money('基金支付总额', { code: 'fund_pay_sumamt' }),
  accountPayment: field.money('个人账户支出', { code: 'acct_pay' }),
  cashPayment: field.money('个人现金支出', { code: 'psn_cash_pay' }),
}

/** One row for each visit to a hospital or pharmacy. */
const consumptionRecords = service({
  id: 'consumption-records',
  name: '医保消费记录查询',
  section: '1.4.5.8',
  kind: 'list',
  inputs: {
    personName: input.verified('姓名', 'person.name', { code: 'psn_name' }),
    idCardNumber: input.verified('身份证号', 'person.idNumber', { code: 'certno' }),
  },
  fields: {
    medicalExpenseReimbursementRecords: field.list('医疗费用报销记录', settlement, { code: 'setl_list', required: true }),
    drugExpenseReimbursementRecords: field.list(
      '药品费用报销记录',
      {
        settlementTime: field.datetime('结算时间', { code: 'setl_time' }),
        drugName: field.text('药品名称', { code: 'drug_name' }),
        quantity: field.number('数量', { code: 'cnt' }),
        totalAmount: field.money('费用总额', { code: 'det_item_fee_sumamt' }),
        fundPayment: field.money('基金支付总额', { code: 'fund_pay_sumamt' }),
      },
      { code: 'drug_list' },
    ),
    medicalServiceItemRecords: field.list(
      '医疗服务项目记录',
      {
        serviceTime: field.datetime('服务时间', { code: 'fee_ocur_time' }),
        itemName: field.text('项目名称', { code: 'hilist_name' }),
        quantity: field.number('数量', { code: 'cnt' }),
        totalAmount: field.money('费用总额', { code: 'det_item_fee_sumamt' }),
      },
      { code: 'item_list' },
    ),
  },
})

const electronicPrescriptions = service({
  id: 'electronic-prescriptions',
  name: '电子处方信息查询',
  section: '1.4.5.1',
  kind: 'query',
  rows: 'many',
  subscriptions: { 'expiry-reminder': { title: '处方到期提醒', on: 'date', field: 'expiryDate', daysBefore: [1, 0, 3] } },
  inputs: { timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'prescriptionDate' }) },
  fields: {
    prescriptionNumber: field.text('处方编号', { code: ['hi_rxno', 'rx_no'], required: true }),
    prescriptionDate: field.date('开方日期', { code: 'prsc_time' }),
    hospitalName,
    departmentName: field.text('科室', { code: 'prsc_dept_name' }),
    doctorName: field.text('开方医师', { code: 'prsc_dr_name', mask: 'name' }),
    diagnosisInfo,
    drugs: field.list(
      '药品明细',
      {
        drugName: field.text('药品名称', { code: ['drug_genname', 'drug_name'] }),
        specification: field.text('规格', { code: 'drug_spec' }),
        quantity: field.number('数量', { code: 'drug_cnt' }),
        usage: field.text('用法用量', { code: 'medc_way' }),
      },
      { code: 'rx_detl' },
    ),
    prescriptionStatus: field.code('处方状态', lists.prescriptionStatuses, { code: 'rx_stas' }),
    expiryDate: field.date('有效期至', { code: 'vali_end_time' }),
  },
})

/**
 * Members of the asker's 家庭共济账户, whom the bureau has bound with their consent: they prove whose records besides one's own may
 * be asked for ("查询个人或家庭成员的住院记录"). The contract has no such service; its keys are a proposal.
 */
const familyAccount = service({
  id: 'family-account',
  name: '家庭共济账户成员查询',
  section: '1.4.5',
  kind: 'list',
  inputs: {},
  fields: {
    memberName: field.text('成员姓名', { code: 'fam_psn_name', mask: 'name' }),
    memberIdNumber: field.text('成员证件号码', { code: 'fam_certno', mask: 'idNumber', required: true }),
    relation: field.code('与本人关系', lists.householdRelations, { code: 'rlts' }),
    boundDate: field.date('绑定日期', { code: 'bind_date' }),
  },
})

/** A family member is asked about under a guardian's mandate, with his own consent, or as a member of the family account. */
const hospitalisationRecords = service({
  id: 'hospitalisation-records',
  name: '居民住院信息查询',
  section: '1.4.5.11',
  kind: 'list',
  dependants: true,
  kinship: { service: 'family-account', idNumber: 'memberIdNumber' },
  inputs: { identityInfo, timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'hospitalisationDate' }) },
  fields: {
    hospitalisationDate: field.date('住院日期', { code: ['adm_time', 'begntime'], required: true }),
    hospitalName,
    inpatientDepartment: field.text('住院科室', { code: ['adm_dept_name', 'dept_name'] }),
    diagnosisInfo,
    medicalExpense: field.money('医疗费用', { code: 'medfee_sumamt', essential: true }),
  },
})

/** "查看个人或家庭成员的药品购买记录", as above. */
const drugPurchaseRecords = service({
  id: 'drug-purchase-records',
  name: '居民购药信息查询',
  section: '1.4.5.12',
  kind: 'list',
  dependants: true,
  kinship: { service: 'family-account', idNumber: 'memberIdNumber' },
  inputs: { identityInfo, timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'purchaseDate' }) },
  fields: {
    purchaseDate: field.date('购药日期', { code: ['setl_time', 'purc_time'], required: true }),
    pharmacyName: field.text('药店名称', { code: 'fixmedins_name' }),
    drugName: field.text('药品名称', { code: ['drug_name', 'hilist_name'] }),
    quantity: field.number('数量', { code: 'cnt' }),
    amount: field.money('金额', { code: ['det_item_fee_sumamt', 'medfee_sumamt'], essential: true }),
  },
})

export const recordServices = [familyAccount, consumptionRecords, electronicPrescriptions, hospitalisationRecords, drugPurchaseRecords]
