import { type ConnectorDeclaration, codeList, field, input, service } from '../../core/connector.ts'
import { waterworks } from './museum-connector.ts'

export const caseStatuses = codeList('test', { '00': '未审', '01': '审核中', '02': '通过', '03': '驳回' })

/** 过户: an application under the user's own household number. */
export const transfer = service({
  id: 'transfer',
  name: '用水过户',
  section: '0',
  kind: 'submit',
  audience: 'person',
  identity: 'real-name',
  inputs: {
    account: input.verified('户号', 'account.externalId', { code: 'hh' }),
    phone: input.text('联系电话', { code: 'lxdh', pattern: '^1[0-9]{10}$', maxLength: 11, field: 'phone' }),
  },
  fields: {
    applicationNumber: field.text('申请编号', { code: 'sqbh', required: true }),
    status: field.code('办理状态', caseStatuses, { code: 'blzt' }),
    phone: field.text('联系电话', { code: 'lxdh', mask: 'phone' }),
  },
  timeoutMs: 2000,
  rate: { max: 1000, perSeconds: 60 },
  submission: {
    serial: 'lsh',
    reference: 'applicationNumber',
    pollSeconds: 1,
    maxAttempts: 3,
    words: { status: 'status' },
    progress: [
      { state: 'approved', when: { status: ['02'] } },
      { state: 'rejected', when: { status: ['03'] } },
      { state: 'reviewing', when: { status: ['01'] } },
    ],
  },
})

/** The waterworks, with that. */
export const transfers: ConnectorDeclaration = {
  ...waterworks,
  services: [...waterworks.services, transfer],
  sandbox: { ...waterworks.sandbox, transfer: () => [{}] },
}
