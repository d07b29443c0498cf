import { field, input, service } from '../../core/connector.ts'
import { accountFields, boundAccount } from './accounts.ts'
import { lastGood } from './calendar.ts'
import * as lists from './codes.ts'

export const PERIOD_CODES = ['ksrq', 'jsrq'] as const

/** 费用: what is to be paid now; of a meter that is paid in advance, what the last settled month took from its balance. */
const feeQuery = service({
  id: 'fee-query',
  name: '费用查询',
  section: '1.4.13',
  kind: 'query',
  single: '一个户号只有一份当前费用',
  inputs: { gasAccountNumber: boundAccount },
  fields: {
    gasFee: field.money('费用', { code: 'fy', essential: true }),
    ...accountFields,
    settlement: field.code('付费方式', lists.settlements, { code: 'fffs' }),
    unpaidBills: field.integer('未缴账单数', { code: 'wjzds' }),
    billingPeriod: field.text('最近计费周期', { code: 'jfzq' }),
    gasUsage: field.number('最近计费周期用气量（立方米）', { code: 'yql' }),
    periodFee: field.money('最近计费周期气费', { code: 'zqqf' }),
    tier: field.code('当前阶梯', lists.tiers, { code: 'jt' }),
    unitPrice: field.money('当前单价（元／立方米）', { code: 'dj' }),
    tariffSince: field.date('价格执行日期', { code: 'jgzxrq' }),
  },
  upstream: { sid: 'api/v1/fees/current' },
})

/** A series for a chart: a point a month, the month of the year before beside it. */
const usageAnalysis = service({
  id: 'usage-analysis',
  lastGood,
  name: '用气分析',
  section: '1.4.13',
  kind: 'query',
  single: '一个户号只有一份用气分析',
  inputs: {
    gasAccountNumber: boundAccount,
    timeRange: input.period('时间范围', { codes: PERIOD_CODES, field: 'gasUsageAnalysis.month' }),
  },
  fields: {
    gasUsageAnalysis: field.list(
      '用气分析',
      {
        month: field.month('月份', { code: 'yf' }),
        gasUsage: field.number('用气量（立方米）', { code: 'yql' }),
        lastYearUsage: field.number('去年同月用气量（立方米）', { code: 'qntqyql' }),
        changePercent: field.number('同比（%）', { code: 'tb' }),
        gasFee: field.money('气费', { code: 'qf' }),
      },
      { code: 'yqqx', essential: true },
    ),
    gasAccountNumber: accountFields.gasAccountNumber,
    yearUsage: field.number('本年累计用气量（立方米）', { code: 'bnyql' }),
    lastYearUsage: field.number('去年同期累计用气量（立方米）', { code: 'qnljyql' }),
    tier: field.code('当前阶梯', lists.tiers, { code: 'jt' }),
    leftInTier: field.number('本档剩余气量（立方米）', { code: 'bdsyql' }),
  },
  upstream: { sid: 'api/v1/usage/analysis' },
})

const balanceQuery = service({
  id: 'balance-query',
  name: '余额查询',
  section: '1.4.13',
  kind: 'query',
  single: '一个户号只有一个余额',
  inputs: { gasAccountNumber: boundAccount },
  fields: {
    balance: field.money('余额', { code: 'ye', essential: true }),
    ...accountFields,
    meterKind: field.code('表具类型', lists.meterKinds, { code: 'bjlx' }),
    settlement: field.code('付费方式', lists.settlements, { code: 'fffs' }),
    balanceTime: field.datetime('余额时间', { code: 'yesj' }),
    remainingGas: field.number('约可用气量（立方米）', { code: 'kyql' }),
    note: field.text('说明', { code: 'sm' }),
  },
  upstream: { sid: 'api/v1/balance' },
})

export const chargeServices = [feeQuery, usageAnalysis, balanceQuery]
