import { type ConnectorDeclaration, codeList, field, input, service } from '../../core/connector.ts'
import { minimalConnector } from './minimal-connector.ts'

const terms = codeList('synthetic', { '1': '一个月', '2': '两个月' })

const common = {
  section: '0',
  kind: 'act',
  audience: 'person',
  identity: 'real-name',
  fields: {
    number: field.text('借阅号', { code: 'jyh', required: true }),
    term: field.code('期限', terms, { code: 'qx' }),
    card: field.text('借书证号', { code: 'zh', mask: 'account' }),
  },
  inputs: { term: input.choice('期限', terms, { code: 'qx', required: true }) },
  timeoutMs: 1000,
  rate: { max: 1000, perSeconds: 60 },
} as const

const RECORD = { jyh: 'J001', zh: '6217001234567890' }

/** Like a library: a renewal that it can be asked about, a reservation that it cannot, and a cancellation that takes a face. */
export function actConnector(): ConnectorDeclaration {
  const demo = minimalConnector()
  const renewal = service({
    ...common,
    id: 'renewal',
    name: '续借',
    upstream: { sid: 'lib.renew', method: 'POST' },
    act: { serial: 'lsh', statusSid: 'lib.renew.status' },
  })
  const reservation = service({ ...common, id: 'reservation', name: '预约', upstream: { sid: 'lib.reserve', method: 'PUT' } })
  const cancellation = service({
    ...common,
    id: 'cancellation',
    name: '取消预约',
    identity: 'face',
    face: { maxAgeSeconds: 300, once: true },
    upstream: { sid: 'lib.cancel', method: 'DELETE' },
    act: { serial: 'lsh' },
  })
  const rows = () => [RECORD]
  return {
    ...demo,
    id: 'library',
    services: [...demo.services, renewal, reservation, cancellation],
    sandbox: { renewal: rows, reservation: rows, cancellation: rows },
  }
}
