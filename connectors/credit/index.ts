import { defineConnector, envelope, oauth2ClientCredentials } from '../../core/connector.ts'
import { applicationServices } from './applications.ts'
import { calendar } from './calendar.ts'
import { entryServices } from './entries.ts'
import { publicServices } from './publicity.ts'
import { reportServices } from './report.ts'
import { sandbox } from './sandbox/rows.ts'

export default defineConnector({
  id: 'credit',
  name: '信用许昌',
  agency: '许昌市发展和改革委员会信用许昌信息平台',
  version: '1.0.0',
  section: '1.4.17',
  upstream: {
    dialect: oauth2ClientCredentials({ path: '/api/v1/{path}' }),
    envelope: envelope.rest({ codeKeys: ['code'], success: ['0'] }),
    subject: {
      person: { sqrxm: 'person.name', sqrzjh: 'person.idNumber' },
      enterprise: { qymc: 'enterprise.name', qyxydm: 'enterprise.uscc' },
    },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 32,
    calendar,
  },
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  // 身份信息（个人身份、企业资质、信用代码）自动同步: what the user ticks on the hub's page, and nothing else.
  client: {
    purpose: '登录信用许昌，查看本人和本企业的信用信息，办理信用服务',
    scopes: ['profile', 'real-name', 'id-number', 'enterprise'],
  },
  services: [...entryServices, ...publicServices, ...applicationServices, ...reportServices],
  health: { service: 'typical-cases', intervalSeconds: 30 },
  sandbox,
})
