import type { BillEntry } from '../channel.ts'
import { fenOf } from '../fen.ts'

const BYTE_ORDER_MARK = '\ufeff'

/**
 * Reads a trade bill (`bill_type=ALL`): Chinese titles in the first line, every value behind a backtick, two lines of sums at the
 * end. Throws where a line cannot be read, or the count at the end is another: half a bill would hide a difference.
 */
export function readTradeBill(text: string): BillEntry[] {
  const lines = text
    .replace(BYTE_ORDER_MARK, '')
    .split(/\r?\n/)
    .filter((line) => line !== '')
  const titles = (lines[0] ?? '').split(',')
  const end = lines.findIndex((line, index) => index > 0 && !line.startsWith('`'))
  if (end < 0) throw new Error('the bill breaks off')
  const entries = lines.slice(1, end).map((line) => readLine(titles, cellsOf(line)))
  const [counted] = cellsOf(lines[end + 1] ?? '')
  if (counted !== String(entries.length)) throw new Error(`the bill says ${counted} entries and has ${entries.length}`)
  return entries
}

function cellsOf(line: string): string[] {
  return line.replace(/^`/, '').split(',`')
}

function readLine(titles: readonly string[], cells: readonly string[]): BillEntry {
  const cell = (title: string) => cells[titles.indexOf(title)]?.trim() ?? ''
  const isRefund = cell('交易状态') === 'REFUND'
  const amountFen = fenOf(cell(isRefund ? '退款金额' : '订单金额'))
  const orderNumber = cell('商户订单号')
  if (amountFen === null || orderNumber === '') throw new Error('a line of the bill cannot be read')
  return {
    kind: isRefund ? 'refund' : 'payment',
    orderNumber,
    refundNumber: isRefund ? cell('商户退款单号') : null,
    transactionId: cell('微信订单号'),
    amountFen,
  }
}
