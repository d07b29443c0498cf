import fp from 'fastify-plugin'
import { version } from '../../config/version.ts'
import { HubError } from '../../core/base/errors.ts'
import type { CheckpointState } from '../audit/checkpoints.ts'
import type { Closure } from '../calendar/closings.ts'
import type { Term } from '../kinds/document/signing/term.ts'
import { asAllFindIt } from '../operations/all-processes.ts'
import { refusedSystem, underSuspicion } from '../operations/connector-faults.ts'
import { type HealthState, type SystemHealth, stateOf, worst } from '../operations/health.ts'
import { publicSystem, systemCheck } from '../operations/health-forms.ts'
import type { Spell } from '../operations/health-history/rows.ts'
import { breakersOf } from '../operations/process-states.ts'
import type { ShownTier } from '../operations/tiers/index.ts'
import { pathPart } from '../route-kit/kit.ts'
import type { Platform } from '../upstreams.ts'

declare module 'fastify' {
  interface FastifyInstance {
    health: {
      /** How every system of every connector is now, as all processes find it, with figures: for operators. Costs no more than its probes, which keep their results. */
      states(): Promise<ListedSystem[]>
    }
  }
}

export interface ListedSystem extends SystemHealth {
  connector: string
  /** Chinese name of the connector. */
  name: string
  /** The tier that counts; null where no run of the kit is on record. */
  tier: ShownTier | null
}

interface ConnectorHealth {
  connector: { id: string; name: string }
  status: HealthState
  systems: SystemHealth[]
}

const MEDIA_TYPE = 'application/health+json; charset=utf-8'

/**
 * Liveness, readiness and the agencies' health. Readiness looks only at what is the hub's own: a sick
 * agency never takes the hub out of the load balancer, and losing Redis doesn't either, since the
 * database sweep goes on running jobs.
 */
export default fp(
  async (app) => {
    const schema = (operationId: string, summary: string) => ({ operationId, summary, tags: ['中枢'] })

    const startedAt = Date.now()
    const known = new Map<string, () => Promise<ConnectorHealth>>()
    for (const refused of app.refusedConnectors)
      known.set(refused.id, async () => {
        const { id } = refused
        return { connector: { id, name: id }, status: 'fail', systems: [refusedSystem(refused, startedAt)] }
      })
    app.addHook('onReady', async () => {
      for (const { declaration, health } of app.openConnectors.values())
        known.set(declaration.id, async () => {
          const stray = app.strayErrors.list().get(declaration.id)
          const systems = (await health()).systems.map((system) => underSuspicion(system, stray, Date.now()))
          return { connector: declaration, status: worst(systems.map(({ status }) => status)), systems }
        })
    })
    const lookAtAll = () => Promise.all([...known.values()].map((look) => look()))

    app.decorate('health', {
      async states() {
        const found = await lookAtAll()
        const now = Date.now()
        // What the store cannot say now, this process says of itself.
        const others = await app.processes.others().catch(() => [])
        const lasting = await app.healthHistory.lasting(now).catch(() => new Map<string, Spell>())
        return found.flatMap(({ connector: { id, name }, systems }) =>
          systems.map((own) => {
            const views = others.flatMap(({ systems }) => systems[own.system] ?? [])
            return { connector: id, name, tier: app.tiers.of(id), ...asAllFindIt(own, { views, spell: lasting.get(own.system), now }) }
          }),
        )
      },
    })

    // What nobody asks for is known too: the log says which agency does not answer.
    app.schedules.add({
      name: 'agencies.probe',
      title: '探测各单位系统',
      pattern: '*/5 * * * *',
      async run() {
        for (const look of known.values()) {
          const { connector, systems } = await look()
          for (const { system, status, state, probe, reason, cause } of systems) {
            app.processes.probed(system, { status, state })
            if (status === 'fail') app.log.warn({ system, code: probe?.code, cause }, `${connector.name}：${reason ?? '对方系统没有应答'}`)
          }
        }
      },
    })

    app.schedules.add({
      name: 'agencies.note',
      title: '记录各单位系统状况的变化',
      pattern: '* * * * *',
      async run() {
        const ailing = await app.healthHistory.look()
        // Who is not well is asked again sooner, so that its end is known to the minute.
        for (const [id, look] of known)
          if (ailing.some((system) => system.split('/')[0] === id))
            for (const { system, status, state } of (await look()).systems) app.processes.probed(system, { status, state })
      },
    })

    app.get('/health/live', { schema: schema('health.live', '存活') }, async (_request, reply) =>
      reply.type(MEDIA_TYPE).send({ status: 'pass' }),
    )

    let started = false
    app.addHook('onReady', async () => {
      started = true
    })
    app.get('/health/startup', { schema: schema('health.startup', '启动') }, async (_request, reply) =>
      reply
        .code(started ? 200 : 503)
        .type(MEDIA_TYPE)
        .send({ status: started ? 'pass' : 'fail' }),
    )

    app.get('/health/ready', { schema: schema('health.ready', '就绪') }, async (_request, reply) => {
      const checks = { ...(await ownChecks()), ...(app.draining.begun ? leavingCheck() : {}) }
      const status = worst(Object.values(checks).map(([check]) => check?.status ?? 'fail'))
      return reply
        .code(status === 'fail' ? 503 : 200)
        .type(MEDIA_TYPE)
        .send({ status, checks })
    })

    app.get('/health', { schema: schema('health', '各系统健康状况') }, async (_request, reply) => {
      const own = await ownChecks()
      const found = await lookAtAll()
      const checks: Record<string, unknown[]> = { ...own }
      for (const { connector, systems } of found)
        checks[`connector:${connector.id}`] = systems.map((system) => systemCheck(connector, system))
      const platforms = [...app.platforms].map(([id, platform]) => platformCheck(id, platform, app.calendar.systemClosure(id)))
      for (const check of platforms) checks[`platform:${check.componentId}`] = [check]
      // A sick agency is a warning about the hub, not its failure.
      const ours = worst(Object.values(own).map(([check]) => check?.status ?? 'fail'))
      const status = ours === 'pass' && [...found, ...platforms].some(({ status }) => status !== 'pass') ? 'warn' : ours
      return reply
        .code(ours === 'fail' ? 503 : 200)
        .type(MEDIA_TYPE)
        .send({ status, version, serviceId: 'xuchang-hub', checks })
    })

    app.get('/health/connectors', { schema: schema('health.connectors', '各单位系统的健康状况') }, async (_request, reply) => {
      const found = (await lookAtAll()).map(toldOf)
      return reply.type(MEDIA_TYPE).send({ status: worst(found.map(({ status }) => status)), connectors: found })
    })

    app.get('/health/connectors/:id', { schema: schema('health.connector', '一个系统的健康状况') }, async (request, reply) => {
      const look = known.get(pathPart(request, 'id'))
      if (!look) throw new HubError('HUB_SERVICE_UNKNOWN')
      const found = await look()
      const processes = await breakersOf(app.processes, found.connector.id).catch(() => null)
      return reply.type(MEDIA_TYPE).send({ ...toldOf(found), processes })
    })

    function toldOf({ connector: { id, name }, status, systems }: ConnectorHealth) {
      const [main, ...further] = systems.map(publicSystem)
      return { ...main, status, id, name, ...(further.length > 0 ? { systems: [main, ...further] } : {}) }
    }

    async function ownChecks() {
      const database = await timed(() => app.database.raw('select 1'))
      const queue = await app.submissions.queueState().catch(() => null)
      return {
        database: [
          {
            componentType: 'datastore',
            status: (database.ok ? 'pass' : 'fail') as HealthState,
            time: new Date().toISOString(),
          },
        ],
        queue: [
          {
            componentType: 'component',
            status: queueStatus(queue),
            time: new Date().toISOString(),
            ...(queue ? { mode: queue.mode } : {}),
          },
        ],
        audit: [
          { componentType: 'component', status: (app.audit.healthy ? 'pass' : 'warn') as HealthState, time: new Date().toISOString() },
        ],
        evidence: [evidenceCheck(app.evidence.state)],
        ...sealCheck(app.documents.sealTerm()),
      }
    }
  },
  {
    name: 'health',
    dependencies: [
      'draining',
      'connector-routes',
      'upstreams',
      'stray-errors',
      'tiers',
      'processes',
      'sign-on',
      'face-verification',
      'database',
      'evidence',
      'submissions',
      'documents',
      'openapi',
    ],
  },
)

