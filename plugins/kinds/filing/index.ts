import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { HubError } from '../../../core/base/errors.ts'
import { systemsOf } from '../../../core/contract/systems.ts'
import { createQueue, type Queue, timerWaker } from '../../queue/queue.ts'
import { storeName } from '../../store/open.ts'
import { pseudonymOf } from '../../users/users.ts'
import { purgeNotices } from '../notice-record.ts'
import { type Acts, createActRows, createActs } from './acts.ts'
import { filingFiles } from './attachments.ts'
import { type Callback, createCallback } from './callbacks.ts'
import { type Consents, createConsents } from './consents.ts'
import { createDelivery } from './delivery.ts'
import { createReadFiled, type ReadFiled } from './filed.ts'
import type { PolicyOf } from './reader.ts'
import { createSubmissionRows, type MachineOf } from './rows.ts'
import { statesOf } from './states.ts'
import { createSubmissions, type Submissions } from './submissions.ts'
import { defaultPace, type Pace, type StepNote } from './task.ts'
import { createTransitions, type Transitions } from './transitions.ts'

export interface QueueState {
  mode: 'bull' | 'process'
  /** False while Redis or the last look at the database failed. The sweep delivers without Redis, only later. */
  ok: boolean
  /** Submissions whose time has come. */
  due: number
  /** Submissions that wait for a person. */
  attention: number
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The store of submissions. `queueState` rejects when the database can't be read. */
    submissions: Submissions & {
      acts: Acts
      consents: Consents
      filed: ReadFiled
      onTransition: Transitions['on']
      /** Notices of the agency behind a system, where it declares that it sends any. */
      callbackOf(system: string): Callback | undefined
      queueState(): Promise<QueueState>
    }
  }
}

export interface SubmissionsPluginOptions {
  /** Steps under way at once in this process. */
  concurrency?: number
  /** Milliseconds between two looks at the database. */
  sweepMs?: number
  pace?: Partial<Pace>
}

/** How long closing waits for calls to agencies that are under way. */
const GRACE_MS = 10_000

/** Keeps submissions and works on them: taken in by routes, delivered and followed in the background. */
export default fp<SubmissionsPluginOptions>(
  async (app, { concurrency = 8, sweepMs = 2000, pace = {} }) => {
    const { database, vault, services, upstreams, log, settings } = app
    const policyOf: PolicyOf = ({ connector, service }) => services.get(`${connector}.${service}`)?.contract.submission
    const machineOf: MachineOf = (row) => statesOf(policyOf(row))
    const wake = (id: string, dueAt: number) => queue?.wake(id, dueAt)
    const transitions = createTransitions()
    const rows = createSubmissionRows(database, Date.now, machineOf, transitions)
    const files = filingFiles(app)
    const submissions = createSubmissions({
      database,
      vault,
      policyOf,
      transitions,
      wake,
      attach: files.ofFiling,
    })
    const work = createDelivery({
      rows,
      acts: createActRows(database),
      vault,
      services,
      upstreams,
      asker: (userId, enterpriseId, serviceKey) => app.users.asker(userId, enterpriseId, serviceKey),
      async follower(userId, enterpriseId) {
        const found = await database('enterprises').where({ id: enterpriseId }).first('id', 'name', 'uscc', 'status')
        if (!found) throw new HubError('HUB_MANDATE_REQUIRED')
        const { status, ...enterprise } = found
        if (status !== 'active') throw new HubError('HUB_ENTERPRISE_FROZEN')
        return { userId, person: (await app.users.byId(userId)).person, enterprise }
      },
      fill: files.fill,
      closedFor: (service, changes) => app.calendar.closureOf(service, changes)?.waitMs ?? 0,
      audit: (note) => writeAudit(app, note),
      log,
      pace: { ...defaultPace, ...pace },
    })
    const name = storeName(settings.DATABASE_URL, settings.DATA_DIR)
    const waker = settings.REDIS_URL
      ? (await import('../../queue/bull.ts')).bullWaker({ redisUrl: settings.REDIS_URL, name, concurrency, log })
      : timerWaker(sweepMs)
    app.jobs.add({
      name: 'submissions',
      title: '申请的提交与查询',
      table: 'submissions',
      failed: (query) => void query.where({ state: 'attention' }),
      states: ['awaiting', 'filed', 'sending', 'submitted', 'reviewing', 'attention'],
    })
    app.schedules.add({
      name: 'filing-notices.purge',
      title: '清理过期的办理通知记录',
      pattern: '47 * * * *',
      run: () => purgeNotices(database, 'filing_notices'),
    })
    // A command that builds the hub without running it delivers nothing.
    let queue: Queue | null = null
    app.addHook('onReady', async () => {
      queue = createQueue({ waker, concurrency, sweepMs, due: rows.due, work, log })
    })
    app.addHook('onClose', async () => queue?.close(GRACE_MS))

    const callbacks = createCallbacks(app, wake)

    app.decorate('submissions', {
      ...submissions,
      callbackOf: (system) => callbacks.get(system),
      acts: createActs({ database, vault, wake, attach: files.ofAct }),
      filed: createReadFiled(database, vault),
      onTransition: transitions.on,
      consents: createConsents({ database, vault, services, wake, transitions }),
      queueState: async () => ({ mode: settings.REDIS_URL ? 'bull' : 'process', ok: queue?.ok ?? false, ...(await rows.counts()) }),
    })
  },
  {
    name: 'submissions',
    dependencies: ['settings', 'database', 'schedules', 'jobs', 'audit', 'auth', 'connectors', 'calendar', 'upstreams', 'files'],
  },
)

