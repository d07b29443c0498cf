import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

const caseFields = {
  applicationNumber: field.text('认定申请编号', { code: 'sqbh', required: true }),
  certificationStatus: field.code('认证状态', lists.caseStatuses, { code: 'rdzt' }),
  applicationTime: field.datetime('申请时间', { code: 'sqsj' }),
  decisionTime: field.datetime('办结时间', { code: 'bjsj' }),
  reviewOpinion: field.text('审核意见', { code: 'shyj' }),
  missingItems: field.list(
    '需要补正的材料',
    { name: field.text('材料名称', { code: 'clmc' }), reason: field.text('补正原因', { code: 'bzyy' }) },
    { code: 'bzcl' },
  ),
  supplementDeadline: field.date('补正期限', { code: 'bzqx' }),
}
const talentCategory = field.code('申请的人才类别', lists.talentCategories, { code: 'rclb' })

const PAPER = { mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 8 * 1024 * 1024 }
/** Withdrawn until it is decided; what is missing may come within its term; why it was turned down is told. */
const certification = service({
  id: 'talent-certification',
  name: '人才在线认证（认证申请）',
  section: '1.4.21',
  kind: 'submit',
  timeoutMs: 15_000,
  rate: { max: 10, perSeconds: 60 },
  inputs: {
    talentCategory: input.choice('申请的人才类别', lists.talentCategories, { code: 'rclb', required: true }),
    ground: input.choice('认定依据', lists.grounds, { code: 'rdyj', required: true }),
    educationLevel: input.choice('学历', lists.educationLevels, { code: 'xl', required: true }),
    employer: input.text('工作单位', { code: 'gzdw', maxLength: 100, required: true }),
    position: input.text('岗位或者职务', { code: 'gw', maxLength: 50, required: true }),
    mainPaper: input.file('认定依据的证明材料', { codes: ['zmcl', 'zmclmc'], ...PAPER, required: true }),
    furtherPapers: input.list('其他证明材料', input.file('其他证明材料', { codes: ['qtcl', 'qtclmc'], ...PAPER }), {
      code: 'qtcl',
      max: 5,
    }),
    contactPhone: input.phone('联系电话', { code: 'lxdh', required: true }),
    truthDeclaration: input.choice('真实性承诺（文本版本）', lists.truths, { code: 'zscn', required: true }),
  },
  fields: { ...caseFields, talentCategory, personName: field.text('申请人', { code: 'xm', mask: 'name' }) },
  upstream: { path: 'certifications' },
  submission: {
    serial: 'lsh',
    reference: 'applicationNumber',
    pollSeconds: 60,
    maxAttempts: 8,
    words: { applicationTime: 'filedAt', certificationStatus: 'status' },
    refusal: 'reviewOpinion',
    states: {
      withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true },
      incomplete: { title: '待补正', after: ['submitted', 'reviewing'], pause: true },
    },
    cancel: {
      sid: 'talent.certification-cancel',
      path: 'certifications/cancel',
      when: ['submitted', 'reviewing', 'incomplete'],
      to: 'withdrawn',
    },
    supplement: {
      sid: 'talent.certification-supplement',
      path: 'certifications/supplement',
      when: ['incomplete'],
      items: 'missingItems',
      until: 'supplementDeadline',
      inputs: {
        statement: input.text('补正说明', { code: 'bzsm', maxLength: 500, required: true }),
        paper: input.file('补正材料', { codes: ['bzclfj', 'bzclfjmc'], ...PAPER }),
      },
    },
    progress: [
      { state: 'withdrawn', when: { certificationStatus: ['08'] } },
      { state: 'incomplete', when: { certificationStatus: ['07'] } },
      { state: 'rejected', when: { certificationStatus: ['05', '06'] } },
      { state: 'approved', when: { certificationStatus: ['04'] } },
      { state: 'reviewing', when: { certificationStatus: ['02', '03'] } },
    ],
  },
})

/** All that the asker ever applied for, by the app or elsewhere, the latest first. */
const status = service({
  id: 'certification-status',
  name: '认证状态跟踪',
  section: '1.4.21',
  kind: 'status',
  rows: 'many',
  inputs: {},
  fields: { ...caseFields, talentCategory },
  upstream: { path: 'certifications/mine', method: 'GET' },
})

export const certificationServices = [certification, status]
