import { compilePaging } from '../../core/call/paging.ts'
import type { Shown } from '../attempt/shown.ts'
import type { Subject } from './description.ts'
import { type Finding, finding, gotIn, sentIn, skipped } from './finding.ts'
import type { Told, Wire } from './wire.ts'

const PAGING = { id: 'paging', title: '分页稳定，总数对得上' }
/** So many pages show whether they fit together; a test person has no more. */
const MOST_PAGES = 20

export async function checkPaging({ paging, known }: Subject, wire: Wire, shown: Shown): Promise<Finding> {
  if (!paging) return skipped(PAGING, '这项服务不分页')
  const turn = compilePaging(paging, known.outgoing.method)
  const page = async (index: number) => wire.send(await wire.sign(turn(known.outgoing, { index, rows: paging.rows })))
  const first = await page(0)
  const sent = `逐页查询，每页 ${paging.rows} 条：${sentIn(first, shown)}`
  if (first.outcome !== 'accepted') return finding(PAGING, 'failed', sent, gotIn(first), '第一页就没有得到结果：请核对分页参数名。')
  const again = await page(0)
  const { rows, whole, isOver } = await readOn(first, page, paging.rows)
  const total = first.opened?.total ?? null
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

interface Read {
  rows: string[]
  whole: boolean
  /** Whether a page held more than was asked for: then no other one is asked for. */
  isOver: boolean
}

async function readOn(first: Told, page: (index: number) => Promise<Told>, most: number): Promise<Read> {
  let rows = rowsOf(first)
  if (rows.length > most) return { rows, whole: false, isOver: true }
  const total = first.opened?.total ?? null
  for (let index = 1; index < MOST_PAGES; index++) {
    if (total !== null && rows.length >= total) return { rows, whole: true, isOver: false }
    const next = rowsOf(await page(index))
    if (next.length === 0) return { rows, whole: true, isOver: false }
    rows = rows.concat(next)
    if (next.length > most) return { rows, whole: false, isOver: true }
  }
  return { rows, whole: total !== null && rows.length >= total, isOver: false }
}

const rowsOf = ({ opened }: Told) => (opened?.rows ?? []).map((row) => JSON.stringify(row))
const textOf = (told: Told) => rowsOf(told).join('\n')
