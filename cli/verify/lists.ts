import { compilePaging } from '../../core/call/paging.ts'
import type { Paging } from '../../core/contract/types.ts'
import type { Outgoing } from '../../core/upstream/dialect.ts'
import type { SourceRow } from '../../core/upstream/envelope.ts'
import type { Shown } from '../attempt/shown.ts'
import { type Finding, finding, gotIn, sentIn, skipped } from './finding.ts'
import type { Subject } from './subject.ts'
import type { Told, Wire } from './wire.ts'

const PAGING = { id: 'paging', title: '分页稳定，总数对得上' }
/** So many pages show whether they fit together; a test person has no more. */
export const MOST_PAGES = 20

export async function checkPaging({ paging, known }: Subject, wire: Wire, shown: Shown): Promise<Finding> {
  if (!paging) return skipped(PAGING, '这项服务不分页')
  const read = await readPages(known.outgoing, paging, wire)
  const { first, total, whole, isOver } = read
  const sent = `逐页查询，每页 ${paging.rows} 条：${sentIn(first, shown)}`
  if (first.outcome !== 'accepted') return finding(PAGING, 'failed', sent, gotIn(first), '第一页就没有得到结果：请核对分页参数名。')
  const again = await wire.send(
    await wire.sign(compilePaging(paging, known.outgoing.method)(known.outgoing, { index: 0, rows: paging.rows })),
  )
  const rows = read.rows.map((row) => JSON.stringify(row))
  const told = [
    ...(textOf(again) === textOf(first) ? [] : ['同一页两次查询的内容或顺序不同']),
    ...(new Set(rows).size === rows.length ? [] : ['不同的页里有相同的记录']),
    ...(isOver ? ['一页多于所要的条数'] : []),
    ...(total === null || !whole || total === rows.length ? [] : [`总数说是 ${total}，各页加起来 ${rows.length}`]),
  ]
  const advice = '请按唯一的键排序后再分页（如时间加主键），总数与条件一致；取到最后一页之后答空的列表。'
  const got = `${rows.length} 条${total === null ? '，没有给总数' : `，总数 ${total}`}${whole || isOver ? '' : `，只看了前 ${MOST_PAGES} 页`}`
  if (told.length > 0) return finding(PAGING, 'failed', sent, `${got}；${told.join('；')}`, advice)
  return finding(PAGING, total === null ? 'doubtful' : 'passed', sent, got, '请给出总数（如 total），中枢据此知道取完了没有。')
}

interface Pages {
  readonly first: Told
  readonly rows: readonly SourceRow[]
  readonly total: number | null
  /** False where it went on after as many pages as are looked at. */
  readonly whole: boolean
  /** Whether a page held more than was asked for: then no other one is asked for. */
  readonly isOver: boolean
}

/** Asks page by page, or once where there are none. */
export async function readPages(outgoing: Outgoing, paging: Paging | null, wire: Wire): Promise<Pages> {
  const turn = paging ? compilePaging(paging, outgoing.method) : null
  const page = async (index: number) => wire.send(await wire.sign(turn && paging ? turn(outgoing, { index, rows: paging.rows }) : outgoing))
  const most = paging?.rows ?? Number.POSITIVE_INFINITY
  const first = await page(0)
  const total = first.opened?.total ?? null
  let rows = first.opened?.rows ?? []
  const read = (whole: boolean, isOver = false): Pages => ({ first, rows, total, whole, isOver })
  if (!paging) return read(true)
  if (rows.length > most) return read(false, true)
  for (let index = 1; index < MOST_PAGES; index++) {
    if (total !== null && rows.length >= total) return read(true)
    const next = (await page(index)).opened?.rows ?? []
    if (next.length === 0) return read(true)
    rows = rows.concat(next)
    if (next.length > most) return read(false, true)
  }
  return read(total !== null && rows.length >= total)
}

const textOf = ({ opened }: Told) => JSON.stringify(opened?.rows ?? [])
