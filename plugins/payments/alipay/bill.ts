import { Unzip, type UnzipFile, UnzipInflate } from 'fflate'
import { lineReader, MOST_BILL_BYTES, own } from '../bill-file.ts'
import type { BillEntry } from '../channel.ts'
import { fenOf } from '../fen.ts'

/** Handed to the unpacker at once: what a piece unpacks to is held. */
const PIECE_BYTES = 16 * 1024
const kinds: Readonly<Record<string, BillEntry['kind']>> = { 交易: 'payment', 退款: 'refund' }

/**
 * Reads a bill (`bill_type=trade`) as it comes: a ZIP of two GBK tables, the entries and their sums. Throws where a line cannot be
 * read, the table does not end as it should, or more is unpacked than a bill can have: half a bill would hide a difference.
 * Nothing of it is to be believed before the end.
 */
export async function* readTradeBill(zip: AsyncIterable<Uint8Array>, most = MOST_BILL_BYTES): AsyncGenerator<BillEntry> {
  const tables: ReturnType<typeof readTable>[] = []
  let entries: BillEntry[] = []
  let size = 0
  const unzip = new Unzip((file) => unpack(file))
  unzip.register(UnzipInflate)

  function unpack(file: UnzipFile): void {
    if (!file.name.endsWith('.csv')) return
    const table = readTable((entry) => entries.push(entry))
    tables.push(table)
    file.ondata = (error, data, final) => {
      if (error) throw error
      size += data.length
      if (size > most) throw new Error('the bill is too large')
      table.read(data, final)
    }
    file.start()
  }

  function* taken(): Generator<BillEntry> {
    yield* entries
    entries = []
  }

  for await (const chunk of zip)
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      unzip.push(chunk.subarray(at, at + PIECE_BYTES))
      yield* taken()
    }
  unzip.push(new Uint8Array(0), true)
  yield* taken()
  const found = tables.filter(({ state }) => state() !== 'before')
  if (found.length !== 1) throw new Error('the bill has no entries’ table')
  if (found[0]?.state() !== 'after') throw new Error('the bill breaks off')
}

/** One of the tables. Only that of the entries has the line that begins them. */
function readTable(take: (entry: BillEntry) => void) {
  const decoder = new TextDecoder('gb18030', { fatal: true })
  const lines = lineReader()
  let state: 'before' | 'within' | 'after' = 'before'
  let read: ((cells: string[]) => BillEntry) | null = null

  function readLine(line: string): void {
    if (line.startsWith('#')) {
      if (state === 'within' && line.includes('业务明细列表结束')) state = 'after'
      else if (state === 'before' && line.includes('业务明细列表')) state = 'within'
    } else if (state === 'within') {
      const cells = line.split(',').map((cell) => cell.trim())
      if (read === null) read = entryReader(cells)
      else take(read(cells))
    }
  }

  return {
    state: () => state,
    read(data: Uint8Array, final: boolean) {
      for (const line of lines(decoder.decode(data, { stream: !final }))) readLine(line)
      if (final) for (const line of lines(null)) readLine(line)
    },
  }
}

function entryReader(titles: readonly string[]): (cells: string[]) => BillEntry {
  const place = (title: string) => titles.indexOf(title)
  const places = {
    kind: place('业务类型'),
    amount: place('订单金额（元）'),
    order: place('商户订单号'),
    refund: place('退款批次号/请求号'),
    transaction: place('支付宝交易号'),
  }
  return (cells) => {
    const cell = (name: keyof typeof places) => cells[places[name]] ?? ''
    const kind = kinds[cell('kind')]
    // Refunds stand with a minus.
    const amountFen = fenOf(cell('amount').replace(/^-/, ''))
    const orderNumber = own(cell('order'))
    if (!kind || amountFen === null || orderNumber === '') throw new Error('a line of the bill cannot be read')
    return {
      kind,
      orderNumber,
      refundNumber: kind === 'refund' ? own(cell('refund')) : null,
      transactionId: own(cell('transaction')),
      amountFen,
    }
  }
}
