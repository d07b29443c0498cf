import { defineConnector, exchange, exchangeEnvelope, field, input, service } from '../../core/connector.ts'
import { loanStates } from './codes.ts'
import * as rows from './sandbox/rows.ts'

const loans = service({
  id: 'loans',
  name: '我的借阅',
  section: '1.4.99.1',
  kind: 'list',
  audience: 'person',
  identity: 'real-name',
  inputs: { period: input.period('借出日期', { codes: ['ksrq', 'jsrq'], field: 'lentOn' }) },
  fields: {
    readerIdNumber: field.text('读者证件号码', { code: 'dzzjh', mask: 'idNumber', subject: 'person' }),
    title: field.text('书名', { code: 'tm', required: true }),
    lentOn: field.date('借出日期', { code: 'jyrq' }),
    dueOn: field.date('应还日期', { code: 'yhrq' }),
    state: field.code('借阅状态', loanStates, { code: 'zt' }),
    fine: field.money('罚款', { code: 'fk' }),
  },
  timeoutMs: 3000,
  rate: { max: 60, perSeconds: 60 },
})

export default defineConnector({
  id: 'library',
  name: '图书馆',
  agency: '许昌市图书馆',
  version: '1.0.0',
  section: '1.4.99',
  upstream: {
    dialect: exchange(),
    envelope: exchangeEnvelope,
    subject: { person: { xm: 'person.name', zjh: 'person.idNumber' } },
    dateFormat: 'YYYYMMDD',
    maxConcurrent: 8,
  },
  services: [loans],
  health: { service: 'loans', intervalSeconds: 60 },
  sandbox: { loans: rows.loans },
})
