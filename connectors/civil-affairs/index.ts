import { defineConnector, exchange, exchangeEnvelope } from '../../core/connector.ts'
import { cremation } from './cremation.ts'
import { disabilityServices } from './disability.ts'
import { marriageRegistration } from './marriage.ts'
import { sandbox } from './sandbox/rows.ts'

export default defineConnector({
  id: 'civil-affairs',
  name: '民政',
  agency: '许昌市民政局',
  version: '1.0.0',
  section: '1.4.8',
  upstream: {
    dialect: exchange(),
    envelope: exchangeEnvelope,
    subject: { person: { name: 'person.name', cert_type: 'person.idType', cert_num: 'person.idNumber' } },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 32,
  },
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  services: [marriageRegistration, cremation, ...disabilityServices],
  // An id number that nobody has: 000000 is no place.
  health: { service: 'marriage-registration', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: { zone: '民政服务' },
  sandbox,
})
