import type { Row } from '../answer/reading.ts'
import { MAX_ROWS, type Selection } from '../answer/selection.ts'
import { noteUnreadable, unreadableIn } from '../answer/unreadable.ts'
import { HubError } from '../base/errors.ts'
import type { Asker } from '../contract/asker.ts'
import { agencyOf } from '../contract/systems.ts'
import type { Paging } from '../contract/types.ts'
import type { Outgoing } from '../upstream/dialect.ts'
import type { Opened } from '../upstream/envelope.ts'
import { UpstreamError } from '../upstream/error.ts'
import type { CallOptions, Upstream, UpstreamAnswer } from '../upstream/upstream.ts'
import { askLater } from './later.ts'
import type { CompiledService } from './service.ts'

export interface Execution {
  /** Selected rows in order, masked. */
  rows: Row[]
  /** All rows there are, where `rows` is the one page of them that was asked for. */
  total?: number
  /** Optional fields that the agency didn't speak of. */
  absent: string[]
  upstreamStatus: number
  /** When the agency answered, in epoch milliseconds. */
  at: number
  /** Milliseconds spent on the agency. */
  upstreamMs: number
}

/**
 * One query, top to bottom: verified asker → upstream parameters → signed call → rows → checks →
 * selection → masks. Who may ask was settled before; what leaves is serialised after. `whole`: all rows, also of a
 * list whose pages the agency turns; `isGone`: whether nobody waits for the answer any more.
 */
export async function execute(
  service: CompiledService,
  upstream: Upstream,
  asker: Asker,
  input: Record<string, unknown>,
  selection: Selection,
  whole = false,
  isGone: () => boolean = () => false,
): Promise<Execution> {
  const start = performance.now()
  const { contract } = service
  const options = {
    deadline: start + contract.timeoutMs,
    retries: contract.retry?.attempts ?? 0,
    cacheSeconds: contract.cache?.seconds ?? 0,
    isGone,
    // A question that is applied for is one to the agency each time.
    asks: contract.upstream?.async === undefined,
  }
  const { paging } = contract.upstream ?? {}
  const onePage = paging?.through === true && !whole
  const window = onePage ? { index: selection.page - 1, rows: selection.pageSize } : { index: 0, rows: paging?.rows ?? 0 }
  const outgoing = service.outgoing(input, asker)
  const question = { service, upstream, asker, options, outgoing }
  const first = await ask(question, service.turn ? service.turn(outgoing, window) : outgoing)
  const absent = first.rows[0] ? service.absent(first.rows[0]) : []
  const all = paging && !onePage ? await askOn(question, paging, first) : ownRows(service, first)
  const upstreamMs = performance.now() - start

  const rows = all.filter(selection.keep)
  const total = onePage ? totalOf(service, first, rows, window.rows) : undefined
  if (selection.sort) rows.sort(selection.sort)
  const shown = service.rows === 'one' ? [theOne(service, rows, input)] : rows
  for (const row of shown) service.mask(row, selection.reveal ? asker : null)
  return { rows: shown, absent, upstreamStatus: first.status, at: first.at, upstreamMs, ...(total === undefined ? {} : { total }) }
}

interface Question {
  service: CompiledService
  upstream: Upstream
  asker: Asker
  options: CallOptions
  /** Apart from its page. */
  outgoing: Outgoing
}

interface Page extends Opened {
  /** The rows, read and checked. */
  read: Row[]
}

/** One page, or all there is. */
function ask({ service, upstream, asker, options }: Question, outgoing: Outgoing): Promise<UpstreamAnswer<Page>> {
  const { connector, contract, open } = service
  const readRows = ({ rows, total }: Opened): Page => ({ rows, total, read: rows.map((source) => service.map(source, asker)) })
  const policy = contract.upstream?.async
  return policy
    ? askLater({ policy, agency: agencyOf(connector, contract), open }, upstream, outgoing, readRows, options)
    : upstream.call(outgoing, (reply) => readRows(open(reply)), options)
}

