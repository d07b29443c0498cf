/** In what three ledgers can disagree about a payment or a refund, as staff read it. */
export const differenceKinds = {
  'unknown-payment': '渠道已收款，中枢没有这个订单',
  'channel-only': '渠道已收款，中枢尚未入账',
  'here-only': '中枢已入账，渠道账单没有',
  amount: '金额不一致',
  transaction: '渠道流水号不一致',
  twice: '渠道账单对同一订单重复收款',
  'company-only': '公司已销账，中枢没有销账',
  'company-missing': '中枢已销账，公司没有销账记录',
  'company-twice': '公司对同一订单重复销账',
  'refund-unknown': '渠道已退款，中枢没有退款记录',
  'refund-here-only': '中枢已退款，渠道账单没有',
  'refund-amount': '退款金额不一致',
  unfinished: '订单尚未办结',
} as const

export type DifferenceKind = keyof typeof differenceKinds

/** What is done about one. `acted`: the hub has set to work on it and looks again; `gone`: a later look found none. */
export const differenceStates = { acted: '中枢正在处理', open: '待人工处理', gone: '已消除', resolved: '已处理' } as const

export type DifferenceState = keyof typeof differenceStates
