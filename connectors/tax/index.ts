import { defineConnector, exchange, exchangeEnvelope } from '../../core/connector.ts'
import { certificateServices } from './certificates.ts'
import { enterpriseServices } from './enterprises.ts'
import { sandbox } from './sandbox/rows.ts'

export default defineConnector({
  id: 'tax',
  name: '税务',
  agency: '国家税务总局许昌市税务局',
  version: '1.0.0',
  section: '1.4.4',
  upstream: {
    dialect: exchange(),
    envelope: exchangeEnvelope,
    // A natural person's 纳税人识别号 is the id number, an enterprise's the unified social credit code (三证合一).
    subject: {
      person: { nsrmc: 'person.name', nsrsbh: 'person.idNumber' },
      enterprise: { nsrmc: 'enterprise.name', nsrsbh: 'enterprise.uscc' },
    },
    owner: { person: ['nsrsbh', 'shxydm'], enterprise: ['nsrsbh', 'shxydm'] },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 64,
  },
  defaults: {
    // Whoever asks for an enterprise needs its mandate (1.4.4.1 to 1.4.4.4 name no level).
    audience: 'enterprise',
    identity: 'authorised-agent',
    timeoutMs: 8000,
    rate: { max: 60, perSeconds: 60 },
    // Names and sizes are the bureau's to confirm.
    paging: { style: 'page', page: 'pageNum', size: 'pageSize', base: 1, rows: 100 },
  },
  services: [...enterpriseServices, ...certificateServices],
  // An id number that nobody has: 000000 is no place.
  health: { service: 'tax-payment-certificate', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: { zone: '税务服务', recommended: ['tax-payment-certificate'] },
  sandbox,
})
