import { groupsOf, type Span, spansOf } from '../core/contract/summary.ts'
import type { SummaryLine } from '../plugins/kinds/query/summarise.ts'
import { querySchema } from '../plugins/openapi/query-schema.ts'
import type { Answered, Bench } from './bench.ts'
import { askersOf, describe, readJson, rowsIn } from './bench.ts'
import type { Demand, Lack } from './demand.ts'
import { sampleInputs } from './inputs.ts'

/** What a contract asks of the rows of an answer: each is done, and its outcome compared with the rows themselves. */

type Row = Readonly<Record<string, unknown>>

const NOBODY = '：没有人得到答复'
/** Filters that are tried of one service. */
const MOST_FILTERS = 4
const LONG_AGO = '1900-01-01/1900-01-02'

const whole = (query: Record<string, string>, { service }: Answered) => ({
  ...(service.rows === 'many' ? { pageSize: '500' } : {}),
  ...query,
})

/** Sums by year, and by term where the words want one, that are those of the rows. */
export async function addsUp({ service, answered, words }: Demand, bench: Bench): Promise<Lack> {
  const spans = spansOf(service.contract)
  const wanted: Span[] = ['year', ...(/按期/.test(words) ? ([spans.includes('term') ? 'term' : 'month'] as const) : [])]
  if (spans.length === 0) return '：没有汇总'
  if (!answered) return NOBODY
  for (const span of wanted) {
    const response = await bench.ask(answered, service, whole({ summary: span }, answered))
    const lines = summaryIn(response)
    if (response.statusCode !== 200 || lines.length === 0) return `：没有按 ${span} 汇总：${describe(response)}`
    const lack = compareSums(answered, span, rowsIn(response), lines)
    if (lack) return lack
  }
  return null
}

/** The same split by a coded field: the parts are as many as the whole. */
export async function slices({ service, answered }: Demand, bench: Bench): Promise<Lack> {
  const [by] = groupsOf(service.contract)
  if (by === undefined) return '：不能分类统计'
  if (!answered) return NOBODY
  const response = await bench.ask(answered, service, whole({ summary: 'all', summaryBy: by }, answered))
  const lines = summaryIn(response).filter(({ list }) => list === null)
  const named = lines.every(({ group }) => group !== null)
  const count = lines.reduce((sum, line) => sum + line.count, 0)
  return named && count > 0 && count === rowsIn(response).length ? null : `：按 ${by} 分类的条数不对：${describe(response)}`
}

function summaryIn(response: Parameters<typeof describe>[0]): SummaryLine[] {
  return (readJson(response)['meta'] as { summary?: SummaryLine[] } | undefined)?.summary ?? []
}

function compareSums({ service }: Answered, span: Span, rows: readonly Row[], lines: readonly SummaryLine[]): Lack {
  for (const { list, term, sums } of service.contract.summaries ?? []) {
    if (span === 'term' && term === undefined) continue
    const own = lines.filter((line) => line.list === (list ?? null))
    const items = list === undefined ? rows : rows.flatMap((row) => (row[list] ?? []) as Row[])
    if (own.reduce((sum, { count }) => sum + count, 0) !== items.length) return `：${list ?? service.contract.id} 汇总的条数不对`
    for (const name of sums)
      if (small(own.map((line) => line.sums[name])) !== small(items.map((item) => item[name]))) return `：${list ?? ''} ${name} 的合计不对`
  }
  return null
}

/** In ten-thousandths, which no binary fraction falsifies. */
const small = (amounts: readonly unknown[]) => Math.round(amounts.reduce((sum: number, amount) => sum + Number(amount ?? 0), 0) * 10_000)

/** Somebody has a moment to be seen, and it is marked where it stands. */
export async function marksMoments({ service }: Demand, bench: Bench): Promise<Lack> {
  if (!service.contract.marks) return '：没有标记关键时点'
  for (const asker of askersOf(service, bench.lab).flat()) {
    const like = { ...asker, service } as Answered
    const response = await bench.ask(like, service, whole({}, like))
    const marks = (readJson(response)['meta'] as { marks?: { at: string }[] } | undefined)?.marks ?? []
    const [first] = marks
    if (first) return isThere(readJson(response)['data'], first.at) ? null : `：标记的位置 ${first.at} 没有内容`
  }
  return '：沙箱里没有人有这样的时点，无从试'
}

function isThere(data: unknown, path: string): boolean {
  const steps = path.split(/[.[\]]+/).filter(Boolean)
  return steps.reduce((value: unknown, step) => (value as Row | undefined)?.[step], data) !== undefined
}

