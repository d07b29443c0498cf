import { type Answered, type Bench, describe, readJson, rowsIn } from './bench.ts'
import type { Finding } from './check.ts'

const PAGE_SIZE = 1

/** Every list in pages of one row and as CSV, the first one as XLSX too. */
export async function checkLists(bench: Bench): Promise<Finding> {
  const lists = bench.answered.filter(({ service }) => service.rows === 'many')
  if (lists.length === 0) return { skip: '没有列表服务' }
  const reasons = await Promise.all(lists.map((list, position) => checkList(bench, list, position === 0)))
  return reasons.flat()
}

async function checkList({ ask }: Bench, list: Answered, asXlsx: boolean): Promise<string[]> {
  const { contract } = list.service
  const total = totalOf(readJson(list.response))
  const [page, csv, xlsx] = await Promise.all([
    ask(list, list.service, { page: String(total), pageSize: String(PAGE_SIZE) }),
    ask(list, list.service, { format: 'csv' }),
    asXlsx ? ask(list, list.service, { format: 'xlsx' }) : null,
  ])
  const isPaged = page.statusCode === 200 && rowsIn(page).length === PAGE_SIZE && totalOf(readJson(page)) === total
  const [head = '', ...lines] = csv.body.split('\n').filter((line) => line.trim() !== '')
  const titles = Object.values(contract.fields).map(({ notes }) => notes.title)
  // A cell may itself have several lines.
  const isExported = csv.statusCode === 200 && titles.every((title) => head.includes(title)) && lines.length >= total
  return [
    ...(isPaged ? [] : [`${contract.id}：第 ${total} 页（每页 ${PAGE_SIZE} 条）不对：${describe(page)}`]),
    ...(isExported ? [] : [`${contract.id}：CSV 不完整（${csv.statusCode}）`]),
    ...(xlsx === null || (xlsx.statusCode === 200 && xlsx.rawPayload.subarray(0, 2).toString() === 'PK')
      ? []
      : [`${contract.id}：不能导出 XLSX`]),
  ]
}

function totalOf({ meta }: Record<string, unknown>): number {
  return (meta as { page?: { total?: number } } | undefined)?.page?.total ?? 0
}
