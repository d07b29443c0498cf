import { beijing } from '../../../core/base/time.ts'
import { yuanOf } from '../../payments/fen.ts'
import { refundedOf, type Trade } from './ledger.ts'

const TITLES =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注'

/** A trade bill (ALL) in the form of WeChat Pay's: BOM, a backtick before each value, the sums at the end. `day`: `2026-11-26`. */
export function wechatBill(
  trades: readonly Trade[],
  day: string,
  { merchantId, applicationId }: { merchantId: string; applicationId: string },
): Buffer {
  const isOn = (at: number | null) => at !== null && beijing(at).startsWith(day)
  const line = (trade: Trade, at: number, refund: { number: string; amountFen: number } | null) => {
    const cells = Array.from({ length: TITLES.split(',').length }, () => '')
    const set = (title: string, value: string) => cells.splice(TITLES.split(',').indexOf(title), 1, value)
    set('交易时间', beijing(at).slice(0, 19).replace('T', ' '))
    set('公众账号ID', applicationId)
    set('商户号', merchantId)
    set('微信订单号', trade.transactionId)
    set('商户订单号', trade.number)
    set('交易类型', 'MWEB')
    set('交易状态', refund ? 'REFUND' : 'SUCCESS')
    set('货币种类', 'CNY')
    set('应结订单金额', refund ? '0.00' : yuanOf(trade.amountFen))
    set('商户退款单号', refund?.number ?? '0')
    set('退款金额', refund ? yuanOf(refund.amountFen) : '0.00')
    set('退款状态', refund ? 'SUCCESS' : '')
    set('商品名称', trade.description)
    set('手续费', '0.00000')
    set('费率', '0.60%')
    set('订单金额', refund ? '0.00' : yuanOf(trade.amountFen))
    set('申请退款金额', refund ? yuanOf(refund.amountFen) : '0.00')
    return cells.map((cell) => `\`${cell}`).join(',')
  }
  const lines = trades.flatMap((trade) => [
    ...(isOn(trade.paidAt) ? [line(trade, trade.paidAt as number, null)] : []),
    ...[...trade.refunds].filter(([, { at }]) => isOn(at)).map(([number, { amountFen, at }]) => line(trade, at, { number, amountFen })),
  ])
  const paid = trades.filter(({ paidAt }) => isOn(paidAt))
  const sum = (of: (trade: Trade) => number) => yuanOf(paid.reduce((total, trade) => total + of(trade), 0))
  const sums = [
    String(lines.length),
    sum(({ amountFen }) => amountFen),
    sum(refundedOf),
    '0.00',
    '0.00000',
    sum(({ amountFen }) => amountFen),
    sum(refundedOf),
  ]
  const foot = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额'
  return Buffer.from(`\ufeff${[TITLES, ...lines, foot, sums.map((value) => `\`${value}`).join(',')].join('\r\n')}\r\n`)
}
