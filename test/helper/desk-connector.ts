import { type ConnectorDeclaration, codeList, field, input, service } from '../../core/connector.ts'
import { minimalConnector } from './minimal-connector.ts'

const statuses = codeList('test', { '01': '审核中', '02': '通过', '04': '撤回' })

const common = {
  section: '0',
  audience: 'person',
  agents: true,
  identity: 'real-name',
  timeoutMs: 2000,
  rate: { max: 10_000, perSeconds: 60 },
} as const

/** A filing that its applicant may take back, for himself or for an enterprise. */
const permit = service({
  ...common,
  id: 'permit',
  name: '占道申请',
  kind: 'submit',
  inputs: { reason: input.text('理由', { code: 'ly', maxLength: 50 }) },
  fields: {
    applicationNumber: field.text('申请编号', { code: 'sqbh', required: true }),
    status: field.code('办理状态', statuses, { code: 'blzt' }),
  },
  submission: {
    serial: 'lsh',
    reference: 'applicationNumber',
    pollSeconds: 1,
    maxAttempts: 3,
    words: { status: 'status' },
    states: { withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true } },
    cancel: { sid: 'desk.permit-cancel', when: ['submitted', 'reviewing'], to: 'withdrawn' },
    progress: [
      { state: 'withdrawn', when: { status: ['04'] } },
      { state: 'approved', when: { status: ['02'] } },
      { state: 'reviewing', when: { status: ['01'] } },
    ],
  },
})

/** An act that is done for oneself or for an enterprise. */
const booking = service({
  ...common,
  id: 'booking',
  name: '预约办理',
  kind: 'act',
  upstream: { sid: 'desk.book', method: 'POST' },
  inputs: { reason: input.text('事项', { code: 'sx', maxLength: 50 }) },
  fields: { number: field.text('预约号', { code: 'yyh', required: true }) },
})

/** A paper about oneself, one's child or one's enterprise. */
const paper = {
  ...common,
  section: '0',
  kind: 'document',
  single: '每人只有一份证明',
  inputs: {},
  fields: { number: field.text('编号', { code: 'bh', required: true }) },
} as const
const certificate = service({ ...paper, id: 'certificate', name: '证明', document: { title: '证明' } })
const { agents: _, ...personal } = paper
const childCertificate = service({
  ...personal,
  id: 'child-certificate',
  name: '家庭证明',
  dependants: true,
  document: { title: '家庭证明' },
})

/** A counter at which people act for themselves, for enterprises and for children. */
export function deskConnector(): ConnectorDeclaration {
  const demo = minimalConnector()
  const { subject } = demo.upstream
  return {
    ...demo,
    id: 'desk',
    upstream: { ...demo.upstream, subject: { ...subject, enterprise: { tyshxydm: 'enterprise.uscc' } } },
    services: [...demo.services, permit, booking, certificate, childCertificate],
    sandbox: {
      permit: () => [{}],
      booking: () => [{ yyh: 'Y001' }],
      certificate: () => [{ bh: 'Z001' }],
      'child-certificate': () => [{ bh: 'Z002' }],
    },
  }
}
