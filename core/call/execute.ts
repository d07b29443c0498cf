import type { Row } from '../answer/reading.ts'
import type { Selection } from '../answer/selection.ts'
import { HubError } from '../base/errors.ts'
import type { Asker } from '../contract/asker.ts'
import { agencyOf } from '../contract/systems.ts'
import type { Paging } from '../contract/types.ts'
import type { Outgoing } from '../upstream/dialect.ts'
import type { Opened } from '../upstream/envelope.ts'
import type { CallOptions, Upstream, UpstreamAnswer } from '../upstream/upstream.ts'
import { askLater } from './later.ts'
import type { CompiledService } from './service.ts'

/** More rows than this are no answer for a person; the caller is asked to narrow the question. */
const MAX_ROWS = 10_000

export interface Execution {
  /** Selected rows in order, masked. */
  rows: Row[]
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
 * selection → masks. Who may ask was settled before; what leaves is serialised after.
 */
export async function execute(
  service: CompiledService,
  upstream: Upstream,
  asker: Asker,
  input: Record<string, unknown>,
  selection: Selection,
): Promise<Execution> {
  const start = performance.now()
  const { contract } = service
  const options = {
    deadline: start + contract.timeoutMs,
    retries: contract.retry?.attempts ?? 0,
    cacheSeconds: contract.cache?.seconds ?? 0,
  }
  const question = { service, upstream, asker, options, outgoing: outgoingOf(service, input, asker) }
  const first = await ask(question, question.outgoing)
  const absent = first.rows[0] ? service.absent(first.rows[0]) : []
  const { paging } = contract.upstream ?? {}
  const all = paging ? await askOn(question, paging, first) : ownRows(service, first)
  const upstreamMs = performance.now() - start

  const rows = all.filter(selection.keep)
  if (selection.sort) rows.sort(selection.sort)
  if (service.rows === 'one') assertOne(service, rows)
  for (const row of rows) service.mask(row)
  return { rows, absent, upstreamStatus: first.status, at: first.at, upstreamMs }
}

interface Question {
  service: CompiledService
  upstream: Upstream
  asker: Asker
  options: CallOptions
  /** As the first page is asked for. */
  outgoing: Outgoing
}

interface Page extends Opened {
  /** The rows, read and checked. */
  read: Row[]
}

function outgoingOf({ contract, outgoing }: CompiledService, input: Record<string, unknown>, asker: Asker): Outgoing {
  const { paging } = contract.upstream ?? {}
  const own = outgoing(input, asker)
  if (paging) own.params = { ...own.params, ...pageParams(paging, 0) }
  return own
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
  for (let page = first, index = 1; !isLast(page, rows.length, paging); index++) {
    if (rows.length > MAX_ROWS) throw new HubError('HUB_TOO_MANY_ROWS')
    page = await ask(question, { ...outgoing, params: { ...outgoing.params, ...pageParams(paging, index) } })
    // An agency that ignores paging sends the same rows again: they are all there are.
    if (JSON.stringify(page.rows[0]) === JSON.stringify(first.rows[0])) break
    rows.push(...ownRows(service, page))
  }
  return rows
}

/** Rows of an answer that may be kept are the next caller's too, so they are copied before anything is done to them. */
function ownRows({ contract }: CompiledService, { read }: Page): Row[] {
  return contract.cache ? structuredClone(read) : read
}

function pageParams(paging: Paging, index: number): Record<string, number> {
  return paging.style === 'page'
    ? { [paging.page]: index + paging.base, [paging.size]: paging.rows }
    : { [paging.start]: index * paging.rows + paging.base, [paging.limit]: paging.rows }
}

function isLast(page: Page, soFar: number, paging: Paging): boolean {
  if (page.rows.length === 0) return true
  return page.total === null ? page.rows.length < paging.rows : soFar >= page.total
}

/** "One record" means one: none and several are answers of their own, never a silent choice. */
function assertOne({ contract }: CompiledService, rows: readonly Row[]): void {
  if (rows.length === 1) return
  if (rows.length === 0) throw new HubError('HUB_NO_RECORD', { detail: `没有查到您的“${contract.name}”记录。` })
  const key = contract.key
  throw new HubError('HUB_SEVERAL_RECORDS', key ? { choices: { parameter: key, values: rows.map((row) => textOf(row[key])) } } : {})
}

/** How a caller writes a value as an input: a coded one by its code. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'code' in value ? String(value.code) : String(value)
}
