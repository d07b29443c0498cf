import { defineConnector, envelope, hmacNonce, oauth2User } from '../../core/connector.ts'
import { activityServices } from './activities.ts'
import { calendar } from './calendar.ts'
import { entryServices, governmentServices } from './government.ts'
import { issueReport } from './issues.ts'
import { roomServices } from './rooms.ts'
import { sandbox } from './sandbox/rows.ts'

const platform = {
  envelope: envelope.rest({ codeKeys: ['code'], success: ['0'] }),
  subject: {},
  dateFormat: 'YYYY-MM-DD',
  maxConcurrent: 32,
  calendar,
} as const

export default defineConnector({
  id: 'xulin',
  name: '许邻e家',
  agency: '许邻e家小程序',
  version: '1.0.0',
  section: '1.4.16',
  // What is the same for everybody is asked with the hub's own key, so that its health can be seen without any user.
  upstream: { ...platform, dialect: hmacNonce() },
  // 授权码模式: whatever concerns a resident is asked with the resident's own token.
  systems: { personal: { ...platform, dialect: oauth2User() } },
  accounts: {
    cardinality: 'one-to-one',
    bind: ['oauth'],
    contact: '请联系所在社区的网格员，或者到社区党群服务中心核实账户。',
    oauth: {
      authorizePath: '/oauth2/authorize',
      tokenPath: '/oauth2/token',
      revokePath: '/oauth2/revoke',
      userInfoPath: '/oauth2/userinfo',
      scope: ['user', 'community', 'ticket'],
      externalId: '/userId',
      unionId: '/unionId',
      idNumber: '/idNumber',
    },
  },
  defaults: { audience: 'person', identity: 'login', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  services: [...entryServices, ...activityServices, ...roomServices, issueReport, ...governmentServices],
  health: { service: 'government-services', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: {
    zone: '社区服务',
    introduction: '社区活动报名、志愿者招募、功能室预约、居民吹哨，以及生育登记、社保等服务。',
    groups: {
      社区活动: ['activity-list', 'activity-registration', 'recruitment-list', 'volunteer-recruitment'],
      功能室: ['room-slots', 'function-room-booking', 'function-room-reschedule', 'function-room-cancel'],
      吹哨和动态: ['issue-report', 'grid-updates'],
      政务服务: ['government-services', 'birth-registration', 'social-insurance'],
    },
    help: {
      'function-room-booking': '先查功能室和时段，再填时段编号。',
      'issue-report': '发现社区里的问题可以“吹哨”，办理到哪一步、结果如何都会告诉您。遇到火情、人身危险请先拨打 119、110、120。',
    },
    recommended: ['issue-report', 'activity-registration'],
  },
  sandbox,
})
