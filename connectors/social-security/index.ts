import { defineConnector, exchange, exchangeEnvelope } from '../../core/connector.ts'
import { benefitServices } from './benefits.ts'
import { calendar } from './calendar.ts'
import { employerServices } from './employers.ts'
import { insuranceServices } from './insurance.ts'
import { sandbox } from './sandbox/rows.ts'

export default defineConnector({
  id: 'social-security',
  name: '社保',
  agency: '许昌市人力资源和社会保障局',
  version: '1.0.0',
  section: '1.4.3',
  upstream: {
    dialect: exchange(),
    envelope: exchangeEnvelope,
    subject: {
      person: { AAC003: 'person.name', AAA029: 'person.idType', AAE135: 'person.idNumber' },
      enterprise: { AAB004: 'enterprise.name', BAB010: 'enterprise.uscc' },
    },
    owner: { person: ['AAE135', 'AAC147', 'AAC002'], enterprise: ['BAB010'] },
    dateFormat: 'YYYYMMDD',
    maxConcurrent: 64,
    calendar,
  },
  defaults: {
    // The contract asks for a verified real name and no face (1.4.3).
    audience: 'person',
    identity: 'real-name',
    timeoutMs: 8000,
    rate: { max: 60, perSeconds: 60 },
    // Names and sizes are the agency's to confirm.
    paging: { style: 'page', page: 'pageNum', size: 'pageSize', base: 1, rows: 100 },
  },
  services: [...insuranceServices, ...benefitServices, ...employerServices],
  // An id number that nobody has: 000000 is no place.
  health: { service: 'basic-information', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: {
    introduction: '查社会保险的参保、缴费和待遇。',
    recommended: ['employee-contributions'],
  },
  sandbox,
})
