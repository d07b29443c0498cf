import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { unreadableIn } from '../../../core/answer/unreadable.ts'
import type { Execution } from '../../../core/call/execute.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { Asker } from '../../../core/contract/asker.ts'
import type { Upstream } from '../../../core/upstream/upstream.ts'
import type { Counts, Subject } from './counts.ts'
import { isBreaking } from './declared.ts'
import { isEmpty } from './emptiness.ts'
import type { Mode } from './modes.ts'
import type { Candidate, Pair } from './open.ts'
import { type Answered, askShadow, hasRoom } from './shadow.ts'
import { codeOf, isAnswered, troubleOf } from './trouble.ts'

/** The version that answers a call. */
export interface Side {
  readonly service: CompiledService
  readonly upstream: Upstream
}

interface Question {
  asker: Asker
  query: Readonly<Record<string, unknown>>
  format: string
}

export interface Call extends Question {
  side: Side
  request: FastifyRequest
  reply: FastifyReply
}

/** A service that has a candidate version beside it. */
export interface Beside {
  /** Who answers: the same for a user as long as the share stands. */
  sideOf(question: Question): Side
  /** Runs the call, counts how it ended, and has the candidate asked once the caller has his answer. */
  watch(call: Call, ask: () => Promise<Execution>): Promise<Execution>
}

interface Parts {
  app: FastifyInstance
  counts: Counts
  modeOf(): Mode | null
  /** Takes work that nobody waits for; false: the hub is about to end. */
  takeOn(work: () => Promise<void>): boolean
}

export function createBeside({ app, counts, modeOf, takeOn }: Parts, candidate: Candidate, pair: Pair): Beside {
  const subject: Subject = candidate
  const { running } = pair
  const service = running.contract.id
  const own: Side = { service: running, upstream: pair.upstream }
  const next: Side = { service: pair.candidate, upstream: pair.answering }
  const breaks = candidate.declared.some(isBreaking)

  /** What the candidate has broken itself it no longer answers. */
  const isWell = () => pair.answering.state === 'closed' && (pair.answering.breakers().get(pair.candidate.sid) ?? 'closed') === 'closed'

  function count(side: Side, trouble: 'errors' | 'unreadable' | null, user: string | null): void {
    const kind = side === next ? 'answers.candidate' : 'answers.running'
    counts.add(subject, service, kind, 'calls')
    if (trouble) counts.add(subject, service, kind, trouble)
    if (side === next && user !== null) counts.caller(subject, 'answers', user)
  }

  /** Whether either version may be asked: documents are printed, and values shown whole, by the one that has been proved. */
  const isEithers = ({ query, format }: Question) => format !== 'pdf' && query['reveal'] !== true

  /** Whether anything came of what either version may be asked; of what only one answers there is nothing to compare. */
  function countReceived({ side, request, ...question }: Call, found: boolean): void {
    if (!isEithers(question)) return
    const name = side === next ? 'candidate' : 'running'
    if (!found) counts.add(subject, service, `answers.${name}`, 'empty')
    if (request.audit.user !== null) counts.receiver(subject, service, name, found, request.audit.user)
  }

  function compareLater({ request, reply, asker, query }: Call, answered: Answered): void {
    const { traceId, app: client, user, enterprise, target } = request.audit
    const said = { traceId, app: client, user, enterprise, ...(target === undefined ? {} : { target }) }
    // Not before the answer has left: nobody waits for it.
    reply.raw.once('finish', () => {
      // Turned off while the call was under way, it is asked nothing more.
      if ((modeOf()?.mode ?? 'off') === 'off') return
      const work = () => askShadow(app, counts, subject, pair, { asker, query, said, answered })
      if (!hasRoom(app, pair) || !takeOn(work)) counts.add(subject, service, 'shadow', 'skipped')
    })
  }

  return {
    sideOf(question) {
      const mode = modeOf()
      if (mode?.mode !== 'canary' || mode.share === 0 || breaks || !isEithers(question)) return own
      return isAmong(mode, question.asker.userId) && isWell() ? next : own
    },
    async watch(call, ask) {
      const mode = modeOf()
      if (!mode || mode.mode === 'off') return ask()
      const { side, request, query, format } = call
      const { user } = request.audit
      const isCounted = mode.mode === 'canary'
      const isCompared = side === own && format === 'json' && query['reveal'] !== true && Math.random() * 100 < mode.shadowShare
      if (side === next) request.audit.version = subject.version
      const start = performance.now()
      try {
        const execution = await ask()
        const isUnread = execution.rows.some((row) => unreadableIn(row).length > 0)
        const { rows, total } = execution
        if (isCounted) {
          count(side, isUnread ? 'unreadable' : null, user)
          countReceived(call, !isEmpty(rows))
        }
        if (isCompared) compareLater(call, { rows, total, code: 'ok', ms: performance.now() - start })
        return execution
      } catch (error) {
        if (isCounted) {
          count(side, troubleOf(error), user)
          if (codeOf(error) === 'HUB_NO_RECORD') countReceived(call, false)
        }
        const answered = { rows: [], total: undefined, code: codeOf(error), ms: performance.now() - start }
        if (isCompared && isAnswered(error)) compareLater(call, answered)
        throw error
      }
    },
  }
}

/** By user and version, so that nobody goes to and fro between two versions, and every candidate meets others first. */
function isAmong({ share, version }: Mode, userId: string | undefined): boolean {
  if (share >= 100) return true
  if (userId === undefined) return false
  return (createHash('sha256').update(`${version} ${userId}`).digest().readUInt32BE(0) / 2 ** 32) * 100 < share
}
