import { type ConnectorDeclaration, codeList, field, input, service } from '../../core/connector.ts'
import { waterworks } from './museum-connector.ts'

export const caseStatuses = codeList('test', {
  '00': '未审',
  '01': '审核中',
  '02': '通过',
  '03': '驳回',
  '04': '撤回',
  '05': '待补正',
  '06': '特别程序',
})

const phone = input.text('联系电话', { code: 'lxdh', pattern: '^1[0-9]{10}$', maxLength: 11, field: 'phone' })

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
    phone,
  },
  fields: {
    applicationNumber: field.text('申请编号', { code: 'sqbh', required: true }),
    status: field.code('办理状态', caseStatuses, { code: 'blzt' }),
    phone: field.text('联系电话', { code: 'lxdh', mask: 'phone' }),
    missing: field.list(
      '补正内容',
      { name: field.text('名称', { code: 'mc' }), reason: field.text('原因', { code: 'yy' }) },
      { code: 'bznr' },
    ),
    missingUntil: field.date('补正期限', { code: 'bzqx' }),
    suspensionReason: field.text('特别程序原因', { code: 'tbyy' }),
    opinion: field.text('审核意见', { code: 'shyj' }),
  },
  timeoutMs: 2000,
  rate: { max: 1000, perSeconds: 60 },
  submission: {
    serial: 'lsh',
    reference: 'applicationNumber',
    pollSeconds: 1,
    maxAttempts: 3,
    words: { status: 'status' },
    states: {
      withdrawn: { title: '已撤回', after: ['submitted', 'reviewing'], final: true },
      incomplete: { title: '待补正', after: ['submitted', 'reviewing'], pause: true },
      suspended: { title: '特别程序', after: ['reviewing'], pause: true },
    },
    cancel: {
      sid: 'waterworks.transfer-cancel',
      when: ['submitted', 'reviewing', 'incomplete'],
      to: 'withdrawn',
      inputs: { reason: input.text('撤回原因', { code: 'chyy', maxLength: 50 }) },
    },
    supplement: {
      sid: 'waterworks.transfer-supplement',
      when: ['incomplete'],
      items: 'missing',
      until: 'missingUntil',
      inputs: { statement: input.text('补正说明', { code: 'bzsm', maxLength: 200, required: true }) },
    },
    suspension: { state: 'suspended', reason: 'suspensionReason' },
    refusal: 'opinion',
    change: { sid: 'waterworks.transfer-change', when: ['reviewing'], inputs: { phone } },
    progress: [
      { state: 'withdrawn', when: { status: ['04'] } },
      { state: 'approved', when: { status: ['02'] } },
      { state: 'rejected', when: { status: ['03'] } },
      { state: 'incomplete', when: { status: ['05'] } },
      { state: 'suspended', when: { status: ['06'] } },
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
