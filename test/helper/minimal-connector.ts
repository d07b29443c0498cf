import { type ConnectorDeclaration, defineConnector, exchange, field, service } from '../../core/connector.ts'

/** The smallest connector that passes every check: what tests bend to make one mistake at a time. */
export function minimalConnector(): ConnectorDeclaration {
  const balance = service({
    id: 'balance',
    name: '余额查询',
    section: '0',
    kind: 'query',
    audience: 'person',
    identity: 'real-name',
    single: '每人只有一个余额',
    inputs: {},
    fields: { amount: field.money('余额', { code: 'ye', required: true }) },
    timeoutMs: 2000,
    rate: { max: 1000, perSeconds: 60 },
  })
  return defineConnector({
    id: 'demo',
    name: '演示',
    agency: '演示单位',
    version: '1.0.0',
    section: '0',
    upstream: {
      dialect: exchange(),
      envelope: {
        codeKeys: ['code'],
        messageKeys: ['message'],
        success: ['0'],
        successWithData: ['1'],
        innerCodeKeys: ['biz_data.code'],
        empty: [],
        emptyTexts: [],
        data: ['data'],
        total: [],
        jsonInString: false,
        charset: 'utf-8',
      },
      subject: { person: { xingming: 'person.name', zjhm: 'person.idNumber' } },
      dateFormat: 'YYYYMMDD',
      maxConcurrent: 8,
    },
    services: [balance],
    health: { service: 'balance', intervalSeconds: 60 },
    sandbox: {},
  })
}
