import { divisions, field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

const PAPER = { mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 8 * 1024 * 1024 }

/**
 * The contract names neither inputs nor fields. The person is enrolled for the year for which enrolment is open,
 * where they are registered, unless they say otherwise.
 */
const residentEnrolment = service({
  id: 'resident-enrolment',
  name: '城乡居民参保登记',
  section: '1.4.5.1',
  kind: 'submit',
  inputs: {
    enrolmentYear: input.integer('参保年度', { code: 'enrl_year', minimum: 2020, maximum: 2100 }),
    enrolmentRegion: input.choice('参保地区', divisions, { code: 'insuplc_admdvs' }),
    personCategory: input.choice('人员类别', lists.personCategories, { code: 'psn_type', required: true, examples: ['1505'] }),
    relationToHouseholder: input.choice('与户主关系', lists.householdRelations, { code: 'hshd_rlts' }),
    homeAddress: input.address('居住地址', { codes: ['live_addr', 'live_admdvs'] }),
    contactPhone: input.phone('联系电话', { code: 'tel' }),
    studentPaper: input.file('学籍证明或者学生证', {
      codes: ['stu_file', 'stu_file_name'],
      ...PAPER,
      requiredWhen: { personCategory: ['1503', '1504'] },
    }),
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
    reviewOpinion: field.text('审核意见', { code: 'chk_opnn' }),
    missingItems: field.list(
      '需要补正的材料',
      { name: field.text('材料名称', { code: 'file_name' }), reason: field.text('补正原因', { code: 'splm_rea' }) },
      { code: 'splm_list' },
    ),
    supplementDeadline: field.date('补正期限', { code: 'splm_ddln' }),
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
    remarks: ['reviewOpinion'],
    refusal: 'reviewOpinion',
    // Which categories there are is the bureau's to say, and so are their ages (README).
    ages: [
      { from: 16, words: '未满 16 周岁的，由监护人到医保服务窗口办理参保登记。' },
      { when: { personCategory: ['1501', '1502'] }, below: 16, words: '新生儿和未入学的未成年人须未满 16 周岁，请重新选择人员类别。' },
      { when: { personCategory: ['1503'] }, below: 23, words: '中小学生须未满 23 周岁，请重新选择人员类别。' },
      { when: { personCategory: ['1505'] }, from: 18, below: 60, words: '成年居民须年满 18 周岁、未满 60 周岁，请重新选择人员类别。' },
      { when: { personCategory: ['1506'] }, from: 60, words: '老年居民须年满 60 周岁，请重新选择人员类别。' },
    ],
    states: {
      withdrawn: { title: '已撤销', after: ['submitted', 'reviewing'], final: true },
      incomplete: { title: '待补正', after: ['submitted', 'reviewing'], pause: true },
    },
    cancel: { sid: 'medical-insurance.resident-enrolment-cancel', when: ['submitted', 'reviewing', 'incomplete'], to: 'withdrawn' },
    supplement: {
      sid: 'medical-insurance.resident-enrolment-supplement',
      when: ['incomplete'],
      items: 'missingItems',
      until: 'supplementDeadline',
      inputs: {
        statement: input.text('补正说明', { code: 'splm_dscr', maxLength: 500, required: true }),
        paper: input.file('补正材料', { codes: ['splm_file', 'splm_file_name'], ...PAPER }),
      },
    },
    // The review is the end: the contribution itself is paid to the tax bureau.
    progress: [
      { state: 'withdrawn', when: { applicationStatus: ['06'] } },
      { state: 'incomplete', when: { applicationStatus: ['07'] } },
      { state: 'rejected', when: { reviewResult: ['2'] } },
      { state: 'rejected', when: { applicationStatus: ['04'] } },
      { state: 'approved', when: { reviewResult: ['1'] } },
      { state: 'approved', when: { applicationStatus: ['03', '05'] } },
      { state: 'reviewing', when: { applicationStatus: ['01', '02'] } },
    ],
  },
})

export const enrolmentServices = [residentEnrolment]
