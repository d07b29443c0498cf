import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import iconv from 'iconv-lite'
import t from 'tap'
import { readTradeBill as readAlipay } from '../../../plugins/payments/alipay/bill.ts'
import { allOf, bounded, fetchBill, lineReader } from '../../../plugins/payments/bill-file.ts'
import type { BillEntry } from '../../../plugins/payments/channel.ts'
import { yuanOf } from '../../../plugins/payments/fen.ts'
import { readTradeBill as readWechat } from '../../../plugins/payments/wechat/bill.ts'
import { startListening } from '../../helper/listening.ts'

const MB = 1024 * 1024
const TITLES =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注'
const number = (at: number) => `2026112${String(at).padStart(19, '0')}`

function wechatLine(at: number): string {
  const isRefund = at % 50 === 49
  const fen = 100 + (at % 900)
  const money = (wanted: boolean) => (wanted ? yuanOf(fen) : '0.00')
  const known = ['2026-11-26 10:20:30', 'wx0000000000000001', '1900000001', '0', '', `42000${number(at)}`, number(at), 'oOpenId', 'MWEB']
  const rest = [isRefund ? 'REFUND' : 'SUCCESS', 'OTHERS', 'CNY', money(!isRefund), '0.00', '0', isRefund ? `R${number(at)}` : '0']
  const end = [money(isRefund), '0.00', '', '', '水费, 2026年10月', '', '0.00000', '0.60%', money(!isRefund), money(isRefund), '']
  return [...known, ...rest, ...end].map((cell) => `\`${cell}`).join(',')
}

/** A bill as it comes; `counted` is what it says of itself. */
const wechatBill = (count: number, counted = count) =>
  Buffer.from(
    [
      `\ufeff${TITLES}`,
      ...Array.from({ length: count }, (_, at) => wechatLine(at)),
      '总交易单数,应结订单总金额',
      `\`${counted},\`1.00`,
      '',
    ].join('\r\n'),
  )

async function* pieces(bytes: Uint8Array, length = 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
const sha1 = (bytes: Buffer) => ({ type: 'SHA1', value: createHash('sha1').update(bytes).digest('hex') })

t.test('WeChat: whatever the pieces it comes in, it is the same bill', async (t) => {
  const bytes = wechatBill(120)
  const expected = sha1(bytes)
  const entries = await allOf(readWechat(pieces(bytes, bytes.length), expected))
  t.equal(entries.length, 120)
  t.match(entries[0], { kind: 'payment', orderNumber: number(0), refundNumber: null, transactionId: `42000${number(0)}`, amountFen: 100 })
  t.match(entries[49], { kind: 'refund', orderNumber: number(49), refundNumber: `R${number(49)}`, amountFen: 149 })
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4000 }), async (length) => {
      t.strictSame(await allOf(readWechat(pieces(bytes, length), expected)), entries)
    }),
    { numRuns: 12 },
  )
})

t.test('WeChat: what is not whole, or not what was said, is no bill', async (t) => {
  const bytes = wechatBill(10)
  const text = bytes.toString()
  const read = (changed: string | Buffer, expected = sha1(Buffer.from(changed))) =>
    allOf(readWechat(pieces(Buffer.from(changed), 1000), expected))
  await t.rejects(read(bytes, { type: 'SHA1', value: '00'.repeat(20) }), /whose hash was given/)
  await t.rejects(read(text.slice(0, text.indexOf('总交易'))), /breaks off/)
  await t.rejects(read(text.slice(0, -20)), /entries and has|breaks off/)
  await t.rejects(read(wechatBill(10, 11)), /says 11 entries and has 10/)
  await t.rejects(read(''), /breaks off/)
  await t.rejects(read(`${text}\`1,\`2\r\n`), /goes on/)
  await t.rejects(read(text.replaceAll('`1.01', '`1.013')), /cannot be read/)
  await t.rejects(read(`${TITLES}\n${'`'.repeat(70_000)}`), /does not end/)
})

t.test('WeChat: a bill of tens of megabytes is read in bounded time, and nothing of it is held', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const [lines, blocks] = [1000, 200]
  const count = lines * blocks
  const block = Buffer.from(Array.from({ length: lines }, (_, at) => `${wechatLine(at)}\r\n`).join(''))
  const head = Buffer.from(`\ufeff${TITLES}\r\n`)
  const foot = Buffer.from(`总交易单数,应结订单总金额\r\n\`${count},\`1.00\r\n`)
  const hash = createHash('sha1').update(head)
  for (let at = 0; at < blocks; at++) hash.update(block)
  const expected = { type: 'SHA1', value: hash.update(foot).digest('hex') }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield head
    for (let at = 0; at < blocks; at++) yield* pieces(block, 65_536)
    yield foot
  }
  const held: number[] = []
  const began = performance.now()
  let [entries, sum] = [0, 0]
  for await (const { amountFen } of readWechat(bounded(chunks(), 1024 * MB), expected)) {
    sum += amountFen
    if (++entries % (count / 4) !== 0) continue
    collect()
    held.push(process.memoryUsage().heapUsed)
  }
  const ms = performance.now() - began
  t.equal(entries, count)
  t.equal(sum, blocks * Array.from({ length: lines }, (_, at) => 100 + (at % 900)).reduce((total, fen) => total + fen))
  t.ok(block.length * blocks > 40 * MB)
  // What other files left behind may go meanwhile; nothing may come.
  t.ok(Math.max(...held) - (held[0] ?? 0) < 8 * MB, `held: ${held.map((bytes) => Math.round(bytes / MB))} MB`)
  t.ok(ms < 60_000, `${Math.round(ms)} ms`)
})