function createCallbacks(app: FastifyInstance, wake: (id: string, dueAt: number) => void): ReadonlyMap<string, Callback> {
  const { connectors, connectorSettings, database, vault, sandbox } = app
  const silent: { connector: string; setting: string }[] = []
  // Whoever starts the hub learns it before the agency does; a command that only builds it need not.
  app.addHook('onReady', async () => {
    for (const lacking of silent)
      app.log.warn(lacking, '声明了办理通知却没有配置验签密钥：在 CONNECTORS_FILE 中配好之前，对方的通知一律拒收')
  })
  const declared = connectors.flatMap((connector) =>
    systemsOf(connector).map(([key, name, { callback }]) => ({ connector, key, name, callback })),
  )
  return new Map(
    declared.flatMap(({ connector, key, name, callback }) => {
      if (!callback) return []
      const own = connectorSettings[connector.id] ?? {}
      const given = { ...sandbox?.callbacks.credentialsOf(key), ...(name === undefined ? own : own.systems?.[name])?.credentials }
      const missing = Object.keys(callback.credentials).filter((each) => !given[each])
      const services = [...app.services.values()].filter(({ system, contract }) => system === key && contract.submission)
      const credentials =
        missing.length === 0 ? Object.fromEntries(Object.keys(callback.credentials).map((each) => [each, given[each] ?? ''])) : null
      if (!credentials) silent.push({ connector: connector.id, setting: settingOf(connector.id, name, missing) })
      const places = services.map(({ contract }) => [connector.id, contract.id] as const)
      return [[key, createCallback({ database, vault, system: key, callback, credentials, services: places, wake })]]
    }),
  )
}

/** Where an operator writes what a system's notices are verified with. */
function settingOf(connector: string, system: string | undefined, missing: readonly string[]): string {
  return `${connector}.${system === undefined ? '' : `systems.${system}.`}credentials.${missing.join(', ')}`
}

function writeAudit({ audit, vault }: FastifyInstance, { action, row, at, outcome, status, ms, upstreamStatus, fields, rows }: StepNote) {
  const upstreamMs = outcome === 'sending' ? null : Math.round(ms * 10) / 10
  return audit.write({
    action,
    traceId: row.trace_id,
    at,
    app: null,
    user: pseudonymOf(vault, row.user_id),
    enterprise: row.enterprise_id,
    connector: row.connector,
    service: row.service,
    purpose: null,
    clientIp: null,
    method: action === 'delivery' ? 'POST' : 'GET',
    outcome,
    status,
    durationMs: upstreamMs ?? 0,
    upstreamStatus,
    upstreamMs,
    fields,
    rows,
    submission: row.id,
  })
}