/** What real calls say; nobody is asked on purpose, as a platform has no question that costs nothing. */
function platformCheck(id: string, { name, upstream }: Platform, closure: Closure | null) {
  const { lastSuccess, lastFailure } = upstream.summary()
  const latest = [lastSuccess, lastFailure?.at ?? null]
    .filter((at) => at !== null)
    .sort()
    .at(-1)
  return {
    ...{ componentId: id, componentType: 'system', name, status: closure ? ('pass' as const) : stateOf(upstream), lastSuccess },
    ...(closure ? { output: `计划内停机：${closure.title}` } : {}),
    time: latest ?? new Date().toISOString(),
  }
}

/** A minute between checkpoints is promised; the hub goes on without, for it can be made up for. */
function evidenceCheck({ healthy, last, ageMs }: CheckpointState) {
  return {
    componentType: 'component',
    status: (healthy && ageMs !== null && ageMs < 2 * 60_000 ? 'pass' : 'warn') as HealthState,
    time: new Date().toISOString(),
    observedValue: ageMs === null ? null : Math.round(ageMs / 1000),
    observedUnit: 's since the last checkpoint',
    ...(last ? { checkpoint: last.n, hash: last.hash } : {}),
  }
}

/** Told to end: the proxy in front is to send calls elsewhere. */
function leavingCheck() {
  const status: HealthState = 'fail'
  return { process: [{ componentType: 'component', status, time: new Date().toISOString(), output: '正在停机' }] }
}

/** Without it no certificates are issued; the hub does everything else. */
function sealCheck(term: Term | null) {
  if (!term) return {}
  const status: HealthState = term.state === 'in-force' ? 'pass' : 'warn'
  const until = new Date(term.until).toISOString()
  const check = { componentType: 'component', status, time: new Date().toISOString(), observedValue: term.days, observedUnit: 'days' }
  return { seal: [{ ...check, validUntil: until }] }
}

/** Without Redis the sweep works; without a way to read the jobs nothing does. */
function queueStatus(queue: { ok: boolean; attention: number } | null): HealthState {
  if (!queue) return 'fail'
  return queue.ok && queue.attention === 0 ? 'pass' : 'warn'
}

async function timed(work: () => PromiseLike<unknown>): Promise<{ ok: boolean; ms: number }> {
  const start = performance.now()
  const limit = new Promise<never>((_, reject) => setTimeout(reject, 2000).unref())
  const ok = await Promise.race([Promise.resolve(work()), limit]).then(
    () => true,
    () => false,
  )
  return { ok, ms: Math.round((performance.now() - start) * 10) / 10 }
}
