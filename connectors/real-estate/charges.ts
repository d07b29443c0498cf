import { field, input, service } from '../../core/connector.ts'
import * as lists from './codes.ts'

/** Taxes and fees of a case (1.4.2.1 税费在线缴纳): found by the centre and the tax bureau, paid once, for a case that is there and owes them. */
const zone = { section: '1.4.2.1', agents: true, upstream: { system: 'wechat' } } as const

const due = {
  deedTaxAmount: field.money('应缴契税', { code: 'yjqs', essential: true }),
  registrationFee: field.money('不动产登记费', { code: 'bdcdjf', essential: true }),
  totalAmount: field.money('应缴合计', { code: 'yjhj', essential: true }),
}

/** What an own case owes. An order is made of exactly this answer: nobody pays for a case that isn't there, or before it is assessed. */
const caseCharges = service({
  ...zone,
  id: 'case-charges',
  name: '办件应缴税费查询',
  kind: 'query',
  inputs: { applicationNumber: input.text('受理编号', { code: 'slbh', maxLength: 40, field: 'applicationNumber' }) },
  key: 'applicationNumber',
  keyWords: ['chargeStatus', 'totalAmount'],
  fields: {
    applicationNumber: field.text('受理编号', { code: ['slbh', 'ywh'], required: true }),
    ...due,
    paymentItem: field.code('缴费项目', lists.paymentItems, { code: 'jfxm' }),
    chargeStatus: field.code('缴纳状态', lists.chargeStatuses, { code: 'jnzt', required: true }),
  },
})

/** Tax and fee of one case go together, as its parts do; written off at the centre, which hands the tax on to the bureau. */
const taxAndFeePayment = service({
  ...zone,
  id: 'tax-and-fee-payment',
  name: '税费在线缴纳',
  kind: 'order',
  timeoutMs: 15_000,
  inputs: {
    applicationNumber: input.text('受理编号', { code: 'slbh', maxLength: 40, required: true }),
    paymentItem: input.choice('缴费项目', lists.wholePayment, { code: 'jfxm' }),
  },
  fields: {
    paymentNumber: field.text('缴款单号', { required: true }),
    applicationNumber: field.text('受理编号', { code: ['slbh', 'ywh'] }),
    paymentItem: field.code('缴费项目', lists.paymentItems, { code: 'jfxm' }),
    ...due,
    paymentStatus: field.code('缴款状态', lists.orderStatuses),
    orderTime: field.datetime('下单时间'),
    electronicTaxReceiptNumber: field.text('电子税票编号', { code: ['dzsphm', 'dzspbh'] }),
  },
  order: {
    bill: { service: 'case-charges', input: 'applicationNumber' },
    amount: 'totalAmount',
    payable: { field: 'chargeStatus', codes: ['1'] },
    version: ['deedTaxAmount', 'registrationFee', 'totalAmount'],
    words: {
      ...{ paymentNumber: 'number', paymentStatus: 'state', totalAmount: 'amount' },
      ...{ orderTime: 'time', electronicTaxReceiptNumber: 'receipt' },
    },
    description: '不动产登记税费',
    writeOff: {
      sid: 'real-estate.tax-write-off',
      statusSid: 'real-estate.tax-write-off-status',
      serial: 'jklsh',
      bill: 'slbh',
      amount: 'jkje',
      paidAt: 'jksj',
      channel: 'zffs',
      transaction: 'qdlsh',
      receipt: 'dzsphm',
    },
    ledger: { sid: 'real-estate.tax-ledger', from: 'ksrq', to: 'jsrq', serial: 'jklsh', amount: 'jkje', channel: 'zffs' },
    withinSeconds: 3600,
    // A case that was withdrawn or refused meanwhile takes no money.
    otherwise: 'refund',
  },
})

export const chargeServices = [caseCharges, taxAndFeePayment]
