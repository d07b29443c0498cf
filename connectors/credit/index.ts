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
  pages: {
    zone: '信用服务',
    introduction: '查企业和个人的信用信息，办理信用修复、异议申诉，下载信用报告。',
    groups: {
      信用公示: [
        'administrative-licence-disclosure',
        'administrative-penalty-disclosure',
        'trustworthy-list',
        'dishonest-list',
        'typical-cases',
      ],
      信用应用: ['credit-report-download', 'credit-repair', 'objection-appeal'],
      '信易+': ['xinyi-plus', 'xinyi-loan', 'xinyi-approval'],
    },
    help: {
      'credit-repair': '企业对已履行义务的行政处罚申请提前终止公示，须备好履行证明和信用承诺书。',
      'objection-appeal': '认为公示的信息有误、遗漏或不应公示的，可以提出异议。',
    },
    recommended: ['credit-report-download'],
  },
  sandbox,
})
