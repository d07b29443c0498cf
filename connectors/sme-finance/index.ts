import { defineConnector, envelope, oauth2ClientCredentials, service } from '../../core/connector.ts'
import { information } from './information.ts'
import { sandbox } from './sandbox/rows.ts'

/** The platform signs the user in at the hub; what it learns, the user ticks there field by field. */
const entry = service({
  id: 'authorized-entry',
  name: '授权进入中小企业融资综合信用服务',
  section: '1.4.19',
  kind: 'jump',
  audience: 'enterprise',
  identity: 'authorised-agent',
  inputs: {},
  fields: {},
  jump: { page: 'h5/home', handOver: { by: 'sign-in', path: 'sso/login' }, returnParameter: 'backUrl' },
})

export default defineConnector({
  id: 'sme-finance',
  name: '中小企业融资',
  agency: '许昌市中小企业融资综合信用服务平台',
  version: '1.0.0',
  section: '1.4.19',
  upstream: {
    dialect: oauth2ClientCredentials({ path: '/api/v1/{path}' }),
    envelope: envelope.rest({ codeKeys: ['code'], success: ['0'] }),
    subject: {
      person: { xm: 'person.name', zjhm: 'person.idNumber' },
      enterprise: { qymc: 'enterprise.name', qyxydm: 'enterprise.uscc' },
    },
    // A row that names somebody else is withheld.
    owner: { person: ['zjhm'], enterprise: ['qyxydm'] },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 16,
  },
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 8000, rate: { max: 30, perSeconds: 60 } },
  client: { purpose: '登录中小企业融资综合信用服务平台，为本企业申请融资', scopes: ['profile', 'real-name', 'id-number', 'enterprise'] },
  services: [entry, information],
  health: { service: 'information-data', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: { zone: '涉企服务', help: { 'information-data': '融资平台掌握的本人或者本企业的资产和经营状况。' } },
  sandbox,
})
