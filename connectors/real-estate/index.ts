import { defineConnector, exchange, exchangeEnvelope, hmacNonce, signedCallback } from '../../core/connector.ts'
import { calendar } from './calendar.ts'
import { chargeServices } from './charges.ts'
import { registerServices } from './register.ts'
import { sandbox } from './sandbox/rows.ts'
import { taxServices } from './taxes.ts'
import { zoneServices } from './zone.ts'

const upstream = { envelope: exchangeEnvelope, dateFormat: 'YYYY-MM-DD', maxConcurrent: 64, calendar } as const

export default defineConnector({
  id: 'real-estate',
  name: '不动产',
  agency: '许昌市不动产登记交易中心',
  version: '1.0.0',
  section: '1.4.2',
  upstream: {
    ...upstream,
    dialect: exchange(),
    subject: { person: { QLRMC: 'person.name', ZJH: 'person.idNumber' } },
  },
  systems: {
    wechat: {
      ...upstream,
      agency: '许昌市不动产登记交易中心微信服务平台',
      dialect: hmacNonce(),
      subject: {
        person: { sqrmc: 'person.name', sqrzjh: 'person.idNumber' },
        enterprise: { dwmc: 'enterprise.name', tyshxydm: 'enterprise.uscc' },
      },
      owner: { person: ['sqrzjh'], enterprise: ['tyshxydm'] },
      // Form and key are the platform's to confirm (README).
      callback: signedCallback({
        parts: ['path', 'time', 'nonce', 'body'],
        digest: { hmac: 'sm3' },
        encoding: 'hex',
        place: { headers: { 'X-Timestamp': '{time}', 'X-Nonce': '{nonce}', 'X-Signature': '{signature}' } },
        serial: 'lsh',
        answer: { taken: { code: '200', message: '成功' }, refused: { code: '401', message: '签名验证失败' } },
      }),
    },
  },
  defaults: {
    // The contract asks for a verified real name (1.4.2.2), or names no level where it concerns a person's own records.
    audience: 'person',
    identity: 'real-name',
    timeoutMs: 8000,
    rate: { max: 60, perSeconds: 60 },
    // As at public owner queries; sizes are the agency's to confirm.
    paging: { style: 'page', page: 'PAGENUM', size: 'PAGESIZE', base: 1, rows: 100 },
  },
  services: [...taxServices, ...registerServices, ...zoneServices, ...chargeServices],
  // An id number that nobody has: 000000 is no place.
  health: { service: 'deed-tax', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: {
    introduction: '查登记、抵押、查封信息和税费凭证，一窗办理登记、交易和缴税。',
    groups: {
      查询: [
        'property-registration',
        'property-mortgage',
        'property-seizure',
        'property-objection',
        'deed-tax',
        'purchase-invoices',
        'deed-tax-payment-certificate',
      ],
      办理: [
        'contract-online-signing',
        'first-registration',
        'transfer-registration',
        'mortgage-registration',
        'case-charges',
        'tax-and-fee-payment',
      ],
    },
    recommended: ['property-registration'],
  },
  sandbox,
})
