import { field, input, service } from '../../core/connector.ts'
import { accountFields, boundAccount } from './accounts.ts'
import { lastGood } from './calendar.ts'
import * as lists from './codes.ts'

const period = field.text('计费周期', { code: 'jfzq' })
const tiers = field.list(
  '阶梯计价',
  {
    tier: field.text('阶梯', { code: 'jt' }),
    waterUsage: field.number('用水量（立方米）', { code: 'sl' }),
    unitPrice: field.money('单价（元／立方米）', { code: 'dj' }),
    amount: field.money('金额', { code: 'je' }),
  },
  { code: 'jtmx' },
)
const charges = field.list(
  '费用组成',
  {
    item: field.text('费用项目', { code: 'fyxm' }),
    unitPrice: field.money('单价（元／立方米）', { code: 'dj' }),
    amount: field.money('金额', { code: 'je' }),
  },
  { code: 'fymx' },
)

const billQuery = service({
  id: 'bill-query',
  lastGood,
  name: '账单查询',
  section: '1.4.10.2',
  kind: 'list',
  inputs: { waterAccountNumber: boundAccount },
  fields: {
    waterAccountNumber: field.text('用户号', { code: 'hh', mask: 'account', required: true }),
    billNumber: field.text('账单号', { code: 'zdh', required: true }),
    accountHolderName: field.text('户主姓名', { code: 'hzxm', mask: 'name' }),
    arrearsAmount: field.money('欠费金额', { code: 'qfje', essential: true }),
    billingPeriod: period,
    billStatus: field.code('账单状态', lists.billStatuses, { code: 'zdzt' }),
  },
  upstream: { sid: '/openapi/v1/bill/list' },
})

/** The latest bill of the account. */
const billDetail = service({
  id: 'bill-detail',
  name: '水费账单详情',
  section: '1.4.10.2',
  kind: 'query',
  single: '一个户号只有一张最新账单',
  inputs: { waterAccountNumber: boundAccount },
  fields: {
    billingPeriod: period,
    previousMeterReading: field.number('上期水表读数', { code: 'sqds' }),
    currentMeterReading: field.number('本期水表读数', { code: 'bqds' }),
    waterUsage: field.number('本期实际用水量', { code: 'sysl' }),
    amountDue: field.money('合计应缴金额', { code: 'yjje', essential: true }),
    billDate: field.date('账单生成日期', { code: 'zdrq' }),
    paymentDueDate: field.date('缴费截止日期', { code: 'jzrq' }),
    billStatus: field.code('账单状态', lists.billStatuses, { code: 'zdzt' }),
    billNumber: field.text('账单号', { code: 'zdh', required: true }),
    tiers,
    charges,
  },
  upstream: { sid: '/openapi/v1/bill/detail' },
})

/** What is to be paid now: the oldest bill that is not, or the one that is meant. An order is made of exactly this answer. */
const billConfirmation = service({
  id: 'bill-confirmation',
  name: '账单确认',
  section: '1.4.10.3',
  kind: 'query',
  single: '每次只确认一张账单',
  inputs: {
    waterAccountNumber: boundAccount,
    billNumber: input.text('账单编号', { code: 'zdh', field: 'billNumber', maxLength: 32 }),
  },
  fields: {
    billNumber: field.text('账单编号', { code: 'zdh', required: true }),
    ...accountFields,
    billingPeriod: period,
    waterUsage: field.number('本期实际用水量', { code: 'sysl' }),
    unitPrice: field.money('单价', { code: 'dj' }),
    amountDue: field.money('合计应缴金额', { code: 'yjje', required: true }),
    paymentDueDate: field.date('缴费截止日期', { code: 'jzrq' }),
    billStatus: field.code('账单状态', lists.billStatuses, { code: 'zdzt' }),
    tiers,
    charges,
  },
  upstream: { sid: '/openapi/v1/bill/payable' },
})

export const billServices = [billQuery, billDetail, billConfirmation]