/** A paged service is asked page after page within the same deadline. */
async function askOn(question: Question, paging: Paging, first: UpstreamAnswer<Page>): Promise<Row[]> {
  const { service, outgoing } = question
  const rows = ownRows(service, first)
  if ((first.total ?? 0) > MAX_ROWS) throw new HubError('HUB_TOO_MANY_ROWS')
  for (let page = first, index = 1; !isLast(page, rows.length, paging); index++) {
    if (rows.length > MAX_ROWS) throw new HubError('HUB_TOO_MANY_ROWS')
    page = await ask(question, service.turn ? service.turn(outgoing, { index, rows: paging.rows }) : outgoing)
    // An agency that ignores paging sends the same rows again: they are all there are.
    if (JSON.stringify(page.rows[0]) === JSON.stringify(first.rows[0])) break
    // One by one: of a page of a million, spread out, the stack would have no room.
    for (const row of ownRows(service, page)) rows.push(row)
  }
  return rows
}

/** Rows of an answer that may be kept are the next caller's too, so they are copied before anything is done to them. */
function ownRows({ contract }: CompiledService, { read }: Page): Row[] {
  if (!contract.cache) return read
  return read.map((row) => {
    const copy = structuredClone(row)
    noteUnreadable(copy, unreadableIn(row))
    return copy
  })
}

/**
 * The agency's own count. Of an agency that sends more than was asked for, or rows that the inputs exclude, it
 * would count the answer to another question.
 */
function totalOf({ connector, contract }: CompiledService, { total, read }: Page, rows: readonly Row[], size: number): number {
  if (total !== null && read.length === rows.length && rows.length <= size) return total
  const detail = '对方系统返回的分页结果与查询条件不符，请稍后再试。'
  throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: 200 }, { agency: agencyOf(connector, contract), detail })
}

function isLast(page: Page, soFar: number, paging: Paging): boolean {
  if (page.rows.length === 0) return true
  return page.total === null ? page.rows.length < paging.rows : soFar >= page.total
}

/** "One record" means one: none and several are answers of their own, never a silent choice. */
function theOne(service: CompiledService, rows: readonly Row[], input: Readonly<Record<string, unknown>>): Row {
  const { connector, contract, mask } = service
  const { key, single, fields, none = '' } = contract
  const [row] = rows
  if (!row) throw new HubError('HUB_NO_RECORD', { detail: `没有查到您的“${contract.name}”记录。${none}` })
  if (rows.length === 1) return row
  if (key === undefined) {
    const detail = `对方系统返回了多条记录${single ? `，而${single}` : ''}，请稍后再试。`
    throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: 200 }, { agency: agencyOf(connector, contract), detail })
  }
  const named = rows.filter((row) => row[key] !== null)
  // A row that doesn't say which it is may have stayed beside the one that was meant.
  if (input[key] !== undefined && named[0] && named.length === 1) return named[0]
  const words = [key, ...(contract.keyWords ?? [])].map((name) => [name, fields[name]?.notes.title ?? name] as const)
  const options = named
    .map((row) => mask(row))
    .map((row) => ({
      value: textOf(row[key]),
      label: words.flatMap(([name, title]) => (row[name] === null ? [] : [`${title} ${wordOf(row[name])}`])).join('，'),
    }))
  const values = options.map(({ value }) => value)
  const isClear = values.length > 0 && new Set(values).size === values.length
  const detail = isClear ? undefined : `其中几条从这里分不清，请填写完整的“${words[0]?.[1]}”后再查。`
  throw new HubError('HUB_SEVERAL_RECORDS', { ...(detail ? { detail } : {}), choices: { parameter: key, values, options } })
}

/** A value as people say it: a code by its name. */
export function wordOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'name' in value ? String(value.name ?? textOf(value)) : String(value ?? '')
}

/** How a caller writes a value as an input: a coded one by its code. */
export function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'code' in value ? String(value.code) : String(value)
}
