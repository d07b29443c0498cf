import fp from 'fastify-plugin'
import { createExpiries, type Expiry } from '../expiry.ts'
import { agencyMetrics } from './agencies.ts'
import { candidateMetrics } from './candidates.ts'
import { type Listener, listen } from './listener.ts'
import { gauge, type Metric, sample } from './metric.ts'
import { ownMetrics } from './own.ts'
import { openRegistry } from './registry.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What runs out, and when. */
    expiries: () => Promise<readonly Expiry[]>
    /** Where Prometheus finds the metrics, known once the hub listens; null for nowhere. */
    metricsUrl: Promise<string | null>
  }
}

/** `/metrics` on a port of its own (docs/monitoring.md), from the moment at which the hub listens. */
export default fp(
  async (app) => {
    const { METRICS_PORT, METRICS_HOST } = app.settings
    const expiries = createExpiries(app)
    const { promise: metricsUrl, resolve: found } = Promise.withResolvers<string | null>()
    let listener: Listener | null = null
    app.decorate('expiries', expiries)
    app.decorate('metricsUrl', metricsUrl)
    const { seen } = app
    if (!seen) return found(null)

    const metrics = [...seen.metrics, ...agencyMetrics(app), ...ownMetrics(app), ...candidateMetrics(app), ...expiryMetrics(expiries)]
    app.addHook('onListen', async () => {
      try {
        const failed = (error: unknown) => app.log.warn({ err: error }, '指标读取失败')
        listener = await listen(await openRegistry(metrics), METRICS_HOST, Number(METRICS_PORT), failed)
        app.log.info({ url: listener.url }, '指标可供读取')
      } catch (error) {
        // Without anybody looking the hub works on.
        const { code } = error as { code?: unknown }
        app.log.error({ code, host: METRICS_HOST, port: METRICS_PORT }, '不能在 METRICS_PORT 上监听，指标无法读取')
      }
      found(listener?.url ?? null)
    })
    app.addHook('onClose', async () => listener?.close())
  },
  { name: 'metrics', dependencies: ['seen', 'upstreams', 'jobs', 'schedules', 'audit', 'evidence'] },
)

function expiryMetrics(expiries: () => Promise<readonly Expiry[]>): Metric[] {
  const of = (kind: Expiry['kind']) => async () =>
    (await expiries()).filter((each) => each.kind === kind).map(({ subject, at }) => sample(at / 1000, { subject }))
  return [
    gauge(
      'hub_certificate_expiry_timestamp_seconds',
      'When certificates of agencies, of the hub’s own address and of the seal end',
      of('certificate'),
    ),
    gauge('hub_credential_expiry_timestamp_seconds', 'When credentials end, where an operator has noted it', of('credential')),
  ]
}
