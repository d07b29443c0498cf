import { fenIn } from '../../plugins/payments/fen.ts'
import type { Shown } from '../attempt/shown.ts'
import { type Finding, finding, gotIn, sentIn, skipped } from './finding.ts'
import { MOST_PAGES, readPages } from './lists.ts'
import type { LedgerSide, Subject } from './subject.ts'
import type { Told, Wire } from './wire.ts'

/** The account of a day, by which money is reconciled. */

const WHOLE = { id: 'ledger', title: '一天的账读得全、对得上' }
const DAYS = { id: 'ledger-days', title: '只给所问的日子' }
/** A day of which no agency has an account yet. */
const NO_DAY = '2099-12-31'

export async function checkLedger({ ledger }: Subject, wire: Wire, shown: Shown): Promise<Finding[]> {
  if (!ledger) return [WHOLE, DAYS].map((heading) => skipped(heading, '说明里没有写 ledger'))
  const { first, rows, total, whole, isOver } = await readPages(ledger.outgoing(ledger.day), ledger.paging, wire)
  const sent = `${ledger.day}：${sentIn(first, shown)}`
  if (first.outcome !== 'accepted') {
    const advice = '一天的账没有查到：请核对 ledger 里的路径、日期参数和写法（dateFormat）。'
    return [finding(WHOLE, 'failed', sent, gotIn(first), advice), skipped(DAYS, '没有查到账')]
  }
  const wrong = [
    ...mistakesIn(ledger, rows),
    ...(isOver ? ['一页多于所要的条数'] : []),
    ...(total === null || !whole || total === rows.length ? [] : [`总数说是 ${total}，各页加起来 ${rows.length}`]),
  ]
  const got = `${gotIn(first)}，共 ${rows.length} 笔${whole || isOver ? '' : `，只看了前 ${MOST_PAGES} 页`}${wrong.length > 0 ? `；${wrong.join('；')}` : ''}`
  const advice =
    rows.length === 0
      ? '这一天没有一笔：请在 ledger.day 写测试系统里有销账的一天。'
      : '每笔请给出销账时中枢的流水号（字符串，不重复）、金额（单位与销账相同，不多于两位小数）和渠道；分页要给总数。'
  const verdict = wrong.length > 0 ? 'failed' : rows.length === 0 ? 'doubtful' : 'passed'
  return [finding(WHOLE, verdict, sent, got, advice), checkDays(await wire.send(await wire.sign(ledger.outgoing(NO_DAY))), shown)]
}

/** What makes a line of no use to whoever compares it. */
function mistakesIn({ serial, amount, unit, channel }: LedgerSide, rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  const serials = rows.map((row) => row[serial])
  const count = (words: string, isWrong: (row: Readonly<Record<string, unknown>>) => boolean) => {
    const found = rows.filter(isWrong).length
    return found === 0 ? [] : [`${found} 笔${words}`]
  }
  return [
    ...count(`没有流水号（${serial}），或不是字符串`, (row) => typeof row[serial] !== 'string' || row[serial] === ''),
    ...(new Set(serials).size === serials.length ? [] : ['同一个流水号有两笔']),
    ...count(`的金额（${amount}）读不懂`, (row) => fenIn(row[amount], unit) === null),
    ...(channel === null ? [] : count(`没有渠道（${channel}）`, (row) => row[channel] === undefined || row[channel] === '')),
  ]
}

function checkDays(told: Told, shown: Shown): Finding {
  const rows = told.opened?.rows.length ?? 0
  const verdict = told.outcome === 'accepted' && rows === 0 ? 'passed' : told.outcome === 'accepted' ? 'failed' : 'doubtful'
  const advice =
    verdict === 'failed'
      ? '问的是还没有账的一天，却给了别的日子的账：请检查起止日期有没有起作用。'
      : '没有账的一天请答成功码和空的列表，不要当作错误：中枢分不清是没有账还是没有查成。'
  return finding(DAYS, verdict, `${NO_DAY}：${sentIn(told, shown)}`, gotIn(told), advice)
}
