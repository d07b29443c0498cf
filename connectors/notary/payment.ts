import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'
import { caseFields, either } from './policies.ts'

const parts = {
  certificationFee: field.money('公证费', { code: 'gzf' }),
  copyFee: field.money('副本费', { code: 'fbf' }),
  translationFee: field.money('翻译费', { code: 'fyf' }),
}

/** What a case costs: the bill that an order is made of. */
const charges = service({
  ...either,
  id: 'notarization-charges',
  name: '公证费用查询',
  kind: 'query',
  key: 'applicationNumber',
  keyWords: ['itemName', 'totalAmount'],
  inputs: { applicationNumber: input.text('受理编号', { code: 'slbh', maxLength: 40, field: 'applicationNumber' }) },
  fields: {
    applicationNumber: caseFields.applicationNumber,
    itemName: caseFields.itemName,
    totalAmount: field.money('应缴费用', { code: 'yjje', required: true }),
    ...parts,
    chargeStatus: field.code('缴费状态', lists.chargeStatuses, { code: 'jfzt', required: true }),
  },
  upstream: { path: 'charges', method: 'GET' },
})

/** Payment, its notices, closing and refunds are the hub's (docs/payments.md). */
const payment = service({
  ...either,
  id: 'fee-payment',
  name: '费用支付',
  kind: 'order',
  timeoutMs: 15_000,
  rate: { max: 20, perSeconds: 60 },
  inputs: { applicationNumber: input.text('受理编号', { code: 'slbh', maxLength: 40, required: true }) },
  fields: {
    notarizationFee: field.money('费用'),
    orderNumber: field.text('订单编号', { required: true }),
    orderStatus: field.code('订单状态', lists.orderStatuses),
    applicationNumber: field.text('受理编号', { code: 'slbh' }),
    itemName: caseFields.itemName,
    ...parts,
  },
  order: {
    bill: { service: 'notarization-charges', input: 'applicationNumber' },
    amount: 'totalAmount',
    payable: { field: 'chargeStatus', codes: ['0'] },
    version: ['certificationFee', 'copyFee', 'translationFee', 'totalAmount'],
    words: { notarizationFee: 'amount', orderNumber: 'number', orderStatus: 'state' },
    description: '公证费',
    writeOff: {
      sid: 'charges.write-off',
      statusSid: 'charges.write-off-status',
      serial: 'lsh',
      bill: 'slbh',
      amount: 'je',
      paidAt: 'jfsj',
      channel: 'zffs',
      transaction: 'qdlsh',
    },
    ledger: { sid: 'charges.ledger', from: 'ksrq', to: 'jsrq', serial: 'lsh', amount: 'je', channel: 'zffs' },
    withinSeconds: 3600,
    // A case that was withdrawn or not taken in meanwhile takes no money.
    otherwise: 'refund',
  },
})

export const paymentServices = [charges, payment]
