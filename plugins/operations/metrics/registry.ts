import type { Gauge, Registry } from 'prom-client'
import type { Metric } from './metric.ts'

/** prom-client writes the text and knows the process; what is read is the hub's own. Loaded where somebody looks. */
export async function openRegistry(metrics: readonly Metric[]): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import('prom-client')
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const metric of metrics) registry.registerMetric(asPromClient(metric))
  return registry
}

/** Of a metric a registry asks nothing but `get`, whatever its type says. */
function asPromClient({ name, help, type, read }: Metric): Gauge {
  const get = async () => ({
    name,
    help,
    type,
    values: (await read()).map(({ name: metricName, ...rest }) => ({ ...rest, ...(metricName && { metricName }) })),
  })
  return { name, help, type, get } as unknown as Gauge
}
