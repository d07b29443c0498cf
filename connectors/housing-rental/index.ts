import { defineConnector, envelope, hmacNonce, service } from '../../core/connector.ts'
import { contractServices } from './contracts.ts'
import { sandbox } from './sandbox/rows.ts'

/** The platform signs the user in at the hub, and asks there for what the user lets it know (`client`). */
const entry = service({
  id: 'authorized-entry',
  name: '用户授权进入租赁交易平台',
  section: '1.4.11',
  kind: 'jump',
  identity: 'login',
  inputs: {},
  fields: {},
  jump: { page: 'h5/home', handOver: { by: 'sign-in', path: 'sso/login' }, returnParameter: 'backUrl' },
})

export default defineConnector({
  id: 'housing-rental',
  name: '住房租赁',
  agency: '许昌市住房租赁交易平台',
  version: '1.0.0',
  section: '1.4.11',
  upstream: {
    dialect: hmacNonce({ path: '/api/v1/{path}' }),
    envelope: envelope.rest({ codeKeys: ['code'], success: ['0'] }),
    subject: { person: { sqrxm: 'person.name', sqrzjhm: 'person.idNumber' } },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 16,
  },
  // The contract names no level; these are a person's own records.
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  client: { purpose: '登录许昌市住房租赁交易平台，查看和签订住房租赁、买卖合同', scopes: ['profile', 'real-name', 'id-number'] },
  services: [entry, ...contractServices],
  health: { service: 'contract-query', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: {
    zone: '住房服务',
    introduction: '查租房和买房的合同，下载合同附件，开具网签备案证明。',
    order: ['contract-query', 'contract-download'],
    help: {
      'new-housing-filing-certificate': '新建商品房买卖合同网签备案后开具。',
      'existing-housing-filing-certificate': '二手房买卖合同网签备案后开具。',
    },
  },
  sandbox,
})
