import { channelNames } from '../../payments/merchants.ts'

/** Why an order moved, in words for staff; what is kept is the code. */
const causes: Readonly<Record<string, string>> = {
  ...channelNames,
  citizen: '本人操作',
  expired: '逾期未支付',
  'bill-changed': '账单有变动',
  'paid-when-closed': '关闭后又收到付款，退回',
  'service-gone': '办理销账的服务已停用',
  'too-late': '未能在时限内销账',
  refused: '公司拒绝销账',
  unclear: '销账结果不明',
  company: '公司已确认销账',
  'written-off-after-all': '退款途中发现公司已销账',
  'refund-failed': '渠道退款失败',
  staff: '工作人员核实',
  reconciliation: '对账发现差异',
}
const DIFFERS = 'differs: '
const parts: Readonly<Record<string, string>> = {
  refunded: '已退款',
  amount: '金额',
  currency: '币种',
  merchant: '商户号',
  application: '应用编号',
}

/** What nobody has words for stays as it is. */
export function causeTitle(cause: string): string {
  if (!cause.startsWith(DIFFERS)) return causes[cause] ?? cause
  const differing = cause.slice(DIFFERS.length).split(', ')
  return `与渠道所说不一致：${differing.map((part) => parts[part] ?? part).join('、')}`
}
