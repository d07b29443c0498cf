import { defineConnector, exchange, exchangeEnvelope } from '../../core/connector.ts'
import { sandbox } from './sandbox/rows.ts'
import { employmentStatus } from './status.ts'

export default defineConnector({
  id: 'employment',
  name: '就业',
  agency: '许昌市公共就业服务中心',
  version: '1.0.0',
  section: '1.4.9',
  upstream: {
    dialect: exchange(),
    envelope: exchangeEnvelope,
    // In the keys of 社保: both are the bureau of human resources'.
    subject: { person: { AAC003: 'person.name', AAA029: 'person.idType', AAE135: 'person.idNumber' } },
    owner: { person: ['AAE135', 'AAC147', 'AAC002'] },
    dateFormat: 'YYYYMMDD',
    maxConcurrent: 32,
  },
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  services: [employmentStatus],
  // An id number that nobody has: 000000 is no place.
  health: { service: 'employment-status', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: { zone: '就业服务' },
  sandbox,
})
