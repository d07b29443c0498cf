import { defineConnector, envelope, hmacNonce, oauth2User } from '../../core/connector.ts'
import { bookingServices } from './bookings.ts'
import { calendar } from './calendar.ts'
import { pageServices } from './pages.ts'
import { sandbox } from './sandbox/rows.ts'

const platform = {
  envelope: envelope.rest({ codeKeys: ['code'], success: ['0'] }),
  subject: {},
  dateFormat: 'YYYY-MM-DD',
  maxConcurrent: 32,
  calendar,
} as const

export default defineConnector({
  id: 'martyrs-cemetery',
  name: '烈士陵园',
  agency: '许昌市烈士陵园管理处线上服务平台',
  version: '1.0.0',
  section: '1.4.15',
  // What is the same for everybody is asked with the hub's own key, so that its health can be seen without any user.
  upstream: { ...platform, dialect: hmacNonce() },
  // 授权码模式: whatever concerns a visitor is asked with the visitor's own token, which says whose it is.
  systems: { personal: { ...platform, dialect: oauth2User() } },
  accounts: {
    cardinality: 'one-to-one',
    bind: ['oauth'],
    contact: '请拨打烈士陵园管理处服务电话，或者到服务台核实账户。',
    oauth: {
      authorizePath: '/oauth2/authorize',
      tokenPath: '/oauth2/token',
      revokePath: '/oauth2/revoke',
      userInfoPath: '/oauth2/userinfo',
      scope: ['user', 'booking', 'ticket'],
      externalId: '/userId',
      unionId: '/unionId',
      idNumber: '/idNumber',
    },
  },
  defaults: { audience: 'person', identity: 'login', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  services: [...pageServices, ...bookingServices],
  health: { service: 'online-features', intervalSeconds: 30 },
  pages: {
    zone: '文旅服务',
    introduction: '烈士陵园的参观、祭扫和志愿服务预约，以及全景预览、语音导览、网上祭扫和红色资讯。',
    groups: {
      参观预约: ['individual-booking', 'group-booking', 'volunteer-booking', 'booking-list', 'booking-update', 'booking-delete'],
      线上功能: ['online-features', 'panorama-preview', 'audio-guide', 'qingming-memorial', 'red-news'],
    },
    help: {
      'group-booking': '单位、学校等组织集体祭扫、参观时预约，请写明活动内容，须在前一天 17:00 之前预约。',
      'volunteer-booking': '预约讲解、引导、清扫等志愿服务，须在前一天 17:00 之前预约。',
      'booking-update': '没有填的项目不变。要换预约类型的，请先删除，再重新预约。',
    },
    within: { 'individual-booking': '即时', 'group-booking': '即时', 'volunteer-booking': '即时' },
    recommended: ['individual-booking'],
  },
  sandbox,
})
