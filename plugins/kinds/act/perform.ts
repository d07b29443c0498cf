import type { Row } from '../../../core/answer/reading.ts'
import { HubError } from '../../../core/base/errors.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Outgoing, RawReply } from '../../../core/upstream/dialect.ts'
import { lookup, type Opened, type SourceRow } from '../../../core/upstream/envelope.ts'
import { UpstreamError } from '../../../core/upstream/error.ts'
import type { Upstream } from '../../../core/upstream/upstream.ts'
import { serialOf } from '../serial.ts'
import { type ActRow, type ActRows, actContext, firstLook } from './rows.ts'

export interface ActContext {
  rows: ActRows
  vault: Vault
  /** By system. */
  upstreams: ReadonlyMap<string, Pick<Upstream, 'call'>>
  /** Resolves once it is on the disk that this act is about to be sent. */
  announce(row: ActRow, service: CompiledService): Promise<void>
  /** An act's input with its files in place of their ids; needed where a service takes files. */
  fill?(row: ActRow, service: CompiledService, input: Input): Promise<Input>
}

type Input = Readonly<Record<string, unknown>>

/** How long after a send that was cut off "nothing found" is not yet believed: the agency may still be working on it. */
const SETTLE_MS = 30_000

/** What an agency was asked, as the audit row tells it. */
export interface Contact {
  upstreamStatus: number
  upstreamMs: number
}

/** How an act stands, and what the agency was asked on the way there. */
export interface Outcome {
  row: ActRow
  contact: Contact | null
}

/**
 * Sends an act that is written down as `sending`, once. → the row as it stands then: `done`, or `unclear`
 * where nobody knows what the agency did. What the agency refused, or surely never got, is thrown as for a query.
 */
export async function perform(context: ActContext, service: CompiledService, row: ActRow, asker: Asker, input: Input): Promise<Outcome> {
  const { rows, vault } = context
  const { contract } = service
  const start = performance.now()
  const outgoing = await prepare()
  try {
    const options = { deadline: start + contract.timeoutMs, retries: 0, cacheSeconds: 0 }
    const read = (reply: RawReply) => readOne(service, row, asker, service.open(reply))
    const answer = await upstreamOf(context, service).call(outgoing, read, options)
    const settled = await rows.settle(row, 'done', { answer_sealed: seal(vault, row, answer.row), last_error: null })
    return { row: settled, contact: { upstreamStatus: answer.status, upstreamMs: performance.now() - start } }
  } catch (error) {
    return conclude(error)
  }

  /** Until here nothing has left, so whatever fails leaves an act that was not sent. */
  async function prepare(): Promise<Outgoing> {
    try {
      const own = service.outgoing((await context.fill?.(row, service, input)) ?? input, asker)
      await context.announce(row, service)
      return { ...own, params: { ...own.params, ...serialParams(service, row) } }
    } catch (error) {
      await rows.settle(row, 'unsent', { last_error: codeOf(error) })
      throw error
    }
  }

  async function conclude(error: unknown): Promise<Outcome> {
    const delivery = error instanceof UpstreamError ? error.delivery : 'unknown'
    const last_error = codeOf(error)
    // After a repeated send, "refused" may mean "I have that one already".
    const isFinal = delivery === 'refused' && row.attempts === 1
    if (delivery !== 'unknown' && (isFinal || delivery === 'not-processed')) {
      await rows.settle(row, isFinal ? 'refused' : 'unsent', { last_error })
      throw error
    }
    const upstreamStatus = error instanceof UpstreamError ? error.upstreamStatus : null
    const settled = await rows.settle(row, 'unclear', { last_error, due_at: firstLook(service, rows.now()) })
    return { row: settled, contact: upstreamStatus === null ? null : { upstreamStatus, upstreamMs: performance.now() - start } }
  }
}

/** Asks the agency what became of an unclear act, where it can be asked; trouble on the way changes nothing. */
export async function clearUp(context: ActContext, service: CompiledService, row: ActRow, asker: () => Promise<Asker>): Promise<Outcome> {
  const { rows, vault } = context
  const { contract, open, system } = service
  const statusSid = contract.act?.statusSid
  if (row.state !== 'unclear' || statusSid === undefined) return { row, contact: null }
  const start = performance.now()
  try {
    const account = row.account_sealed === null ? null : { externalId: vault.open(row.account_sealed, actContext.account(row.id)) }
    const verified = { ...(await asker()), ...(account ? { account } : {}) }
    const params = { ...service.params({}, verified), ...serialParams(service, row) }
    const outgoing = { sid: statusSid, path: contract.upstream?.path, method: 'GET' as const, params, userId: row.user_id }
    const options = { deadline: start + contract.timeoutMs, retries: contract.retry?.attempts ?? 0, cacheSeconds: 0 }
    const read = (reply: RawReply) => {
      const opened = open(reply)
      return opened.rows.length === 0 ? { ...opened, row: null } : readOne(service, row, verified, opened)
    }
    const answer = await upstreamOf(context, { system }).call(outgoing, read, options)
    const contact = { upstreamStatus: answer.status, upstreamMs: performance.now() - start }
    if (answer.row)
      return { row: await rows.settle(row, 'done', { answer_sealed: seal(vault, row, answer.row), last_error: null }), contact }
    if (rows.now() < Number(row.sent_at) + SETTLE_MS) return { row, contact }
    return { row: await rows.settle(row, 'unsent'), contact }
  } catch (error) {
    if (error instanceof HubError) return { row, contact: null }
    throw error
  }
}

/** The agency's answer to a done act, mapped and UNMASKED; null before. */
export function answerOf(vault: Vault, { id, answer_sealed }: ActRow): Row | null {
  return answer_sealed === null ? null : (JSON.parse(vault.open(answer_sealed, actContext.answer(id))) as Row)
}

function serialParams({ contract }: CompiledService, { id }: ActRow): Record<string, string> {
  const serial = contract.act?.serial
  return serial === undefined ? {} : { [serial]: serialOf(id) }
}

/** The one row of an answer that is about this act. An answer that cannot be read leaves open whether the agency acted. */
function readOne(service: CompiledService, row: ActRow, asker: Asker, opened: Opened): Opened & { row: Row } {
  const own = ownRow(service, row, opened.rows)
  if (!own) throw new UpstreamError('HUB_UPSTREAM_INVALID', { delivery: 'unknown', status: 200 })
  return { ...opened, row: service.map(own, asker) }
}

function ownRow({ contract }: CompiledService, { id }: ActRow, rows: readonly SourceRow[]): SourceRow | undefined {
  const serial = contract.act?.serial
  const named = (source: SourceRow) => (serial === undefined ? undefined : lookup(source, [serial]))
  const own = rows.find((source) => named(source) !== undefined && String(named(source)) === serialOf(id))
  const [only, ...others] = rows
  return own ?? (only && others.length === 0 && named(only) === undefined ? only : undefined)
}

function seal(vault: Vault, { id }: ActRow, row: Row): string {
  return vault.seal(JSON.stringify(row), actContext.answer(id))
}

function upstreamOf({ upstreams }: ActContext, { system }: Pick<CompiledService, 'system'>): Pick<Upstream, 'call'> {
  const upstream = upstreams.get(system)
  if (!upstream) throw new Error(`no upstream for ${system}`)
  return upstream
}

function codeOf(error: unknown): string {
  return error instanceof HubError ? error.code : 'HUB_INTERNAL'
}
