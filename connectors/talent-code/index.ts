import { defineConnector, envelope, oauth2ClientCredentials, service } from '../../core/connector.ts'
import { benefitServices } from './benefits.ts'
import { calendar } from './calendar.ts'
import { certificationServices } from './certification.ts'
import { identityServices } from './identity.ts'
import { sandbox } from './sandbox/rows.ts'

/** The platform signs the user in at the hub, and asks there for what the user lets it know (`client`). */
const entry = service({
  id: 'authorized-entry',
  name: '用户授权进入人才码',
  section: '1.4.21',
  kind: 'jump',
  inputs: {},
  fields: {},
  jump: { page: 'h5/home', handOver: { by: 'sign-in', path: 'sso/login' }, returnParameter: 'backUrl' },
})

export default defineConnector({
  id: 'talent-code',
  name: '人才码',
  agency: '许昌市委组织部“人才码”平台',
  version: '1.0.0',
  section: '1.4.21',
  upstream: {
    dialect: oauth2ClientCredentials({ path: '/api/v1/{path}' }),
    envelope: envelope.rest({ codeKeys: ['code'], success: ['0'] }),
    subject: { person: { rcxm: 'person.name', rczjh: 'person.idNumber' } },
    owner: { person: ['zjhm'] },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 32,
    calendar,
  },
  defaults: { audience: 'person', identity: 'login', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  client: { purpose: '登录人才码平台，办理人才认证、使用人才权益', scopes: ['profile', 'real-name', 'id-number'] },
  services: [entry, ...identityServices, ...certificationServices, ...benefitServices],
  health: { service: 'scenic-spot-benefits', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: {
    zone: '人才服务',
    icon: '才',
    introduction: '申请人才认证，出示人才码，使用景点和酒店权益。',
    groups: {
      人才码: ['dynamic-talent-code', 'talent-code-verification'],
      人才认证: ['talent-certification', 'certification-status', 'talent-info'],
      人才权益: ['own-benefits', 'benefit-use', 'scenic-spot-benefits', 'hotel-benefits'],
      我的: ['personal-center', 'authorized-entry'],
    },
    help: {
      'dynamic-talent-code': '人才码每分钟更换，请当面出示，不要截图转发。',
      'talent-code-verification': '扫描对方出示的人才码，只显示是否有效、遮盖后的姓名和人才类别。',
      'benefit-use': '到店后再使用，使用后向工作人员出示核销码。',
    },
    recommended: ['dynamic-talent-code'],
  },
  sandbox,
})