/** By fields and columns with a value in the answer: what comes has that value, and something comes. */
export async function filters({ service, answered }: Demand, bench: Bench): Promise<Lack> {
  if (!answered) return NOBODY
  const { properties } = querySchema(service.contract, service.rows === 'many') as { properties?: Record<string, unknown> }
  const [row = {}] = rowsIn(answered.response)
  const tried = Object.keys(properties ?? {}).flatMap((name) => {
    const value = isFilter(service.contract, name) ? valueAt(row, name) : null
    return value === null ? [] : [[name, value] as const]
  })
  if (tried.length === 0) return narrowsByInput({ service, answered }, bench)
  // From the back: columns of lists come last, and are the less known ones.
  for (const [name, value] of tried.slice(-MOST_FILTERS)) {
    const response = await bench.ask(answered, service, whole({ [name]: value }, answered))
    const found = rowsIn(response).flatMap((each) => itemsAt(each, name))
    if (response.statusCode !== 200 || found.length === 0) return `：按 ${name} 筛选什么也没有：${describe(response)}`
    if (found.some((item) => plain(item) !== value)) return `：按 ${name} 筛选，仍给出其他内容`
  }
  return null
}

function isFilter({ fields, inputs }: Answered['service']['contract'], name: string): boolean {
  const [field = '', column, more] = name.split('.')
  if (inputs[name] || more !== undefined || !fields[field]) return false
  return column === undefined || fields[field].notes.columns?.[column] !== undefined
}

function itemsAt(row: Row, name: string): unknown[] {
  const [field = '', column] = name.split('.')
  return column === undefined ? [row[field]] : ((row[field] ?? []) as Row[]).map((item) => item[column])
}

function valueAt(row: Row, name: string): string | null {
  return plain(itemsAt(row, name).find((value) => value !== null && value !== undefined))
}

function plain(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value !== 'object') return String(value)
  return 'code' in value ? String(value.code) : 'until' in value ? plain(value.until) : null
}

/** A service whose own inputs narrow it: one of them takes the answer's own value, and finds it again. */
async function narrowsByInput({ service, answered }: { service: Answered['service']; answered: Answered }, bench: Bench): Promise<Lack> {
  const [row = {}] = rowsIn(answered.response)
  const [given] = Object.entries(service.contract.inputs).flatMap(([name, { notes }]) => {
    const value = notes.fact === undefined && notes.field ? plain(row[notes.field]) : null
    return value === null ? [] : [[name, value] as const]
  })
  const inputs = Object.values(service.contract.inputs).some(({ notes }) => notes.fact === undefined)
  if (!given) return inputs ? null : '：没有可以缩小范围的条件'
  const response = await bench.ask(answered, service, whole({ [given[0]]: given[1] }, answered))
  return response.statusCode === 200 && rowsIn(response).length > 0 ? null : `：按 ${given[0]} 查不到自己的记录：${describe(response)}`
}

/** Each way of asking, by itself, finds the record that the first one found. */
export async function asksAnyWay({ service, answered }: Demand, bench: Bench): Promise<Lack> {
  const { anyOf = [], ...contract } = service.contract
  if (anyOf.length < 2) return '：只有一种查询方式'
  if (!answered) return NOBODY
  const held = bench.lab.rowsOf(service, answered.subject ?? { index: 0, name: '', number: '' })
  const wanted = JSON.stringify(rowsIn(answered.response)[0])
  for (const way of anyOf) {
    const given = sampleInputs({ ...contract, anyOf: [way] }, held)
    const others = Object.fromEntries(anyOf.map((name) => [name, undefined]))
    const response = await bench.ask(answered, service, { ...others, [way]: String(given[way]) })
    if (!rowsIn(response).some((row) => JSON.stringify(row) === wanted)) return `：按 ${way} 查不到同一条记录：${describe(response)}`
  }
  return null
}

/** Of days on which there was nothing, nothing comes but what has no day. */
export async function narrowsByTime({ service, answered }: Demand, bench: Bench): Promise<Lack> {
  const found = Object.entries(service.contract.inputs).find(([, { notes }]) => notes.type === 'period')
  if (!found) return '：没有可选的时间范围'
  if (!answered) return NOBODY
  const [name, { notes }] = found
  const response = await bench.ask(answered, service, whole({ [name]: LONG_AGO }, answered))
  if (response.statusCode === 404) return null
  const left = rowsIn(response).flatMap((row) => [notes.field ?? '', ...(notes.also ?? [])].flatMap((path) => itemsAt(row, path)))
  return response.statusCode === 200 && left.every((value) => value === null) ? null : `：时间范围没有缩小结果：${describe(response)}`
}
