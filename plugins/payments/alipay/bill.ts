import { unzipSync } from 'fflate'
import type { BillEntry } from '../channel.ts'
import { fenOf } from '../fen.ts'

/** A day of a city's payments is far below it; what unpacks to more is no bill. */
const MOST_BYTES = 64 * 1024 * 1024
const kinds: Readonly<Record<string, BillEntry['kind']>> = { 交易: 'payment', 退款: 'refund' }

/**
 * Reads a bill (`bill_type=trade`): a ZIP of two GBK tables, the entries and their sums. Throws where a line cannot be read or the
 * table does not end as it should: half a bill would hide a difference.
 */
export function readTradeBill(zip: Uint8Array): BillEntry[] {
  let left = MOST_BYTES
  const files = unzipSync(zip, {
    // By the size that the archive states, and by what it then is.
    filter({ name, originalSize }) {
      left -= originalSize
      if (left < 0) throw new Error('the bill is too large')
      return name.endsWith('.csv')
    },
  })
  const decode = (bytes: Uint8Array) => new TextDecoder('gb18030', { fatal: true }).decode(bytes)
  const table = Object.values(files)
    .map(decode)
    .find((text) => text.includes('业务明细列表'))
  if (table === undefined) throw new Error('the bill has no entries’ table')
  return readTable(table.split(/\r?\n/))
}

function readTable(lines: readonly string[]): BillEntry[] {
  const end = lines.findIndex((line) => line.startsWith('#') && line.includes('业务明细列表结束'))
  if (end < 0) throw new Error('the bill breaks off')
  const [titles = [], ...rows] = lines
    .slice(0, end)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((cell) => cell.trim()))
  return rows.map((cells) => {
    const cell = (title: string) => cells[titles.indexOf(title)] ?? ''
    const kind = kinds[cell('业务类型')]
    // Refunds stand with a minus.
    const amountFen = fenOf(cell('订单金额（元）').replace(/^-/, ''))
    const orderNumber = cell('商户订单号')
    if (!kind || amountFen === null || orderNumber === '') throw new Error('a line of the bill cannot be read')
    return {
      kind,
      orderNumber,
      refundNumber: kind === 'refund' ? cell('退款批次号/请求号') : null,
      transactionId: cell('支付宝交易号'),
      amountFen,
    }
  })
}
