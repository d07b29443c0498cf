import { defineConnector, envelope, hmacNonce, oauth2User, signedCallback } from '../../core/connector.ts'
import { bookingServices } from './bookings.ts'
import { entry } from './entry.ts'
import { sandbox } from './sandbox/rows.ts'
import { slots } from './slots.ts'
import { visitorServices } from './visitors.ts'

const platform = {
  envelope: envelope.rest({ codeKeys: ['code'], success: ['0'] }),
  subject: {},
  dateFormat: 'YYYY-MM-DD',
  maxConcurrent: 32,
} as const

export default defineConnector({
  id: 'science-museum',
  name: '科技馆',
  agency: '许昌市科技馆预约平台',
  version: '1.0.0',
  section: '1.4.12',
  upstream: {
    ...platform,
    // Days and sessions are the same for everybody, so they are asked with the hub's own key, as its health is.
    dialect: hmacNonce(),
    // The scanners at the gate sign their questions so.
    callback: signedCallback({
      parts: ['time', 'nonce', 'body'],
      digest: { hmac: 'sha256' },
      encoding: 'hex',
      place: { headers: { 'X-Timestamp': '{time}', 'X-Nonce': '{nonce}', 'X-Signature': '{signature}' } },
      reference: 'code',
      answer: { taken: { code: '0', message: '成功' }, refused: { code: '401', message: '签名验证失败' } },
    }),
  },
  // 授权码模式: whatever concerns a visitor is asked with the visitor's own token.
  // 实名预约: the museum is told who books; whose account it is, the token says.
  systems: { personal: { ...platform, dialect: oauth2User(), subject: { person: { yyrxm: 'person.name' } } } },
  accounts: {
    cardinality: 'one-to-one',
    bind: ['oauth'],
    contact: '请拨打科技馆服务台电话，或者到馆内服务台核实账户。',
    oauth: {
      authorizePath: '/oauth2/authorize',
      tokenPath: '/oauth2/token',
      revokePath: '/oauth2/revoke',
      userInfoPath: '/oauth2/userinfo',
      scope: ['user', 'visitor', 'booking'],
      externalId: '/userId',
      unionId: '/unionId',
      idNumber: '/idNumber',
    },
  },
  defaults: { audience: 'person', identity: 'login', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  services: [entry, slots, ...visitorServices, ...bookingServices],
  health: { service: 'visit-slots', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: {
    zone: '文旅服务',
    introduction: '预约参观科技馆：选日期和时段，带上家人，凭入场码入馆。',
    order: ['visit-slots', 'booking-create', 'booking-list', 'visitor-list', 'visitor-add', 'visitor-update', 'visitor-delete'],
    help: { 'booking-create': '先把参观的人加到观众名单，再选日期、时段和观众。' },
    recommended: ['booking-create'],
  },
  sandbox,
})
