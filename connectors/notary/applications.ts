import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { caseFields, caseLife, either, feedback, papers, wanted } from './policies.ts'

const filing = { section: '1.4.20', kind: 'submit', timeoutMs: 15_000, rate: { max: 10, perSeconds: 60 } } as const
const fields = { ...caseFields, ...feedback }

const birth = service({
  ...filing,
  id: 'birth-notarization',
  name: '出生公证',
  inputs: {
    birthPlace: input.text('出生地', { code: 'csd', maxLength: 100, required: true }),
    fatherName: input.text('父亲', { code: 'fqxm', maxLength: 50, required: true }),
    motherName: input.text('母亲', { code: 'mqxm', maxLength: 50, required: true }),
    ...wanted,
  },
  fields,
  upstream: { path: 'birth', constants: { sxbm: '0101' } },
  submission: caseLife('birth'),
})

const kinship = service({
  ...filing,
  id: 'kinship-notarization',
  name: '亲属关系公证',
  inputs: {
    relativeName: input.text('关系人', { code: 'gxrxm', maxLength: 50, required: true }),
    relativeBirthday: input.date('关系人出生日期', { code: 'gxrcsrq', required: true }),
    relation: input.choice('关系人是申请人的', lists.relations, { code: 'gx', required: true }),
    ...wanted,
  },
  fields,
  upstream: { path: 'kinship', constants: { sxbm: '0113' } },
  submission: caseLife('kinship'),
})

const marriage = service({
  ...filing,
  id: 'marriage-certificate-notarization',
  name: '结婚证公证',
  inputs: {
    marriageCertificateNumber: input.documentNumber('结婚证字号', { code: 'jhzzh', required: true }),
    registrationDate: input.date('登记日期', { code: 'djrq', required: true }),
    spouseName: input.text('配偶', { code: 'poxm', maxLength: 50, required: true }),
    ...wanted,
  },
  fields,
  upstream: { path: 'marriage', constants: { sxbm: '0301' } },
  submission: caseLife('marriage'),
})

/** Any matter of the catalogue, for oneself or the enterprise. */
const application = service({
  ...either,
  ...filing,
  id: 'application-submit',
  name: '在线申办',
  inputs: {
    itemCode: input.choice(
      '公证事项',
      { from: 'material-checklist', value: 'itemCode', name: 'itemName' },
      { code: 'sxbm', required: true },
    ),
    statement: input.text('情况说明', { code: 'qksm', maxLength: 1000, required: true }),
    ...wanted,
  },
  fields,
  upstream: { path: 'applications' },
  submission: caseLife('applications'),
})

/** Every case of the asker's, by the app or elsewhere, with what the notary says of it. */
const review = service({
  ...either,
  id: 'review-feedback',
  name: '审核反馈',
  kind: 'status',
  rows: 'many',
  inputs: {},
  fields: { ...feedback, ...caseFields, takesMaterials: field.flag('能否上传材料', { code: 'sfksc', required: true }) },
  upstream: { path: 'applications/mine', method: 'GET' },
})

/** To one of the asker's own cases, while it is looked at; whatever else is named, the list refuses. */
const upload = service({
  ...either,
  id: 'material-upload',
  name: '材料上传',
  kind: 'act',
  timeoutMs: 15_000,
  rate: { max: 10, perSeconds: 60 },
  inputs: {
    materials: papers('材料', { required: true }),
    applicationNumber: input.choice(
      '受理编号',
      { from: 'review-feedback', value: 'applicationNumber', name: 'itemName', open: 'takesMaterials' },
      { code: 'slbh', field: 'applicationNumber', required: true },
    ),
  },
  fields: {
    applicationNumber: caseFields.applicationNumber,
    itemName: caseFields.itemName,
    receivedAt: field.datetime('接收时间', { code: 'jssj' }),
    receivedCount: field.integer('接收份数', { code: 'jsfs' }),
  },
  upstream: { path: 'materials' },
  act: { serial: 'lsh', statusSid: 'notary.material-status' },
})

export const applicationServices = [birth, kinship, marriage, application, review, upload]
