import { type Answered, type Bench, describe, readJson, rowsIn } from './bench.ts'
import type { Finding } from './check.ts'

const PAGE_SIZE = 1

/** Every list in pages of one row: the last one must be there, and the total the same. */
export async function checkLists(bench: Bench): Promise<Finding> {
  const lists = bench.answered.filter(({ service }) => service.rows === 'many')
  if (lists.length === 0) return { skip: '没有列表服务' }
  return (await Promise.all(lists.map((list) => checkList(bench, list)))).flat()
}

async function checkList({ ask }: Bench, list: Answered): Promise<string[]> {
  const { id } = list.service.contract
  const total = totalOf(readJson(list.response))
  const page = await ask(list, list.service, { page: String(total), pageSize: String(PAGE_SIZE) })
  const isPaged = page.statusCode === 200 && rowsIn(page).length === PAGE_SIZE && totalOf(readJson(page)) === total
  return isPaged ? [] : [`${id}：第 ${total} 页（每页 ${PAGE_SIZE} 条）不对：${describe(page)}`]
}

function totalOf({ meta }: Record<string, unknown>): number {
  return (meta as { page?: { total?: number } } | undefined)?.page?.total ?? 0
}
