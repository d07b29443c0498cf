import { defineConnector, envelope, input, oauth2ClientCredentials, service } from '../../core/connector.ts'
import { applicationServices } from './applications.ts'
import { calendar } from './calendar.ts'
import { catalogueServices } from './catalogue.ts'
import { paymentServices } from './payment.ts'
import { either } from './policies.ts'
import { recordServices } from './records.ts'
import { sandbox } from './sandbox/rows.ts'

/** The platform signs the user in at the hub, and asks there for what the user lets it know (`client`): the inputs are what it may learn. */
const entry = service({
  ...either,
  id: 'authorized-entry',
  name: '一键授权跳转公证平台',
  kind: 'jump',
  inputs: {
    identityInfo: input.verified('身份信息', 'person.idNumber', { code: 'sqrzjh' }),
    enterpriseQualification: input.verified('企业资质数据', 'enterprise.uscc', { code: 'qyxydm' }),
  },
  fields: {},
  jump: { page: 'h5/home', handOver: { by: 'sign-in', path: 'sso/login' }, returnParameter: 'backUrl' },
})

export default defineConnector({
  id: 'notary',
  name: '天平公证',
  agency: '许昌天平公证处',
  version: '1.0.0',
  section: '1.4.20',
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
  // 身份信息与企业资质数据自动同步: what the user ticks on the hub's page, and nothing else.
  client: { purpose: '登录天平公证在线平台，办理公证', scopes: ['profile', 'real-name', 'id-number', 'enterprise'] },
  services: [entry, ...recordServices, ...catalogueServices, ...applicationServices, ...paymentServices],
  health: { service: 'notarization-items', intervalSeconds: 30 },
  pages: {
    zone: '公证服务',
    icon: '证',
    introduction: '查公证事项和材料，在线申请公证、缴费，获取公证书。',
    groups: {
      办理指南: ['notarization-items', 'material-checklist'],
      申请公证: [
        'birth-notarization',
        'kinship-notarization',
        'marriage-certificate-notarization',
        'application-submit',
        'material-upload',
      ],
      进度和缴费: ['review-feedback', 'notarization-charges', 'fee-payment'],
      公证书和信息: ['notarial-certificate', 'notarization-info', 'authorized-entry'],
    },
    help: {
      'application-submit': '先在“标准化材料清单”里看要备哪些材料；遗嘱、委托等须本人到场的事项，公证员会另约时间。',
      'fee-payment': '受理后即可缴费；公证书办结并缴费后才能获取。',
    },
    recommended: ['application-submit'],
  },
  sandbox,
})
