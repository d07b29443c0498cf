import { buildApp } from '../../app.ts'
import { readSettings } from '../../config/settings.ts'
import medicalInsurance from '../../connectors/medical-insurance/index.ts'
import { leave } from '../../plugins/draining.ts'

/** One of several hubs behind a proxy, as a process of its own: of one connector, on the port that is set, in haste. */
const settings = readSettings()
const app = await buildApp({
  settings,
  declarations: [medicalInsurance],
  logger: { level: 'error' },
  jobs: { sweepMs: 100, pace: { baseMs: 50, maxMs: 400, settleMs: 500, marginMs: 200, leaseMs: 3000 } },
})
process.once('SIGTERM', (signal) => void leave(app, signal).then(() => process.exit(0)))
process.stdout.write(`listening ${await app.listen({ host: settings.HOST, port: settings.PORT })}\n`)
