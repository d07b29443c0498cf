import { type ConnectorDeclaration, codeList, field, input, service } from '../../core/connector.ts'
import { minimalConnector } from './minimal-connector.ts'

const states = codeList('synthetic', { '02': '审核中', '03': '通过' })

const filing = {
  section: '0',
  kind: 'submit',
  audience: 'person',
  identity: 'real-name',
  inputs: { amount: input.money('金额', { code: 'je', required: true }) },
  fields: {
    applicationNumber: field.text('申请编号', { code: 'sqbh' }),
    applicationStatus: field.code('申请状态', states, { code: 'sqzt' }),
  },
  timeoutMs: 1000,
  rate: { max: 1000, perSeconds: 60 },
  submission: {
    serial: 'lsh',
    reference: 'applicationNumber',
    pollSeconds: 10,
    maxAttempts: 4,
    progress: [{ state: 'approved', when: { applicationStatus: ['03'] } }],
  },
} as const

/** Like a fund: closed at night, its books closed in the night to July, its people there on working days. */
export function closingConnector(): ConnectorDeclaration {
  const demo = minimalConnector()
  const [balance] = demo.services
  if (!balance) throw new Error('no service')
  const face = { identity: 'face', face: { maxAgeSeconds: 300, once: false } } as const
  const application = service({ ...filing, id: 'application', name: '申请' })
  const appeal = service({ ...filing, id: 'appeal', name: '申诉', officeHours: true })
  return {
    ...demo,
    upstream: {
      ...demo.upstream,
      subject: { ...demo.upstream.subject, enterprise: { qymc: 'enterprise.name', xydm: 'enterprise.uscc' } },
      calendar: {
        maintenance: [{ title: '日终处理', from: '23:00', to: '01:00' }],
        freezes: [{ title: '年度结息', from: '06-30T17:30', to: '07-01T12:00' }],
        officeHours: { days: [1, 2, 3, 4, 5], times: [['09:00', '17:00']] },
      },
    },
    services: [
      { ...balance, contract: { ...balance.contract, ...face, agents: true, lastGood: { maxAgeSeconds: 86_400 } } },
      { ...balance, contract: { ...balance.contract, id: 'limit', name: '额度查询' } },
      application,
      appeal,
    ],
  }
}
