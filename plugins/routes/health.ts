import fp from 'fastify-plugin'
import { HubError } from '../../core/base/errors.ts'
import { version } from '../../core/base/version.ts'
import type { CheckpointState } from '../audit/checkpoints.ts'
import { type HealthState, stateOf, worst } from '../operations/health.ts'
import { breakersOf } from '../operations/process-states.ts'
import { pathPart } from '../route-kit/kit.ts'
import type { Platform } from '../upstreams.ts'

const MEDIA_TYPE = 'application/health+json; charset=utf-8'

/**
 * Liveness, readiness and the agencies' health. Readiness looks only at what is the hub's own: a sick
 * agency never takes the hub out of the load balancer, and losing Redis doesn't either, since the
 * database sweep goes on running jobs.
 */
export default fp(
  async (app) => {
    const schema = (operationId: string, summary: string) => ({ operationId, summary, tags: ['中枢'] })

    // What nobody asks for is known too: the log says which agency does not answer.
    app.schedules.add({
      name: 'agencies.probe',
      title: '探测各单位系统',
      pattern: '*/5 * * * *',
      async run() {
        for (const { declaration, health } of app.openConnectors.values())
          for (const { system, status, probe } of (await health()).systems)
            if (noted(system, status) === 'fail') app.log.warn({ system, code: probe.code }, `${declaration.name}：对方系统没有应答`)
      },
    })

    const noted = (system: string, status: HealthState) => {
      app.processes.probed(system, status)
      return status
    }

    app.get('/health/live', { schema: schema('health.live', '存活') }, async (_request, reply) =>
      reply.type(MEDIA_TYPE).send({ status: 'pass' }),
    )

    app.get('/health/ready', { schema: schema('health.ready', '就绪') }, async (_request, reply) => {
      const checks = await ownChecks()
      const status = worst(Object.values(checks).map(([check]) => check?.status ?? 'fail'))
      return reply
        .code(status === 'fail' ? 503 : 200)
        .type(MEDIA_TYPE)
        .send({ status, checks })
    })

    app.get('/health', { schema: schema('health', '各系统健康状况') }, async (_request, reply) => {
      const own = await ownChecks()
      const found = await Promise.all(
        [...app.openConnectors.values()].map(async ({ declaration, health }) => ({ connector: declaration, ...(await health()) })),
      )
      const checks: Record<string, unknown[]> = { ...own }
      for (const { connector, systems } of found) {
        checks[`connector:${connector.id}`] = systems.map(({ system, probe, successRate, calls, status, affected }) => ({
          componentId: system,
          componentType: 'system',
          name: connector.name,
          status,
          time: probe.at,
          observedValue: successRate,
          observedUnit: 'success rate',
          calls,
          ...(affected.length > 0 ? { affectedEndpoints: affected.map((service) => `/v1/${connector.id}/${service}`) } : {}),
        }))
      }
      const platforms = [...app.platforms].map(([id, platform]) => platformCheck(id, platform))
      for (const check of platforms) checks[`platform:${check.componentId}`] = [check]
      // A sick agency is a warning about the hub, not its failure.
      const ours = worst(Object.values(own).map(([check]) => check?.status ?? 'fail'))
      const status = ours === 'pass' && [...found, ...platforms].some(({ status }) => status !== 'pass') ? 'warn' : ours
      return reply
        .code(ours === 'fail' ? 503 : 200)
        .type(MEDIA_TYPE)
        .send({ status, version, serviceId: 'xuchang-hub', checks })
    })

    app.get('/health/connectors/:id', { schema: schema('health.connector', '一个系统的健康状况') }, async (request, reply) => {
      const agency = app.openConnectors.get(pathPart(request, 'id'))
      if (!agency) throw new HubError('HUB_SERVICE_UNKNOWN')
      const { status, systems } = await agency.health()
      const { id, name } = agency.declaration
      const [main, ...further] = systems
      const oddities = [...app.services.values()]
        .filter(({ connector }) => connector.id === id)
        .flatMap(({ contract, oddities }) => oddities.list().map((oddity) => ({ service: contract.id, ...oddity })))
      const processes = await breakersOf(app.processes, id).catch(() => null)
      return reply.type(MEDIA_TYPE).send({ ...main, status, id, name, oddities, processes, ...(further.length > 0 ? { systems } : {}) })
    })

    async function ownChecks() {
      const database = await timed(() => app.database.raw('select 1'))
      const queue = await app.submissions.queueState().catch(() => null)
      return {
        database: [
          {
            componentType: 'datastore',
            status: (database.ok ? 'pass' : 'fail') as HealthState,
            observedValue: database.ms,
            observedUnit: 'ms',
            time: new Date().toISOString(),
          },
        ],
        queue: [{ componentType: 'component', status: queueStatus(queue), time: new Date().toISOString(), ...(queue ?? {}) }],
        audit: [
          { componentType: 'component', status: (app.audit.healthy ? 'pass' : 'warn') as HealthState, time: new Date().toISOString() },
        ],
        evidence: [evidenceCheck(app.evidence.state)],
      }
    }
  },
  {
    name: 'health',
    dependencies: [
      'connector-routes',
      'upstreams',
      'processes',
      'sign-on',
      'face-verification',
      'database',
      'evidence',
      'submissions',
      'openapi',
    ],
  },
)

/** What real calls say; nobody is asked on purpose, as a platform has no question that costs nothing. */
function platformCheck(id: string, { name, upstream }: Platform) {
  const { successRate, calls, lastSuccess, lastFailure } = upstream.summary()
  const [latest] = [lastSuccess, lastFailure?.at ?? null]
    .filter((at) => at !== null)
    .sort()
    .reverse()
  return {
    componentId: id,
    componentType: 'system',
    name,
    status: stateOf(upstream),
    time: latest ?? new Date().toISOString(),
    observedValue: successRate,
    observedUnit: 'success rate',
    calls,
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
