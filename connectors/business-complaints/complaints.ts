import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

const section = '1.4.18'
/** A person's own, or the enterprise's for which they act (个人和企业均可). */
const either = { section, audience: 'person', agents: true } as const

const attachments = (title: string) =>
  input.list(
    title,
    input.file(title, { codes: ['fjnr', 'fjmc'], mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 8 * 1024 * 1024 }),
    { code: 'fj', max: 5 },
  )

/** What a complaint says, in the order of the contract. */
const said = {
  complaintLocation: input.text('投诉地点', { code: 'tsdd', field: 'complaintLocation', maxLength: 200, required: true }),
  complaintDepartment: input.choice('投诉地点部门', lists.departments, { code: 'tsbm', field: 'complaintDepartment', required: true }),
  problemDescription: input.text('问题描述', { code: 'wtms', field: 'problemDescription', maxLength: 2000, required: true }),
  attachments: attachments('附件'),
}
const contactPhone = input.phone('联系电话', { code: 'lxdh', required: true })
const truthDeclaration = input.choice('真实性承诺（文本版本）', lists.truths, { code: 'zscn', required: true })

const caseFields = {
  complaintNumber: field.text('投诉编号', { code: 'tsbh', required: true }),
  complaintStatus: field.code('办理状态', lists.caseStatuses, { code: 'blzt' }),
  submittedAt: field.datetime('提交时间', { code: 'tjsj' }),
  reply: field.text('答复内容', { code: 'dfnr' }),
  repliedBy: field.text('答复单位', { code: 'dfdw' }),
  repliedAt: field.datetime('答复时间', { code: 'dfsj' }),
}
const saidFields = {
  complaintLocation: field.text('投诉地点', { code: 'tsdd' }),
  complaintDepartment: field.code('投诉地点部门', lists.departments, { code: 'tsbm' }),
  problemDescription: field.text('问题描述', { code: 'wtms' }),
}
const complaintType = field.code('类型', lists.complaintTypes, { code: 'tslx' })

/** Taken in, handed to whom it concerns (which `complaintStatus` tells), answered; withdrawn or changed until then. */
const caseLife = (place: string) =>
  ({
    serial: 'lsh',
    reference: 'complaintNumber',
    pollSeconds: 60,
    maxAttempts: 8,
    words: { submittedAt: 'filedAt', complaintStatus: 'status' },
    refusal: 'reply',
    states: {
      withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true },
    },
    cancel: {
      sid: `complaints.${place}-cancel`,
      path: `${place}/cancel`,
      when: ['submitted', 'reviewing'],
      to: 'withdrawn',
    },
    change: {
      sid: `complaints.${place}-change`,
      path: `${place}/change`,
      when: ['submitted', 'reviewing'],
      inputs: {
        complaintLocation: input.text('投诉地点', { code: 'tsdd', field: 'complaintLocation', maxLength: 200 }),
        problemDescription: input.text('问题描述', { code: 'wtms', field: 'problemDescription', maxLength: 2000 }),
      },
    },
    progress: [
      { state: 'withdrawn', when: { complaintStatus: ['06'] } },
      { state: 'rejected', when: { complaintStatus: ['05'] } },
      { state: 'approved', when: { complaintStatus: ['04'] } },
      { state: 'reviewing', when: { complaintStatus: ['02', '03'] } },
    ],
  }) as const

const filing = { ...either, kind: 'submit', timeoutMs: 15_000, rate: { max: 10, perSeconds: 60 } } as const

const submit = service({
  ...filing,
  id: 'complaint-submit',
  name: '线上投诉提交',
  inputs: {
    ...said,
    complaintType: input.choice('类型', lists.complaintOnly, { code: 'tslx', required: true }),
    problemKind: input.choice('问题类别', lists.problemKinds, { code: 'wtlb', required: true }),
    contactPhone,
    truthDeclaration,
  },
  fields: { ...caseFields, ...saidFields, complaintType },
  upstream: { path: 'complaints' },
  submission: caseLife('complaints'),
})

const consult = service({
  ...filing,
  id: 'consultation-submit',
  name: '线上咨询提交',
  inputs: {
    ...said,
    complaintType: input.choice('类型', lists.consultationOnly, { code: 'tslx', required: true }),
    contactPhone,
  },
  fields: { ...caseFields, ...saidFields, complaintType },
  upstream: { path: 'consultations' },
  submission: caseLife('consultations'),
})

/** All that the platform has of the asker, by the app or at the platform's own pages. */
const list = service({
  ...either,
  id: 'complaint-list',
  name: '投诉记录查询',
  kind: 'list',
  inputs: { timeRange: input.period('提交时间', { codes: ['ksrq', 'jsrq'], field: 'submittedAt' }) },
  fields: {
    ...saidFields,
    attachments: field.files('附件', { code: 'fj' }),
    complaintType,
    ...caseFields,
    complainant: field.text('投诉人', { code: 'tsr', mask: 'party', reveal: true }),
    changeable: field.flag('能否修改或者删除', { code: 'sfkg' }),
  },
  files: { sid: 'complaints.attachment', path: 'attachments', parameter: 'fjbh', method: 'GET' },
  upstream: { path: 'complaints/mine', method: 'GET' },
})

/** One of the asker's own that nobody has answered yet; whatever else is named, the list refuses. */
const own = input.choice(
  '投诉编号',
  { from: 'complaint-list', value: 'complaintNumber', name: 'problemDescription', open: 'changeable' },
  { code: 'tsbh', field: 'complaintNumber', required: true },
)
const act = { serial: 'lsh', statusSid: 'complaints.act-status' }

const update = service({
  ...either,
  id: 'complaint-update',
  name: '投诉记录修改',
  kind: 'act',
  inputs: {
    ...said,
    complaintType: input.choice('类型', lists.complaintTypes, { code: 'tslx', field: 'complaintType', required: true }),
    complaintNumber: own,
  },
  fields: { complaintNumber: caseFields.complaintNumber, ...saidFields, complaintType, complaintStatus: caseFields.complaintStatus },
  upstream: { path: 'complaints/{complaintNumber}', method: 'PUT' },
  act,
})

const remove = service({
  ...either,
  id: 'complaint-delete',
  name: '投诉记录删除',
  kind: 'act',
  inputs: { complaintNumber: own },
  fields: { complaintNumber: caseFields.complaintNumber, complaintStatus: caseFields.complaintStatus },
  upstream: { path: 'complaints/{complaintNumber}/delete', method: 'POST' },
  act,
})

export const complaintServices = [submit, consult, list, update, remove]
