import { field, service } from '../../core/connector.ts'

/** The museum's own page: a code of its own, good once, for the visitor's token; the browser carries it in a form. */
export const entry = service({
  id: 'authorized-entry',
  name: '一键授权登录科技馆预约系统',
  section: '1.4.12',
  kind: 'jump',
  inputs: {},
  fields: { ticket: field.text('一次性登录码', { code: 'ticket', required: true }) },
  jump: {
    page: 'h5/booking',
    handOver: { by: 'ticket', field: 'ticket', parameter: 'ticket', carrier: 'form' },
    returnParameter: 'backUrl',
  },
  upstream: { system: 'personal', sid: '/sso/tickets' },
  rate: { max: 20, perSeconds: 60 },
})
