import { divisions, field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { PERIOD_CODES, verified } from './policies.ts'

/** One record for each insurance and month. The enterprise is the mandate's; one with several unit numbers may name one of them. */
const enterprisePensionContributions = service({
  kind: 'list',
  // The contract says real-name; that the enterprise is asked about by its agent takes a mandate besides.
  audience: 'enterprise',
  id: 'enterprise-pension-contributions',
  name: '企业养老缴费信息查询',
  section: '1.4.3.2',
  inputs: {
    unifiedSocialCreditCode: input.verified('统一社会信用代码', 'enterprise.uscc', { code: 'BAB010' }),
    employerNumber: input.text('单位编号', { code: 'AAB001', pattern: '^[0-9A-Za-z]{1,16}$', maxLength: 16, field: 'employerNumber' }),
    timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'contributionMonth' }),
  },
  fields: {
    insuranceRegistrationTime: field.datetime('参保登记时间', { code: ['cbdjsj', 'AAB050'], monthAsFirstDay: true }),
    contributionMonth: field.month('缴费年月', { code: 'AAE003', required: true }),
    actualContributionStatus: field.code('实际缴费状态', lists.contributionStatuses, { code: 'AAB051' }),
    insuredDivision: field.code('参保地行政区划', divisions, { code: 'AAB301' }),
    contributionBase: field.money('缴费基数', { code: ['AAB121', 'AAE180'] }),
    contributionAmount: field.money('缴费金额', { code: ['jfje', 'AAE080'], essential: true }),
    insuranceCategory: field.code('险种类型', lists.insuranceCategories, { code: 'AAE140' }),
    historicalArrears: field.text('历史欠费情况', { code: 'lsqfqk' }),
    employerNumber: field.text('单位编号', { code: 'AAB001' }),
  },
})

/** Of a person, one record for each employer; of an enterprise, asked about by its agent, its own. */
const workInjuryContributions = service({
  kind: 'query',
  id: 'work-injury-contributions',
  name: '工伤保险按单位缴费信息查询',
  section: '1.4.3.8',
  agents: true,
  rows: 'many',
  inputs: { personalInfo: verified.name('个人信息'), socialSecurityAccountNumber: verified.insuredNumber('社保账号') },
  fields: {
    insuranceStatus: field.code('参保状态', lists.insuranceStatuses, { code: ['AAC008', 'AAB051'] }),
    contributionRecords: field.list(
      '缴费记录',
      {
        contributionMonth: field.month('费款所属期', { code: 'AAE003' }),
        insuredCount: field.integer('应征人数', { code: 'AAB119' }),
        contributionBase: field.money('缴费基数', { code: ['AAB121', 'AAE180'] }),
        contributionAmount: field.money('缴费金额', { code: 'AAE080' }),
        arrivalDate: field.date('到账日期', { code: 'EAD131' }),
      },
      { code: 'jfjl' },
    ),
    contributionMonth: field.month('缴费年月', { code: ['AAE003', 'AAE002'] }),
    insuredRegion: field.code('参保地区', divisions, { code: 'AAB301' }),
    insuranceCategory: field.code('险种类型', lists.insuranceCategories, { code: 'AAE140', required: true }),
    cumulativeContributionAmount: field.money('累计缴费金额', { code: 'ljjfje', essential: true }),
  },
})

export const employerServices = [enterprisePensionContributions, workInjuryContributions]
