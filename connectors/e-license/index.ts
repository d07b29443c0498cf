import { defineConnector, exchange, exchangeEnvelope } from '../../core/connector.ts'
import { listServices } from './lists.ts'
import { oneServices } from './one.ts'
import { sandbox } from './sandbox/rows.ts'

export default defineConnector({
  id: 'e-license',
  name: '电子证照',
  agency: '许昌市政务数据共享交换平台',
  version: '1.0.0',
  section: '1.4.6',
  upstream: {
    dialect: exchange(),
    envelope: exchangeEnvelope,
    // 持证主体: the person, or the enterprise of the mandate.
    subject: {
      person: { CZZT: 'person.name', CZZTDM: 'person.idNumber' },
      enterprise: { CZZT: 'enterprise.name', CZZTDM: 'enterprise.uscc' },
    },
    owner: { person: ['CZZTDM'], enterprise: ['CZZTDM'] },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 64,
  },
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  services: [...listServices, ...oneServices],
  // An id number that nobody has: 000000 is no place.
  health: { service: 'person-license-list', intervalSeconds: 30, subject: { name: '健康检查', number: '000000190001010000' } },
  pages: { zone: '证照证书', recommended: ['person-license-list'] },
  sandbox,
})
