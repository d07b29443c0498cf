import { defineConnector, exchange, exchangeEnvelope, field, input, service } from 'xuchang-hub'

const books = service({
  id: 'books',
  name: '馆藏图书',
  section: '0',
  kind: 'list',
  audience: 'public',
  identity: 'none',
  inputs: { title: input.text('书名', { code: 'sm' }) },
  fields: { title: field.text('书名', { code: 'sm', required: true }) },
  upstream: { sid: 'lib.books', method: 'GET' },
  timeoutMs: 3000,
  rate: { max: 60, perSeconds: 60 },
})

/** What a kind of service adds to the contract has come along. */
const renewal = service({
  id: 'renewal',
  name: '续借',
  section: '0',
  kind: 'act',
  audience: 'person',
  identity: 'real-name',
  inputs: {},
  fields: { number: field.text('借阅号', { code: 'jyh', required: true }) },
  upstream: { sid: 'lib.renew', method: 'POST' },
  timeoutMs: 3000,
  rate: { max: 60, perSeconds: 60 },
  act: { serial: 'lsh' },
})

/** A connector as an agency writes it against the installed package. */
// biome-ignore lint/style/noDefaultExport: connectors are found by it
export default defineConnector({
  id: 'library',
  name: '示例图书馆',
  agency: '示例图书馆（沙箱）',
  version: '1.0.0',
  section: '0',
  upstream: { dialect: exchange(), envelope: exchangeEnvelope, subject: {}, dateFormat: 'YYYYMMDD', maxConcurrent: 8 },
  services: [books, renewal],
  health: { service: 'books', intervalSeconds: 60 },
  sandbox: { books: () => [{ sm: '许昌史话' }], renewal: () => [{ jyh: 'J001' }] },
})
