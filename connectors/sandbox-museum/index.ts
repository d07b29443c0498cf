import { defineConnector, exchangeEnvelope, field, input, oauth2User, service } from '../../core/connector.ts'
import { bookingStates } from './codes.ts'
import { bookings } from './sandbox/rows.ts'

const myBookings = service({
  id: 'bookings',
  name: '我的参观预约',
  section: '0',
  kind: 'list',
  audience: 'person',
  identity: 'login',
  inputs: { period: input.period('参观日期', { codes: ['ksrq', 'jsrq'], field: 'day' }) },
  fields: {
    visitor: field.text('预约人', { code: 'yyr', mask: 'name', required: true }),
    hall: field.text('展厅', { code: 'zt' }),
    day: field.date('参观日期', { code: 'cgrq' }),
    people: field.integer('人数', { code: 'rs' }),
    state: field.code('预约状态', bookingStates, { code: 'yyzt' }),
  },
  upstream: { sid: '/api/my-bookings', method: 'GET' },
  timeoutMs: 3000,
  rate: { max: 60, perSeconds: 60 },
})

/** The museum's own page, with a code that it gives for the visitor's token. */
const entry = service({
  id: 'entry',
  name: '打开科技馆页面',
  section: '0',
  kind: 'jump',
  audience: 'person',
  identity: 'login',
  inputs: { hall: input.text('展厅', { code: 'zt', maxLength: 20, required: true, examples: ['C01'] }) },
  fields: { ticket: field.text('一次性登录码', { code: 'ticket', required: true }) },
  jump: { page: 'h5/halls/{hall}', handOver: { by: 'ticket', field: 'ticket', parameter: 'ticket' }, returnParameter: 'back' },
  upstream: { sid: '/api/tickets' },
  timeoutMs: 3000,
  rate: { max: 60, perSeconds: 60 },
})

/** An invented museum whose visitors have accounts of their own there: what binding by OAuth 2.0 is tried with. */
export default defineConnector({
  id: 'sandbox-museum',
  sandboxOnly: true,
  name: '示例科技馆',
  agency: '示例科技馆（沙箱）',
  version: '1.0.0',
  section: '0',
  upstream: { dialect: oauth2User(), envelope: exchangeEnvelope, subject: {}, dateFormat: 'YYYYMMDD', maxConcurrent: 8 },
  accounts: {
    cardinality: 'one-to-one',
    bind: ['oauth'],
    contact: '请拨打示例科技馆服务台电话核实',
    oauth: {
      authorizePath: '/oauth2/authorize',
      tokenPath: '/oauth2/token',
      revokePath: '/oauth2/revoke',
      userInfoPath: '/oauth2/userinfo',
      scope: ['visitor', 'bookings'],
      externalId: '/sub',
      unionId: '/union_id',
      idNumber: '/id_number',
    },
  },
  services: [myBookings, entry],
  health: { service: 'bookings', intervalSeconds: 60 },
  sandbox: { bookings },
})
