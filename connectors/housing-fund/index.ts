import { defineConnector, exchange, exchangeEnvelope, signedCallback } from '../../core/connector.ts'
import { accountServices } from './accounts.ts'
import { overdueAppeal } from './appeals.ts'
import { calendar } from './calendar.ts'
import { loanAccountServices } from './loan-account.ts'
import { loanMovementServices } from './loan-movements.ts'
import { loanServices } from './loans.ts'
import { sandbox } from './sandbox/rows.ts'
import { withdrawalServices } from './withdrawals.ts'

export default defineConnector({
  id: 'housing-fund',
  name: '公积金',
  agency: '许昌市住房公积金管理中心',
  version: '1.0.0',
  section: '1.4.1',
  upstream: {
    dialect: exchange(),
    envelope: exchangeEnvelope,
    subject: {
      person: { xingming: 'person.name', zjlx: 'person.idType', zjhm: 'person.idNumber' },
      // The firm itself is an input of its service; these say which agent is asking for it.
      enterprise: { jbrxm: 'person.name', jbrzjlx: 'person.idType', jbrzjhm: 'person.idNumber' },
    },
    dateFormat: 'YYYYMMDD',
    maxConcurrent: 64,
    calendar,
    // Whether the centre tells what became of an application, and how it signs that, is to be confirmed (README).
    callback: signedCallback({
      parts: ['path', 'time', 'nonce', 'body'],
      digest: { hmac: 'sm3' },
      encoding: 'hex',
      place: { headers: { 'X-Timestamp': '{time}', 'X-Nonce': '{nonce}', 'X-Signature': '{signature}' } },
      serial: 'ywlsh',
      answer: { taken: { code: '1', msg: '成功' }, refused: { code: '0', msg: '签名验证失败' } },
    }),
  },
  defaults: {
    audience: 'person',
    // The contract asks for a face verification of whoever uses the housing fund; how old it may be is this hub's decision.
    identity: 'face',
    face: { maxAgeSeconds: 1800, once: false },
    timeoutMs: 8000,
    rate: { max: 60, perSeconds: 60 },
    // Names and sizes are the agency's to confirm.
    paging: { style: 'page', page: 'pageNum', size: 'pageSize', base: 1, rows: 100 },
  },
  services: [...withdrawalServices, ...accountServices, ...loanServices, ...loanAccountServices, ...loanMovementServices, overdueAppeal],
  // An id number that nobody has: 000000 is no place.
  health: { service: 'personal-account', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: {
    introduction: '查账户、明细和贷款，办理提取。个人业务须人脸核验。',
    groups: {
      查询: ['personal-account', 'personal-transactions', 'employer-account', 'home-withdrawal-records'],
      贷款: [
        'loan-information',
        'loan-contract',
        'co-borrowers',
        'loan-account',
        'loan-transactions',
        'loan-overdue-events',
        'loan-overdue-appeal',
      ],
      提取: [
        'withdrawal-check',
        'rental-housing-withdrawal',
        'retirement-withdrawal',
        'employment-termination-withdrawal',
        'incapacity-withdrawal',
        'overseas-settlement-withdrawal',
      ],
    },
    help: { 'withdrawal-check': '提取之前先看一看：能不能提、最多提多少。' },
    recommended: ['personal-account', 'rental-housing-withdrawal'],
  },
  sandbox,
})
