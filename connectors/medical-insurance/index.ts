import { defineConnector, exchange, exchangeEnvelope, signedCallback, sm2Sm4Envelope } from '../../core/connector.ts'
import { approvalServices } from './approvals.ts'
import { calendar } from './calendar.ts'
import { employerServices } from './employers.ts'
import { enrolmentServices } from './enrolment.ts'
import { insuranceServices } from './insurance.ts'
import { pages } from './policies.ts'
import { publicServices } from './public.ts'
import { recordServices } from './records.ts'
import { sandbox } from './sandbox/rows.ts'

const upstream = {
  dialect: exchange(),
  // The national platform's own interface puts its answers under `output`.
  envelope: { ...exchangeEnvelope, data: ['output', ...exchangeEnvelope.data] },
  subject: {
    person: { psn_name: 'person.name', psn_cert_type: 'person.idType', certno: 'person.idNumber' },
    enterprise: { emp_name: 'enterprise.name', uscc: 'enterprise.uscc' },
  },
  owner: { person: ['certno'], enterprise: ['uscc'] },
  dateFormat: 'YYYY-MM-DD',
  maxConcurrent: 64,
} as const

/** What became of an enrolment; form and key are the bureau's to confirm (README). */
const callback = signedCallback({
  parts: ['path', 'time', 'nonce', 'body'],
  digest: { hmac: 'sm3' },
  encoding: 'hex',
  place: { headers: { 'X-Timestamp': '{time}', 'X-Nonce': '{nonce}', 'X-Signature': '{signature}' } },
  serial: 'serial_no',
  answer: { taken: { infcode: 0 }, refused: { infcode: -1, err_msg: '签名验证失败' } },
})

export default defineConnector({
  id: 'medical-insurance',
  name: '医保',
  agency: '许昌市医疗保障局',
  version: '1.0.0',
  section: '1.4.5',
  upstream: { ...upstream, calendar, callback },
  // Hospitals, pharmacies, the drug catalogue and the two services for units (1.4.5.13 to 1.4.5.17).
  systems: { health: { ...upstream, agency: '河南省卫健委平台', dialect: sm2Sm4Envelope() } },
  // The contract names no level; whatever concerns a person needs a verified real name.
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 }, ...pages },
  services: [...insuranceServices, ...approvalServices, ...recordServices, ...publicServices, ...employerServices, ...enrolmentServices],
  health: { service: 'policies', intervalSeconds: 30 },
  pages: {
    introduction: '查账户、缴费、就医和购药记录，打印参保证明，为孩子和老人参保。',
    recommended: ['medical-insurance-code', 'account-balance'],
  },
  sandbox,
})
