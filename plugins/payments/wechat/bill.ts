import { createHash } from 'node:crypto'
import { lineReader, own } from '../bill-file.ts'
import type { BillEntry } from '../channel.ts'
import { fenOf } from '../fen.ts'

const BYTE_ORDER_MARK = '\ufeff'

/** What WeChat says that the bill's bytes hash to. */
interface Expected {
  type: string
  value: string
}

/**
 * Reads a trade bill (`bill_type=ALL`) as it comes: Chinese titles in the first line, every value behind a backtick, two lines of
 * sums at the end. Nothing is held but the line that is being read. Throws where a line cannot be read, the count at the end is
 * another, or the bytes are not those of the hash: half a bill would hide a difference. Nothing of it is to be believed before the end.
 */
export async function* readTradeBill(chunks: AsyncIterable<Uint8Array>, expected: Expected): AsyncGenerator<BillEntry> {
  const hash = createHash(expected.type.toLowerCase())
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const lines = lineReader()
  const table = readTable()
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield* table.read(lines(decoder.decode(chunk, { stream: true })))
  }
  yield* table.read(lines(decoder.decode()))
  yield* table.read(lines(null))
  table.end()
  if (hash.digest('hex') !== expected.value.toLowerCase()) throw new Error('the bill is not the one whose hash was given')
}

function readTable() {
  let read: ((line: string) => BillEntry) | null = null
  let count = 0
  /** The lines of the sums: their titles, then they. */
  const sums: string[] = []
  return {
    *read(lines: readonly string[]): Generator<BillEntry> {
      for (const line of lines) {
        if (read === null) read = entryReader(line.replace(BYTE_ORDER_MARK, '').split(','))
        else if (sums.length > 0 || !line.startsWith('`')) sums.push(line)
        else {
          count++
          yield read(line)
        }
        if (sums.length > 2) throw new Error('the bill goes on after its end')
      }
    },
    end() {
      if (sums.length < 2) throw new Error('the bill breaks off')
      const [counted] = cellsOf(sums[1] ?? '')
      if (counted !== String(count)) throw new Error(`the bill says ${counted} entries and has ${count}`)
    },
  }
}

function cellsOf(line: string): string[] {
  return line.replace(/^`/, '').split(',`')
}

function entryReader(titles: readonly string[]): (line: string) => BillEntry {
  const place = (title: string) => titles.indexOf(title)
  const places = {
    state: place('交易状态'),
    refunded: place('退款金额'),
    amount: place('订单金额'),
    order: place('商户订单号'),
    refund: place('商户退款单号'),
    transaction: place('微信订单号'),
  }
  return (line) => {
    const cells = cellsOf(line)
    const cell = (name: keyof typeof places) => cells[places[name]]?.trim() ?? ''
    const isRefund = cell('state') === 'REFUND'
    const amountFen = fenOf(cell(isRefund ? 'refunded' : 'amount'))
    const orderNumber = own(cell('order'))
    if (amountFen === null || orderNumber === '') throw new Error('a line of the bill cannot be read')
    return {
      kind: isRefund ? 'refund' : 'payment',
      orderNumber,
      refundNumber: isRefund ? own(cell('refund')) : null,
      transactionId: own(cell('transaction')),
      amountFen,
    }
  }
}
