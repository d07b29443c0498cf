import { codeList, field, input, service } from '../../core/connector.ts'

export const statuses = codeList('test', { '00': '未审', '01': '审核中', '02': '通过', '03': '到账' })

/** An application to the connector `demo` whose progress is asked for under a service id of its own. */
export const apply = service({
  id: 'apply',
  name: '申请',
  section: '0',
  kind: 'submit',
  audience: 'person',
  identity: 'real-name',
  inputs: { amount: input.money('金额', { code: 'je' }) },
  fields: {
    applicationNumber: field.text('申请编号', { code: 'sqbh', required: true }),
    applicationTime: field.datetime('申请时间', { code: 'sqsj' }),
    status: field.code('状态', statuses, { code: 'zt' }),
    amount: field.money('金额', { code: 'je' }),
  },
  timeoutMs: 1000,
  rate: { max: 10, perSeconds: 1 },
  submission: {
    serial: 'lsh',
    reference: 'applicationNumber',
    statusSid: 'demo.progress',
    pollSeconds: 1,
    maxAttempts: 3,
    states: { arrived: { title: '已到账', after: ['submitted', 'reviewing', 'approved'] } },
    words: { applicationTime: 'filedAt' },
    progress: [
      { state: 'arrived', when: { status: ['03'] } },
      { state: 'approved', when: { status: ['02'] } },
      { state: 'reviewing', when: { status: ['01'] } },
    ],
  },
})
