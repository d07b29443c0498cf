import { defineConnector, envelope, signedString } from '../../core/connector.ts'
import { ACCOUNT_PATTERN, accountLookup, isTheirs } from './accounts.ts'
import { billServices } from './bills.ts'
import { calendar } from './calendar.ts'
import { paymentServices } from './payments.ts'
import { sandbox } from './sandbox/rows.ts'

export default defineConnector({
  id: 'water',
  name: '水务',
  agency: '许昌市水务公司',
  version: '1.0.0',
  section: '1.4.10',
  upstream: {
    dialect: signedString({
      parts: ['method', 'path', 'query', 'time', 'nonce', 'bodyHash'],
      digest: { hmac: 'sha256' },
      encoding: 'hex',
      time: { format: 'ms', skewSeconds: 300 },
      place: { headers: { 'X-App-Id': '{keyId}', 'X-Timestamp': '{time}', 'X-Nonce': '{nonce}', 'X-Sign': '{signature}' } },
    }),
    envelope: envelope.rest({ codeKeys: ['code'], success: ['0'] }),
    // Sent where an account is looked for; later questions, with identity login, name the bound account and nobody.
    subject: { person: { xm: 'person.name', zjhm: 'person.idNumber' } },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 32,
    calendar,
  },
  accounts: {
    cardinality: 'many-to-many',
    bind: ['account-number'],
    contact: '请到水务公司营业厅或者拨打客服电话核实户号登记信息。',
    accountNumber: {
      service: 'account-lookup',
      input: 'waterAccountNumber',
      externalId: 'waterAccountNumber',
      shows: ['accountHolderName', 'waterAddress'],
      title: '户号',
      pattern: ACCOUNT_PATTERN,
      accepts: isTheirs,
    },
  },
  // The contract names no level for what is asked about a bound account: binding it has verified the person.
  defaults: { audience: 'person', identity: 'login', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  services: [accountLookup, ...billServices, ...paymentServices],
  health: {
    service: 'account-lookup',
    intervalSeconds: 30,
    inputs: { waterAccountNumber: '0000000000' },
    subject: { name: '健康检查', number: '000000190001010000' },
  },
  pages: {
    zone: '生活缴费',
    groups: { 水费: ['bill-query', 'bill-detail', 'bill-confirmation', 'order-create', 'payment-records', 'payment-certificate'] },
    help: { 'payment-certificate': '为子女入学等开具水费缴纳证明，可以是一笔，也可以是一段时间。' },
    recommended: ['order-create'],
  },
  sandbox,
})
