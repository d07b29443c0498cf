import { divisions, field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/**
 * The contract names neither inputs nor fields. Without any input the person is enrolled for the year
 * for which enrolment is open, where they are registered.
 */
const residentEnrolment = service({
  id: 'resident-enrolment',
  name: '城乡居民参保登记',
  section: '1.4.5.1',
  kind: 'submit',
  inputs: {
    enrolmentYear: input.integer('参保年度', { code: 'enrl_year', minimum: 2020, maximum: 2100 }),
    enrolmentRegion: input.choice('参保地区', divisions, { code: 'insuplc_admdvs' }),
    personCategory: input.choice('人员类别', lists.personCategories, { code: 'psn_type' }),
    relationToHouseholder: input.choice('与户主关系', lists.householdRelations, { code: 'hshd_rlts' }),
    homeAddress: input.address('居住地址', { codes: ['live_addr', 'live_admdvs'] }),
    contactPhone: input.phone('联系电话', { code: 'tel' }),
  },
  fields: {
    applicationNumber: field.text('申请编号', { code: ['appy_no', 'case_no'], required: true }),
    applicationTime: field.datetime('申请时间', { code: 'appy_time' }),
    applicationStatus: field.code('申请状态', lists.caseStatuses, { code: 'appy_stas' }),
    reviewResult: field.code('审核结果', lists.approvalResults, { code: 'chk_rslt' }),
    reviewTime: field.datetime('审核时间', { code: 'chk_time' }),
    personName: field.text('姓名', { code: 'psn_name' }),
    idNumber: field.text('证件号码', { code: 'certno', mask: 'idNumber', subject: 'person' }),
    enrolmentYear: field.integer('参保年度', { code: 'enrl_year' }),
    enrolmentRegion: field.code('参保地区', divisions, { code: 'insuplc_admdvs' }),
    personCategory: field.code('人员类别', lists.personCategories, { code: 'psn_type' }),
    personalContributionAmount: field.money('个人缴费金额', { code: 'psn_clct_amt', essential: true }),
  },
  upstream: { constants: { insutype: '390' } },
  timeoutMs: 15_000,
  rate: { max: 10, perSeconds: 60 },
  submission: {
    serial: 'serial_no',
    reference: 'applicationNumber',
    pollSeconds: 10,
    maxAttempts: 8,
    words: { applicationTime: 'filedAt', applicationStatus: 'status' },
    // The review is the end: the contribution itself is paid to the tax bureau.
    progress: [
      { state: 'rejected', when: { reviewResult: ['2'] } },
      { state: 'rejected', when: { applicationStatus: ['04', '06'] } },
      { state: 'approved', when: { reviewResult: ['1'] } },
      { state: 'approved', when: { applicationStatus: ['03', '05'] } },
      { state: 'reviewing', when: { applicationStatus: ['01', '02'] } },
    ],
  },
})

export const enrolmentServices = [residentEnrolment]
