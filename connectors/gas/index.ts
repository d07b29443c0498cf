import { defineConnector, envelope, oauth2ClientCredentials } from '../../core/connector.ts'
import { ACCOUNT_PATTERN, accountLookup, isTheirs } from './accounts.ts'
import { billServices } from './bills.ts'
import { calendar } from './calendar.ts'
import { chargeServices } from './charges.ts'
import { convenienceServices } from './convenience.ts'
import { entryServices } from './entry.ts'
import { sandbox } from './sandbox/rows.ts'
import { workOrderServices } from './work-orders.ts'

export default defineConnector({
  id: 'gas',
  name: '燃气',
  agency: '天伦燃气业务平台',
  version: '1.0.0',
  section: '1.4.13',
  upstream: {
    dialect: oauth2ClientCredentials({ scope: 'city-app' }),
    envelope: envelope.rest({ codeKeys: ['code'], success: ['200'], empty: ['404'] }),
    subject: { person: { xm: 'person.name', zjhm: 'person.idNumber' } },
    dateFormat: 'YYYY-MM-DD',
    maxConcurrent: 32,
    calendar,
  },
  accounts: {
    cardinality: 'many-to-many',
    bind: ['account-number'],
    contact: '请到天伦燃气营业厅或者拨打客服热线核实户号登记信息。',
    accountNumber: {
      service: 'account-lookup',
      input: 'gasAccountNumber',
      externalId: 'gasAccountNumber',
      title: '户号',
      pattern: ACCOUNT_PATTERN,
      accepts: isTheirs,
    },
  },
  // The contract names no level; for what is asked about a bound account, binding it has verified the person.
  defaults: { audience: 'person', identity: 'login', timeoutMs: 8000, rate: { max: 60, perSeconds: 60 } },
  // 对接用户授权功能: what the platform asks the hub for, and gets where the user has ticked it.
  client: {
    purpose: '在天伦燃气业务平台登录并办理用气业务',
    scopes: ['offline_access', 'profile', 'phone', 'real-name', 'gas'],
  },
  services: [...entryServices, accountLookup, ...chargeServices, ...billServices, ...workOrderServices, ...convenienceServices],
  health: { service: 'hotline', intervalSeconds: 30 },
  pages: {
    zone: '生活缴费',
    introduction: '水费、燃气费的查询、缴纳和证明，以及报修、安检等上门服务。',
    groups: {
      燃气缴费: [
        'fee-query',
        'balance-query',
        'usage-analysis',
        'bill-query',
        'bill-confirmation',
        'order-create',
        'payment-records',
        'gas-certificate',
      ],
      燃气报修和上门服务: [
        'repair-request',
        'activation-booking',
        'gas-modification',
        'safety-inspection',
        'meter-replacement',
        'meter-calibration',
      ],
      燃气报装和变更: ['installation-application', 'supply-shutdown', 'supply-restoration', 'information-change'],
    },
    help: { 'repair-request': '户内燃气设施漏气、打不着火时报修。闻到燃气味请先关阀、开窗、离开，再到室外拨打抢修电话。' },
    recommended: ['repair-request', 'order-create'],
  },
  sandbox,
})
