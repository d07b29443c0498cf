import { field, input, service } from '../../core/connector.ts'
import { accountFields, boundAccount } from './accounts.ts'
import * as lists from './codes.ts'

const PERIOD_CODES = ['ksrq', 'jsrq'] as const

/** 订单生成; payment, its notices, closing and refunds are the hub's (docs/payments.md). */
const orderCreate = service({
  id: 'order-create',
  name: '订单生成',
  section: '1.4.10.3',
  kind: 'order',
  timeoutMs: 15_000,
  rate: { max: 20, perSeconds: 60 },
  inputs: {
    billNumber: input.text('账单编号', { code: 'zdh', maxLength: 32, required: true }),
    waterAccountNumber: boundAccount,
  },
  fields: {
    orderNumber: field.text('订单编号', { required: true }),
    orderStatus: field.code('订单状态', lists.orderStatuses),
    accountHolderName: accountFields.accountHolderName,
    waterAccountNumber: accountFields.waterAccountNumber,
    waterAddress: accountFields.waterAddress,
    billNumber: field.text('账单编号', { code: 'zdh' }),
    unitPrice: field.money('单价', { code: 'dj' }),
    orderAmount: field.money('金额'),
  },
  order: {
    bill: { service: 'bill-confirmation', input: 'billNumber' },
    amount: 'amountDue',
    payable: { field: 'billStatus', codes: ['0'] },
    version: ['billingPeriod', 'waterUsage', 'amountDue'],
    words: { orderNumber: 'number', orderStatus: 'state', orderAmount: 'amount' },
    description: '水费',
    writeOff: {
      sid: '/openapi/v1/bill/write-off',
      statusSid: '/openapi/v1/bill/write-off/query',
      serial: 'lsh',
      bill: 'zdh',
      amount: 'je',
      paidAt: 'jfsj',
      channel: 'zffs',
      transaction: 'qdlsh',
    },
    ledger: {
      sid: '/openapi/v1/bill/write-off/list',
      from: 'ksrq',
      to: 'jsrq',
      serial: 'lsh',
      amount: 'je',
      channel: 'zffs',
    },
    withinSeconds: 3600,
    otherwise: 'refund',
  },
})

/** The company's ledger: every payment, wherever it was made; one through the app stands there under the order's number. */
const paymentRecords = service({
  id: 'payment-records',
  name: '缴费记录查询',
  section: '1.4.10.4',
  kind: 'list',
  inputs: { timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'paymentTime' }), waterAccountNumber: boundAccount },
  fields: {
    paymentTime: field.datetime('缴费时间', { code: 'jfsj' }),
    waterAccountNumber: field.text('缴费户号', { code: 'hh', mask: 'account' }),
    accountHolderName: field.text('户主姓名', { code: 'hzxm', mask: 'name' }),
    billingPeriod: field.text('账单周期', { code: 'jfzq' }),
    paymentAmount: field.money('缴费金额', { code: 'je', essential: true }),
    paymentMethod: field.code('支付方式', lists.paymentMethods, { code: 'zffs' }),
    transactionStatus: field.code('交易状态', lists.transactionStatuses, { code: 'jyzt' }),
    transactionSerialNumber: field.text('交易流水号', { code: 'lsh', required: true }),
  },
  upstream: { sid: '/openapi/v1/payment/list' },
})

/**
 * For one payment or for all of a period; only what was paid stands in it. Whoever is shown it wants to read whose it is: the account
 * stands there whole for whoever asks for it (`reveal`) and has shown his face, the holder's name where it is his.
 */
const paymentCertificate = service({
  id: 'payment-certificate',
  name: '水费缴纳证明开具',
  section: '1.4.10.5',
  kind: 'document',
  document: { title: '水费缴纳证明' },
  single: '一份证明只关于一个户号',
  files: { sid: '/openapi/v1/payment/certificate/file', parameter: 'wjbh' },
  inputs: {
    paymentRecord: input.text('单笔成功缴费记录', { code: 'lsh', field: 'paymentDetails.transactionSerialNumber', maxLength: 64 }),
    timeRange: input.period('指定时间段', { codes: PERIOD_CODES, field: 'paymentDetails.paymentTime' }),
    waterAccountNumber: boundAccount,
  },
  fields: {
    userInfo: field.text('用户信息', { code: 'yhxx', mask: 'name', reveal: true }),
    waterAccountNumber: field.text('户号', { code: 'hh', mask: 'account', reveal: true, required: true }),
    paymentDetails: field.list(
      '缴费明细',
      {
        paymentTime: field.datetime('缴费时间', { code: 'jfsj' }),
        billingPeriod: field.text('账单周期', { code: 'jfzq' }),
        waterUsage: field.number('用水量（立方米）', { code: 'sysl' }),
        paymentAmount: field.money('缴费金额', { code: 'je' }),
        paymentMethod: field.code('支付方式', lists.paymentMethods, { code: 'zffs' }),
        transactionSerialNumber: field.text('交易流水号', { code: 'lsh' }),
      },
      { code: 'jfmx' },
    ),
    amount: field.money('金额', { code: 'hjje', required: true }),
    electronicSeal: field.files('电子签章', { code: 'dzqz' }),
    certificateFile: field.files('证明文件', { code: 'zmwj' }),
  },
  upstream: { sid: '/openapi/v1/payment/certificate' },
})

export const paymentServices = [orderCreate, paymentRecords, paymentCertificate]
