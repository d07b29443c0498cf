import { buildApp } from '../../app.ts'
import { readSettings } from '../../config/settings.ts'
import { loadConnectors } from '../../plugins/load-connectors.ts'

/**
 * A hub as a process of its own, for tests that kill it. It differs from server.ts only in its
 * pace: leases and waits of seconds rather than half minutes.
 */
const declarations = (await loadConnectors()).map((connector) => ({
  ...connector,
  services: connector.services.map((service) => ({ ...service, contract: { ...service.contract, timeoutMs: 2000 } })),
}))
const app = await buildApp({
  settings: readSettings(),
  declarations,
  logger: { level: 'warn' },
  jobs: { sweepMs: 100, pace: { baseMs: 50, maxMs: 400, settleMs: 500, marginMs: 200 } },
})
process.stdout.write(`listening ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)))
