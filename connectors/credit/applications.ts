import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { PAPER } from './policies.ts'

/** What the platform says of a case, whatever it is about. */
const caseFields = {
  applicationNumber: field.text('受理编号', { code: 'slbh', required: true }),
  applicationStatus: field.code('办理状态', lists.caseStatuses, { code: 'blzt' }),
  applicationTime: field.datetime('申请时间', { code: 'sqsj' }),
  reviewTime: field.datetime('办结时间', { code: 'bjsj' }),
  opinion: field.text('办理意见', { code: 'blyj' }),
  missingItems: field.list(
    '需要补正的材料',
    { name: field.text('材料名称', { code: 'clmc' }), reason: field.text('补正原因', { code: 'bzyy' }) },
    { code: 'bzcl' },
  ),
  supplementDeadline: field.date('补正期限', { code: 'bzqx' }),
}

/** Withdrawn until it is decided; what is missing may come within its term; why it was turned down is told. */
const caseLife = (service: string) =>
  ({
    serial: 'lsh',
    reference: 'applicationNumber',
    pollSeconds: 60,
    maxAttempts: 8,
    words: { applicationTime: 'filedAt', applicationStatus: 'status' },
    refusal: 'opinion',
    states: {
      withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true },
      incomplete: { title: '待补正', after: ['submitted', 'reviewing'], pause: true },
    },
    cancel: { sid: `credit.${service}-cancel`, path: `${service}/cancel`, when: ['submitted', 'reviewing', 'incomplete'], to: 'withdrawn' },
    supplement: {
      sid: `credit.${service}-supplement`,
      path: `${service}/supplement`,
      when: ['incomplete'],
      items: 'missingItems',
      until: 'supplementDeadline',
      inputs: {
        statement: input.text('补正说明', { code: 'bzsm', maxLength: 500, required: true }),
        paper: input.file('补正材料', { codes: ['bzclfj', 'bzclfjmc'], ...PAPER }),
      },
    },
    progress: [
      { state: 'withdrawn', when: { applicationStatus: ['08'] } },
      { state: 'incomplete', when: { applicationStatus: ['07'] } },
      { state: 'rejected', when: { applicationStatus: ['05', '06'] } },
      { state: 'approved', when: { applicationStatus: ['04'] } },
      { state: 'reviewing', when: { applicationStatus: ['02', '03'] } },
    ],
  }) as const

const filing = { section: '1.4.17', kind: 'submit', timeoutMs: 15_000, rate: { max: 10, perSeconds: 60 } } as const
const contactPhone = input.phone('联系电话', { code: 'lxdh', required: true })
const truthDeclaration = input.choice('真实性承诺（文本版本）', lists.truths, { code: 'zscn', required: true })

/** 终止公示行政处罚信息: what 《信用修复管理办法（试行）》 (发展改革委令2023年第58号) asks for. */
const repair = service({
  ...filing,
  id: 'credit-repair',
  name: '信用修复',
  audience: 'enterprise',
  inputs: {
    decisionNumber: input.documentNumber('行政处罚决定书文号', { code: 'cfwsh' }),
    dutiesDoneOn: input.date('处罚义务履行完毕日期', { code: 'lxrq', required: true }),
    statement: input.text('整改情况', { code: 'zgqk', maxLength: 1000, required: true }),
    dutiesPaper: input.file('履行行政处罚决定的证明材料', { codes: ['lxclfj', 'lxclfjmc'], ...PAPER, required: true }),
    commitmentPaper: input.file('信用修复承诺书', { codes: ['cnsfj', 'cnsfjmc'], ...PAPER, required: true }),
    commitment: input.choice('信用承诺（文本版本）', lists.commitments, { code: 'xycn', required: true }),
    contactPhone,
    truthDeclaration,
  },
  fields: {
    ...caseFields,
    enterpriseName: field.text('企业名称', { code: 'qymc' }),
    unifiedSocialCreditCode: field.text('统一社会信用代码', { code: 'shxydm', subject: 'enterprise' }),
    decisionNumber: field.text('行政处罚决定书文号', { code: 'cfwsh' }),
  },
  upstream: { path: 'credit-repair' },
  submission: caseLife('credit-repair'),
})

/** Against a record that is wrong about the asker, or about the enterprise they act for. */
const objection = service({
  ...filing,
  id: 'objection-appeal',
  name: '异议申诉',
  audience: 'person',
  agents: true,
  inputs: {
    recordKind: input.choice('信息类别', lists.recordKinds, { code: 'xxlb', required: true }),
    recordNumber: input.documentNumber('文书号或者名单编号', { code: 'xxbh' }),
    objectionReason: input.choice('异议事由', lists.objectionReasons, { code: 'yysy', required: true }),
    statement: input.text('异议说明', { code: 'yysm', maxLength: 1000, required: true }),
    evidence: input.file('证据材料', { codes: ['zjclfj', 'zjclfjmc'], ...PAPER, required: true }),
    contactPhone,
    truthDeclaration,
  },
  fields: {
    ...caseFields,
    applicantName: field.text('申请人', { code: 'sqrmc', mask: 'party' }),
    recordKind: field.code('信息类别', lists.recordKinds, { code: 'xxlb' }),
    recordNumber: field.text('文书号或者名单编号', { code: 'xxbh' }),
    objectionReason: field.code('异议事由', lists.objectionReasons, { code: 'yysy' }),
  },
  upstream: { path: 'objection-appeal' },
  submission: caseLife('objection-appeal'),
})

export const applicationServices = [repair, objection]
