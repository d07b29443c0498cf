import { defineConnector, envelope, oauth2ClientCredentials, service } from '../../core/connector.ts'
import { complaintServices } from './complaints.ts'
import { sandbox } from './sandbox/rows.ts'

/** The platform signs the user in at the hub, and asks there for what the user lets it know (`client`). */
const entry = service({
  id: 'authorized-entry',
  name: '一键授权跳转投诉平台',
  section: '1.4.18',
  kind: 'jump',
  agents: true,
  inputs: {},
  fields: {},
  jump: { page: 'h5/home', handOver: { by: 'sign-in', path: 'sso/login' }, returnParameter: 'backUrl' },
})

export default defineConnector({
  id: 'business-complaints',
  name: '营商环境投诉',
  agency: '许昌市营商环境投诉平台',
  version: '1.0.0',
  section: '1.4.18',
  upstream: {
    dialect: oauth2ClientCredentials({ path: '/api/v1/{path}' }),
    envelope: envelope.rest({ codeKeys: ['code'], success: ['0'] }),
    subject: {
      person: { tsrxm: 'person.name', tsrzjh: 'person.idNumber' },
      enterprise: { qymc: 'enterprise.name', qyxydm: 'enterprise.uscc' },
    },
    // A row that names somebody else is withheld.
    owner: { person: ['tsrzjh'], enterprise: ['qyxydm'] },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 16,
  },
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  // 身份信息与企业资质数据自动同步: what the user ticks on the hub's page, and nothing else.
  client: { purpose: '登录营商环境投诉平台，提交和查看投诉、咨询', scopes: ['profile', 'real-name', 'id-number', 'enterprise'] },
  services: [entry, ...complaintServices],
  health: { service: 'complaint-list', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: {
    zone: '涉企服务',
    introduction: '企业和个人遇到审批拖延、乱收费、执法不规范等问题，可以投诉或者咨询。',
    order: ['complaint-submit', 'consultation-submit', 'complaint-list', 'complaint-update', 'complaint-delete'],
    help: { 'complaint-update': '没有答复的投诉和咨询可以修改。', 'complaint-delete': '没有答复的投诉和咨询可以删除。' },
  },
  sandbox,
})
