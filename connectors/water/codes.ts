import { codeList } from '../../core/connector.ts'

const OWN = '代码待水务公司确认'

export const billStatuses = codeList(OWN, { '0': '未缴费', '1': '已缴费' })

/** Who may use an account besides its holder is the company's to know. */
export const relations = codeList(OWN, { '1': '户主', '2': '登记的共同用水人' })

export const usageKinds = codeList('发改价格〔2013〕2676号 居民用水，代码待水务公司确认', {
  '01': '居民生活用水',
  '02': '非居民用水',
  '03': '特种用水',
})

/** `wechat` and `alipay` are what the hub sends with a write-off; the others are the company's own. */
export const paymentMethods = codeList(OWN, { wechat: '微信支付', alipay: '支付宝', counter: '营业厅', bank: '银行代扣' })

export const transactionStatuses = codeList(OWN, { '1': '成功', '0': '失败' })

/** The hub's own, as `docs/payments.md` draws them. */
export const orderStatuses = codeList('中枢的订单状态', {
  created: '待支付',
  paying: '待支付',
  paid: '已支付，正在销账',
  'written-off': '已缴费',
  settled: '已缴费',
  closed: '已关闭',
  refunding: '退款中',
  refunded: '已退款',
  exception: '正在核实',
})
