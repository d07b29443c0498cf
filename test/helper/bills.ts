import { type ConnectorDeclaration, codeList, field, input, service } from '../../core/connector.ts'
import '../../plugins/kinds/order/policy.ts'
import { waterworks } from './museum-connector.ts'

const billStates = codeList('test', { '0': '未缴费', '1': '已缴费' })
const household = input.verified('户号', 'account.externalId', { code: 'hh' })
const billNumber = input.text('账单编号', { code: 'zdh', field: 'billNumber' })
const fields = {
  billNumber: field.text('账单号', { code: 'zdh', required: true }),
  holder: field.text('户主姓名', { code: 'hz', mask: 'name' }),
  period: field.month('计费周期', { code: 'zq' }),
  amount: field.money('应缴金额', { code: 'je', essential: true }),
  state: field.code('账单状态', billStates, { code: 'zt' }),
}
const everyday = {
  section: '0',
  audience: 'person',
  identity: 'real-name',
  timeoutMs: 2000,
  rate: { max: 100_000, perSeconds: 60 },
} as const

const bills = service({ ...everyday, id: 'bills', name: '账单查询', kind: 'list', inputs: { household, billNumber }, fields })

export const OFF = 'waterworks.write-off'
export const OFF_STATUS = 'waterworks.write-off-status'
export const LEDGER = 'waterworks.write-off-ledger'

const order = (otherwise: 'refund' | 'staff', withinSeconds: number) =>
  service({
    ...everyday,
    id: otherwise === 'refund' ? 'orders' : 'staff-orders',
    name: '水费缴纳',
    kind: 'order',
    inputs: { household, billNumber: { ...billNumber, notes: { ...billNumber.notes, required: true } } },
    fields,
    order: {
      bill: { service: 'bills', input: 'billNumber' },
      amount: 'amount',
      payable: { field: 'state', codes: ['0'] },
      version: ['period', 'amount'],
      description: '水费',
      writeOff: {
        sid: OFF,
        statusSid: OFF_STATUS,
        serial: 'lsh',
        bill: 'zdh',
        amount: 'je',
        paidAt: 'jfsj',
        channel: 'qd',
        transaction: 'jydh',
      },
      ledger: {
        sid: LEDGER,
        from: 'ksrq',
        to: 'jsrq',
        serial: 'lsh',
        amount: 'je',
        channel: 'qd',
        paging: { page: 'page', size: 'size', rows: 20 },
      },
      withinSeconds,
      otherwise,
    },
  })

/** A month's bill of the person's household: 43.10 for person 1, in the first of twelve months. */
export const amountOf = (person: number, month: number) => (4300 + person * 10 + month - 1) / 100

/** The waterworks, with bills that can be paid. */
export const billing = (withinSeconds = 3600): ConnectorDeclaration => ({
  ...waterworks,
  services: [...waterworks.services, bills, order('refund', withinSeconds), order('staff', withinSeconds)],
  sandbox: {
    ...waterworks.sandbox,
    bills: ({ index, name }) =>
      Array.from({ length: 12 }, (_, position) => ({
        zdh: `B${index}${String(position + 1).padStart(2, '0')}`,
        hz: name,
        zq: `2026-${String(position + 1).padStart(2, '0')}`,
        je: amountOf(index, position + 1).toFixed(2),
        zt: position === 11 ? '1' : '0',
      })),
  },
})
