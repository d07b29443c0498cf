import { defineConnector, exchange, exchangeEnvelope } from '../../core/connector.ts'
import { constructionServices } from './construction.ts'
import { enterpriseServices } from './enterprises.ts'
import { sandbox } from './sandbox/rows.ts'

export default defineConnector({
  id: 'certificates',
  name: '证书查询',
  agency: '许昌市政务数据共享交换平台',
  version: '1.0.0',
  section: '1.4.7',
  upstream: {
    dialect: exchange(),
    envelope: exchangeEnvelope,
    // Registers that are everybody's: who looks into them is no part of the question.
    subject: {},
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 32,
  },
  defaults: { audience: 'public', identity: 'login', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  services: [...constructionServices, ...enterpriseServices],
  // The code of no enterprise: it finds nothing.
  health: { service: 'drug-production-license', intervalSeconds: 30, inputs: { businessLicenseNumber: '91410000MA0000000X' } },
  pages: { zone: '证照证书', introduction: '查建造师、施工许可、设计资质和药品生产许可的证书，登录后即可查询。' },
  sandbox,
})