const alipayTitles =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,备注'
function alipayTable(count: number): string {
  const lines = Array.from({ length: count }, (_, at) => {
    const isRefund = at % 50 === 49
    const amount = `${isRefund ? '-' : ''}${yuanOf(100 + (at % 900))}`
    const known = [`2026${number(at)}`, number(at), isRefund ? '退款' : '交易', '水费', '', '', '', '', '', '', '***']
    return [...known, amount, amount, isRefund ? `R${number(at)}` : '', '0.00', ''].map((cell) => `${cell}\t`).join(',')
  })
  return ['#支付宝业务明细查询', '#---业务明细列表---', alipayTitles, ...lines, '#---业务明细列表结束---', '#导出时间', ''].join('\r\n')
}
const gbk = (text: string) => new Uint8Array(iconv.encode(text, 'gbk'))
const summary = gbk('#支付宝业务汇总查询\r\n#---业务汇总列表---\r\n门店编号,合计\r\n合计,1.00\r\n')
const zipOf = (table: string | Uint8Array, level: 0 | 6 = 6) =>
  zipSync(
    { 'a_业务明细.csv': typeof table === 'string' ? gbk(table) : table, 'a_业务明细(汇总).csv': summary, 'read.txt': gbk('说明') },
    { level },
  )

t.test('Alipay: the entries’ table out of the archive, whatever the pieces', async (t) => {
  for (const level of [0, 6] as const) {
    const zip = zipOf(alipayTable(120), level)
    const entries: BillEntry[] = await allOf(readAlipay(pieces(zip, 999)))
    t.equal(entries.length, 120)
    t.match(entries[49], { kind: 'refund', orderNumber: number(49), refundNumber: `R${number(49)}`, amountFen: 149 })
    t.strictSame(await allOf(readAlipay(pieces(zip, 61))), entries)
  }
})

t.test('Alipay: what is not whole, or unpacks to too much, is no bill', async (t) => {
  const read = (zip: Uint8Array, most?: number) => allOf(readAlipay(pieces(zip, 5000), most))
  const zip = zipOf(alipayTable(40))
  await t.rejects(read(zip.subarray(0, 500)), /breaks off|no entries|invalid/)
  await t.rejects(read(zipOf(alipayTable(40).split('#---业务明细列表结束')[0] ?? '')), /breaks off/)
  await t.rejects(read(zipOf('#nothing')), /no entries/)
  await t.rejects(read(new Uint8Array(0)), /no entries/)
  await t.rejects(read(zipOf(alipayTable(40).replaceAll('1.01', '1.013'))), /cannot be read/)
  await t.rejects(read(zipOf(Uint8Array.of(0x23, 0xff, 0xff, 0x0a))), Error)
  await t.rejects(read(zipOf(`#业务明细列表\n${' '.repeat(3 * MB)}\n`), MB), /too large/)
  t.equal((await read(zipOf(alipayTable(20_000)))).length, 20_000)
})

t.test('a bill is fetched in pieces, no further than a bill goes', async (t) => {
  await t.rejects(allOf(bounded(pieces(new Uint8Array(100)), 99)), /too large/)
  const url = await startListening(t, (request, response) => {
    if (request.url === '/bill') response.end('x'.repeat(200_000))
    else if (request.url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')
    else if (request.url === '/torn') response.writeHead(200, { 'content-length': 100 }).end('x', () => response.destroy())
    else response.writeHead(404).end()
  })
  const fetched = async (path: string) => Buffer.concat(await allOf(fetchBill(new URL(path, url)))).length
  t.equal(await fetched('/bill'), 200_000)
  for (const path of ['/none', '/packed', '/torn']) await t.rejects(fetched(path), Error, path)
})

t.test('lines are whole, and none is empty', async () => {
  const line = fc.stringMatching(/^[a-z`,]{0,9}$/)
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 9 }), (lines, end, length) => {
      const read = lineReader()
      const text = lines.join(end)
      const found: string[] = []
      for (let at = 0; at < text.length; at += length) found.push(...read(text.slice(at, at + length)))
      found.push(...read(null))
      return JSON.stringify(found) === JSON.stringify(lines.filter((each) => each !== ''))
    }),
  )
})
