import { field, input, service } from '../../core/connector.ts'
import { accountFields, boundAccount } from './accounts.ts'
import { PERIOD_CODES } from './charges.ts'
import * as lists from './codes.ts'

const billStatus = field.code('账单状态', lists.billStatuses, { code: 'zdzt' })

const billQuery = service({
  id: 'bill-query',
  name: '账单查询',
  section: '1.4.13',
  kind: 'list',
  inputs: { gasAccountNumber: boundAccount },
  fields: {
    billNumber: field.text('账单编号', { code: 'zdh', required: true }),
    gasAccountNumber: accountFields.gasAccountNumber,
    billingPeriod: field.text('计费周期', { code: 'jfzq' }),
    gasUsage: field.number('用气量（立方米）', { code: 'yql' }),
    amountDue: field.money('应缴金额', { code: 'yjje', essential: true }),
    billDate: field.date('账单日期', { code: 'zdrq' }),
    paymentDueDate: field.date('缴费截止日期', { code: 'jzrq' }),
    billStatus,
  },
  upstream: { sid: 'api/v1/bills/list' },
})

/** What is to be paid now: the oldest bill that is not, or the one that is meant. An order is made of exactly this answer. */
const billConfirmation = service({
  id: 'bill-confirmation',
  name: '账单确认',
  section: '1.4.13',
  kind: 'query',
  single: '每次只确认一张账单',
  inputs: {
    gasAccountNumber: boundAccount,
    billNumber: input.text('账单编号', { code: 'zdh', field: 'billNumber', maxLength: 32 }),
  },
  fields: {
    billNumber: field.text('账单编号', { code: 'zdh', required: true }),
    ...accountFields,
    billingPeriod: field.text('计费周期', { code: 'jfzq' }),
    previousMeterReading: field.number('上期表数', { code: 'sqbs' }),
    currentMeterReading: field.number('本期表数', { code: 'bqbs' }),
    gasUsage: field.number('用气量（立方米）', { code: 'yql' }),
    yearUsage: field.number('本年累计用气量（立方米）', { code: 'bnyql' }),
    amountDue: field.money('应缴金额', { code: 'yjje', required: true }),
    paymentDueDate: field.date('缴费截止日期', { code: 'jzrq' }),
    billStatus,
    tariffSince: field.date('价格执行日期', { code: 'jgzxrq' }),
    tiers: field.list(
      '阶梯计价',
      {
        tier: field.code('阶梯', lists.tiers, { code: 'jt' }),
        gasUsage: field.number('用气量（立方米）', { code: 'yql' }),
        unitPrice: field.money('单价（元／立方米）', { code: 'dj' }),
        amount: field.money('金额', { code: 'je' }),
      },
      { code: 'jtmx' },
    ),
  },
  upstream: { sid: 'api/v1/bills/payable' },
})

/** Payment, its notices, closing and refunds are the hub's (docs/payments.md). */
const orderCreate = service({
  id: 'order-create',
  name: '气费缴纳',
  section: '1.4.13',
  kind: 'order',
  timeoutMs: 15_000,
  rate: { max: 20, perSeconds: 60 },
  inputs: {
    billNumber: input.text('账单编号', { code: 'zdh', maxLength: 32, required: true }),
    gasAccountNumber: boundAccount,
  },
  fields: {
    orderNumber: field.text('订单编号', { required: true }),
    orderStatus: field.code('订单状态', lists.orderStatuses),
    orderAmount: field.money('金额'),
    ...accountFields,
    billNumber: field.text('账单编号', { code: 'zdh' }),
    billingPeriod: field.text('计费周期', { code: 'jfzq' }),
  },
  order: {
    bill: { service: 'bill-confirmation', input: 'billNumber' },
    amount: 'amountDue',
    payable: { field: 'billStatus', codes: ['0'] },
    version: ['billingPeriod', 'gasUsage', 'amountDue'],
    words: { orderNumber: 'number', orderStatus: 'state', orderAmount: 'amount' },
    description: '天然气费',
    writeOff: {
      sid: 'api/v1/bills/write-off',
      statusSid: 'api/v1/bills/write-off/query',
      serial: 'lsh',
      bill: 'zdh',
      amount: 'je',
      paidAt: 'jfsj',
      channel: 'zffs',
      transaction: 'qdlsh',
    },
    ledger: {
      sid: 'api/v1/bills/write-off/list',
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
  section: '1.4.13',
  kind: 'list',
  inputs: { timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'paymentTime' }), gasAccountNumber: boundAccount },
  fields: {
    paymentTime: field.datetime('缴费时间', { code: 'jfsj' }),
    gasAccountNumber: field.text('户号', { code: 'hh', mask: 'account' }),
    paymentKind: field.code('缴费类型', lists.paymentKinds, { code: 'jflx' }),
    billingPeriod: field.text('计费周期', { code: 'jfzq' }),
    paymentAmount: field.money('缴费金额', { code: 'je', essential: true }),
    paymentMethod: field.code('支付方式', lists.paymentMethods, { code: 'zffs' }),
    transactionStatus: field.code('交易状态', lists.transactionStatuses, { code: 'jyzt' }),
    transactionSerialNumber: field.text('交易流水号', { code: 'lsh', required: true }),
  },
  upstream: { sid: 'api/v1/payments/list' },
})

/**
 * For one payment or for all of a period; only what was paid stands in it. A school wants to read where the family lives: the
 * account and the address stand there whole for whoever asks for it (`reveal`) and has shown his face, the holder's name where it is his.
 */
const gasCertificate = service({
  id: 'gas-certificate',
  name: '天然气证明开具',
  section: '1.4.13',
  kind: 'document',
  document: { title: '天然气缴费证明' },
  single: '一份证明只关于一个户号',
  files: { sid: 'api/v1/certificates/file', parameter: 'wjbh' },
  inputs: {
    paymentRecord: input.text('单笔缴费流水号', { code: 'lsh', field: 'paymentDetails.transactionSerialNumber', maxLength: 64 }),
    timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'paymentDetails.paymentTime' }),
    purpose: input.choice('用途', lists.certificatePurposes, { code: 'yt' }),
    gasAccountNumber: boundAccount,
  },
  fields: {
    certificateFile: field.files('天然气证明', { code: 'zmwj' }),
    gasAccountNumber: field.text('户号', { code: 'hh', mask: 'account', reveal: true, required: true }),
    accountHolderName: field.text('户主姓名', { code: 'hzxm', mask: 'name', reveal: true }),
    gasAddress: field.text('用气地址', { code: 'yqdz', mask: 'address', reveal: true }),
    openedOn: field.date('开户日期', { code: 'khrq' }),
    supplyStatus: field.code('供气状态', lists.supplyStatuses, { code: 'gqzt' }),
    paymentDetails: field.list(
      '缴费明细',
      {
        paymentTime: field.datetime('缴费时间', { code: 'jfsj' }),
        billingPeriod: field.text('计费周期', { code: 'jfzq' }),
        gasUsage: field.number('用气量（立方米）', { code: 'yql' }),
        paymentAmount: field.money('缴费金额', { code: 'je' }),
        paymentMethod: field.code('支付方式', lists.paymentMethods, { code: 'zffs' }),
        transactionSerialNumber: field.text('交易流水号', { code: 'lsh' }),
      },
      { code: 'jfmx' },
    ),
    amount: field.money('金额合计', { code: 'hjje', required: true }),
    electronicSeal: field.files('电子签章', { code: 'dzqz' }),
  },
  upstream: { sid: 'api/v1/certificates/query' },
})

export const billServices = [billQuery, billConfirmation, orderCreate, paymentRecords, gasCertificate]
