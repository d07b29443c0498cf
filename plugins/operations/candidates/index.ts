import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Knex } from 'knex'
import { HubError } from '../../../core/base/errors.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { ConnectorDeclaration } from '../../../core/contract/types.ts'
import type { Refused } from '../../admission.ts'
import { ownAct } from '../../audit/own-act.ts'
import { type Beside, createBeside } from './beside.ts'
import { type Count, type Counts, createCounts } from './counts.ts'
import { isBreaking } from './declared.ts'
import { isEmptier, nothingOf } from './emptiness.ts'
import { answeredOf, comparisonOf, type Demands, demands, objections, percent, WINDOW_MS, worseThan } from './judge.ts'
import { type CandidateMode, createModes, type Mode, type Modes } from './modes.ts'
import { type Candidate, openCandidate } from './open.ts'

export interface CandidatesOptions {
  found?: readonly ConnectorDeclaration[]
  refused?: readonly Refused[]
  /** For tests. */
  demands?: Partial<Demands>
}

/** What an administrator says of a candidate. */
export interface Wish {
  mode: CandidateMode
  shadowShare: number
  share: number
  changedBy: string
}

export interface Candidates {
  /** The candidate of a service; null where it has none, which is asked once, when its route is made. */
  beside(service: CompiledService): Beside | null
  of(connector: string): Candidate | null
  /** Why a connector's candidate does not stand beside it. */
  troublesOf(connector: string): readonly string[]
  modeOf(candidate: Candidate): Mode | null
  /** Throws HUB_CANDIDATE_UNPROVEN for what the comparison does not bear out. */
  set(candidate: Candidate, wish: Wish): Promise<Mode>
  /** Everybody is answered by it, whatever the comparison says: two persons have confirmed it. */
  promote(transaction: Knex.Transaction, subject: { connector: string; version: string }, changedBy: string): Promise<void>
  /** How it does beside the running version, over all processes. */
  report(candidate: Candidate): Promise<Report>
  readonly list: readonly Candidate[]
  readonly counts: Counts
  readonly modes: Modes
  /** What is done every two seconds: counts go to the store, modes are read, and a share is taken back that does harm. */
  tick(): Promise<void>
  /** Once no comparison is under way any more. */
  settled(): Promise<void>
}

export interface Report {
  since: number | null
  comparison: ReturnType<typeof comparisonOf>
  answers: { running: ReturnType<typeof answeredOf>; candidate: ReturnType<typeof answeredOf>; callers: number }
  objections: string[]
}

declare module 'fastify' {
  interface FastifyInstance {
    candidates: Candidates
  }
}

const FRESH_MS = 2000

