import { beijing } from '../../../../core/base/time.ts'
import { channelNames } from '../../../payments/merchants.ts'
import type { Cell, Sheet } from '../../../workshop/tabular.ts'
import { orderStates } from '../states.ts'
import type { DifferenceRow } from './difference-rows.ts'
import { differenceKinds, differenceStates } from './kinds-of-difference.ts'
import type { ReconciliationRow } from './rows.ts'
import { reconciliationStates } from './states.ts'

/** A day as a workbook: the sums, and every difference. Amounts are whole fen, which no spreadsheet rounds. */
export function sheetsOf(row: ReconciliationRow, differences: readonly DifferenceRow[]): (Sheet & { rows: Cell[][] })[] {
  const { connector, channel, day, state, sums, settled, differing } = row
  const sides: [string, Cell, Cell][] = [
    ['渠道收款', sums?.channelCount ?? null, sums?.channelFen ?? null],
    ['中枢入账', sums?.hubCount ?? null, sums?.hubFen ?? null],
    ['公司销账', sums?.companyCount ?? null, sums?.companyFen ?? null],
    ['其中已退或正在退', sums?.returnedCount ?? null, sums?.returnedFen ?? null],
    ['当日渠道退款', sums?.channelRefundCount ?? null, sums?.channelRefundFen ?? null],
    ['当日中枢退款', sums?.hubRefundCount ?? null, sums?.hubRefundFen ?? null],
    ['三方一致', settled, null],
    ['未处理的差异', differing, null],
  ]
  const title = ['系统', '支付渠道', '日期', '状态']
  const about = [connector, channelNames[channel], day, reconciliationStates[state].title]
  const listed = differences.map((one): Cell[] => [
    differenceKinds[one.kind],
    one.order_number,
    one.reference,
    one.transaction_id,
    one.channel_fen,
    one.hub_fen,
    one.company_fen,
    one.hub_state === null ? null : orderStates[one.hub_state].title,
    differenceStates[one.state],
    one.reason,
    one.resolved_at === null ? null : beijing(one.resolved_at),
  ])
  return [
    sheet(
      '汇总',
      [...title, '项目', '笔数', '金额（分）'],
      sides.map((side) => [...about, ...side]),
    ),
    sheet(
      '差异',
      ['差异', '订单号', '单号', '渠道流水号', '渠道（分）', '中枢（分）', '公司（分）', '订单状态', '处理', '事由', '处理时间'],
      listed,
    ),
  ]
}

function sheet(name: string, head: string[], rows: Cell[][]): Sheet & { rows: Cell[][] } {
  return { name, head, money: head.map(() => false), rows }
}
