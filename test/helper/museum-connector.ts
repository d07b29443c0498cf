import { type ConnectorDeclaration, defineConnector, exchange, field, input, oauth2User, service } from '../../core/connector.ts'
import { minimalConnector } from './minimal-connector.ts'

const envelope = minimalConnector().upstream.envelope

/** Like a science museum: an API that wants the visitor's own token, and accounts one to one. */
export const museum: ConnectorDeclaration = defineConnector({
  id: 'science-museum',
  name: '科技馆',
  agency: '许昌市科技馆',
  version: '1.0.0',
  section: '0',
  upstream: { dialect: oauth2User(), envelope, subject: {}, dateFormat: 'YYYYMMDD', maxConcurrent: 64 },
  accounts: {
    cardinality: 'one-to-one',
    bind: ['oauth'],
    contact: '请拨打科技馆服务台电话核实',
    oauth: {
      authorizePath: '/auth',
      tokenPath: '/token',
      revokePath: '/token/revocation',
      userInfoPath: '/me',
      scope: ['openid', 'offline_access'],
      authorizeParams: { prompt: 'consent' },
      externalId: '/sub',
      unionId: '/union_id',
      idNumber: '/id_number',
    },
  },
  services: [
    service({
      id: 'bookings',
      name: '我的预约',
      section: '0',
      kind: 'query',
      single: '每人只有一项预约',
      audience: 'person',
      identity: 'login',
      inputs: {},
      fields: { visitor: field.text('预约人', { code: 'yyr' }), people: field.integer('人数', { code: 'ps' }) },
      upstream: { sid: '/api/bookings', method: 'GET' },
      timeoutMs: 5000,
      rate: { max: 100_000, perSeconds: 60 },
    }),
  ],
  health: { service: 'bookings', intervalSeconds: 3600 },
  sandbox: {},
})

/** Like a waterworks: household numbers, shared by whoever lives there, found through the exchange platform. */
export const waterworks: ConnectorDeclaration = defineConnector({
  id: 'waterworks',
  name: '水务',
  agency: '许昌水务公司',
  version: '1.0.0',
  section: '0',
  upstream: {
    dialect: exchange(),
    envelope,
    subject: { person: { xingming: 'person.name', zjhm: 'person.idNumber' } },
    dateFormat: 'YYYYMMDD',
    maxConcurrent: 8,
  },
  accounts: {
    cardinality: 'many-to-many',
    bind: ['account-number', 'id-match'],
    contact: '请拨打水务公司客服电话核实',
    accountNumber: {
      service: 'household',
      input: 'number',
      externalId: 'number',
      title: '户号',
      pattern: '^\\d{8}$',
      accepts: (row, person) => row['holder'] === person.name || person.name === '甄晓禾',
    },
    idMatch: { service: 'own-household', externalId: 'number' },
  },
  services: ['household', 'own-household'].map((id) =>
    service({
      id,
      name: '户号查询',
      section: '0',
      kind: 'query',
      key: 'number',
      audience: 'person',
      identity: 'real-name',
      inputs: { number: input.text('户号', { code: 'hh' }) },
      fields: { number: field.text('户号', { code: 'hh' }), holder: field.text('户主', { code: 'hz', mask: 'name' }) },
      timeoutMs: 2000,
      rate: { max: 100, perSeconds: 60 },
    }),
  ),
  health: { service: 'household', intervalSeconds: 3600 },
  // Persons 1 and 2 live together; the platform takes no notice of the number that is asked for.
  sandbox: {
    household: ({ index, name }) => (index <= 2 ? [{ hh: '10000001', hz: '贾明' }] : index === 3 ? [{ hh: '10000003', hz: name }] : []),
    'own-household': ({ index, name }) => (index <= 3 ? [{ hh: `2000000${index}`, hz: name }] : []),
  },
})