/** Second versions of connectors beside the running ones (docs/candidates.md). Without any, no call pays for it. */
export default fp<CandidatesOptions>(
  async (app, { found = [], refused = [], demands: asked = {} }) => {
    const { database, log } = app
    const least = { ...demands, ...asked }
    const counts = createCounts(database)
    const modes = createModes(database)
    const { candidates, troubles } = openAll(app, found, refused)
    const underWay = new Set<Promise<void>>()
    let closed = false

    const modeOf = ({ connector, version }: Candidate) => modes.of(connector, version)

    function takeOn(work: () => Promise<void>): boolean {
      if (closed) return false
      const running = work().catch((error: Error) => log.warn({ error: error.name }, '候选版本的比对没有完成'))
      underWay.add(running)
      void running.then(() => underWay.delete(running))
      return true
    }

    async function report(candidate: Candidate): Promise<Report> {
      await counts.flush()
      const compared = await counts.read(candidate, 'shadow')
      const answered = await counts.read(candidate, 'answers', WINDOW_MS)
      const comparison = comparisonOf(compared.counts, compared.callers)
      return {
        since: compared.since,
        comparison,
        answers: {
          running: answeredOf(answered.counts, 'running'),
          candidate: answeredOf(answered.counts, 'candidate'),
          callers: answered.callers,
        },
        objections: objections(comparison, candidate.declared, isPublic(candidate), least),
      }
    }

    /** → of which service more users get nothing than from the running version, in Chinese; null for none. */
    async function emptierThan(candidate: Candidate, answered: readonly Count[]): Promise<string | null> {
      for (const { running } of candidate.pairs.values()) {
        const { id, name } = running.contract
        // Sketches are read only where there is something to be seen in them.
        if (!answered.some(({ service, kind, name: what }) => service === id && kind === 'answers.candidate' && what === 'empty')) continue
        const received = await counts.receivers(candidate, id, WINDOW_MS)
        if (isEmptier(received.running, received.candidate, least))
          return `“${name}”没有查到任何记录的用户占 ${percent(nothingOf(received.candidate))}，现行版本 ${percent(nothingOf(received.running))}`
      }
      return null
    }

    /** Over all processes, so that errors that each has a few of are seen. */
    async function judge(candidate: Candidate): Promise<void> {
      const mode = modeOf(candidate)
      if (mode?.mode !== 'canary' || mode.share === 0) return
      const { counts: answered, callers } = await counts.read(candidate, 'answers', WINDOW_MS)
      const whose = { callers, isPublic: isPublic(candidate) }
      const worse = worseThan(answeredOf(answered, 'running'), answeredOf(answered, 'candidate'), whose, least)
      const reason = worse ?? (await emptierThan(candidate, answered))
      if (reason === null || !(await modes.fallBack(mode, reason))) return
      const { connector, version } = candidate
      log.error({ connector, version, reason }, '候选版本的灰度已自动收回，全部用户改由现行版本答复')
      await app.audit.write(ownAct('candidate.taken-back', { outcome: 'ok', status: 200, target: connector, version }))
    }

    async function tick(): Promise<void> {
      await counts.flush()
      await modes.load()
      for (const candidate of candidates.values()) await judge(candidate)
    }

    app.decorate('candidates', {
      beside(service) {
        const candidate = candidates.get(service.connector.id)
        const pair = candidate?.pairs.get(service.key)
        return candidate && pair ? createBeside({ app, counts, modeOf: () => modeOf(candidate), takeOn }, candidate, pair) : null
      },
      of: (connector) => candidates.get(connector) ?? null,
      troublesOf: (connector) => troubles.get(connector) ?? [],
      modeOf,
      async set(candidate, { mode, shadowShare, share, changedBy }) {
        const { connector, version } = candidate
        const answers = mode === 'canary' && share > 0
        if (answers) assertCompatible(candidate)
        const against = answers && share === 100 ? (await report(candidate)).objections : []
        if (against.length > 0) throw new HubError('HUB_CANDIDATE_UNPROVEN', { detail: `${against.join('；')}。` })
        return modes.set({ connector, version, mode, shadowShare, share: mode === 'canary' ? share : 0, changedBy })
      },
      async promote(transaction, { connector, version }, changedBy) {
        const candidate = candidates.get(connector)
        if (candidate?.version !== version) throw new HubError('HUB_REQUEST_STATE', { detail: '候选版本已经不是这一个了。' })
        assertCompatible(candidate)
        const shadowShare = modeOf(candidate)?.shadowShare ?? 0
        await modes.set({ connector, version, mode: 'canary', shadowShare, share: 100, changedBy }, transaction)
      },
      report,
      list: [...candidates.values()],
      counts,
      modes,
      tick,
      async settled() {
        await Promise.all(underWay)
      },
    })
    const { promote } = app.candidates
    app.decorate('candidateParts', { promote, refresh: () => modes.load() })
    app.schedules.add({ name: 'candidates.purge', title: '清理过期的候选版本比对', pattern: '37 * * * *', run: () => counts.purge() })
    if (candidates.size === 0) return

    const warn = (error: Error) => log.warn({ error: error.name }, '候选版本的设置或者计数读写失败')
    const timer = setInterval(() => void tick().catch(warn), FRESH_MS)
    timer.unref()
    app.addHook('onReady', () => modes.load())
    app.addHook('onClose', async () => {
      closed = true
      clearInterval(timer)
      await Promise.all([...candidates.values()].map((candidate) => candidate.close()))
      await Promise.all(underWay)
      await counts.flush().catch(warn)
    })
  },
  {
    name: 'candidates',
    dependencies: ['connectors', 'database', 'schedules', 'upstreams', 'accounts', 'calendar', 'audit', 'traces', 'tiers'],
  },
)

/** What does not stand beside its connector is left out, with why; the connector runs as ever. */
function openAll(app: FastifyInstance, found: readonly ConnectorDeclaration[], refused: readonly Refused[]) {
  const candidates = new Map<string, Candidate>()
  const troubles = new Map(refused.map(({ id, reasons }) => [id, reasons] as const))
  for (const declaration of found) {
    const running = app.connectors.find(({ id }) => id === declaration.id)
    try {
      if (!running) throw new Error(`${declaration.id}: the connector does not run`)
      candidates.set(running.id, openCandidate(app, running, declaration))
    } catch (error) {
      troubles.set(declaration.id, [(error as Error).message])
    }
  }
  for (const [connector, reasons] of troubles) app.log.error({ connector, reasons }, '候选版本没有启用，现行版本照常')
  return { candidates, troubles }
}

const isPublic = ({ pairs }: Candidate): boolean => [...pairs.values()].every(({ running }) => running.contract.identity === 'none')

/** Callers were promised what the running version's documents say. */
function assertCompatible({ declared }: Candidate): void {
  if (declared.some(isBreaking)) throw new HubError('HUB_CANDIDATE_UNPROVEN', { detail: '候选版本的声明与现行版本不兼容，不能答复用户。' })
}
