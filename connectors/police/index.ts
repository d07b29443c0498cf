import { defineConnector, envelope, hmacNonce, oauth2User } from '../../core/connector.ts'
import { calendar } from './calendar.ts'
import { entryServices } from './entries.ts'
import { itemServices } from './items.ts'
import { sandbox } from './sandbox/rows.ts'

const platform = {
  envelope: envelope.rest({ codeKeys: ['code'], success: ['0'] }),
  subject: {},
  dateFormat: 'YYYY-MM-DD',
  maxConcurrent: 32,
  calendar,
} as const

export default defineConnector({
  id: 'police',
  name: '微警务',
  agency: '许昌市公安局微警务平台',
  version: '1.0.0',
  section: '1.4.14',
  // What is the same for everybody is asked with the hub's own key, so that its health can be seen without any user.
  upstream: { ...platform, dialect: hmacNonce() },
  // “由 APP 作为客户端发起授权请求，用户确认后获取 access_token，凭令牌安全跳转”: the user's own token asks for the ticket.
  systems: { personal: { ...platform, dialect: oauth2User() } },
  accounts: {
    cardinality: 'one-to-one',
    bind: ['oauth'],
    contact: '请拨打微警务平台客服电话，或者到户籍所在地派出所核实账户。',
    oauth: {
      authorizePath: '/oauth2/authorize',
      tokenPath: '/oauth2/token',
      revokePath: '/oauth2/revoke',
      userInfoPath: '/oauth2/userinfo',
      scope: ['user', 'ticket'],
      externalId: '/userId',
      unionId: '/unionId',
      idNumber: '/idNumber',
    },
  },
  defaults: { audience: 'person', identity: 'login', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  services: [...itemServices, ...entryServices],
  health: {
    service: 'high-frequency-items',
    intervalSeconds: 30,
    subject: { name: '健康检查', number: '000000190001010000' },
  },
  pages: {
    zone: '公安服务',
    introduction: '打开许昌市公安局微警务平台的各项功能，身份自动带过去，不必再登录。',
    recommended: ['traffic-violation-handling'],
  },
  sandbox,
})
