import { buildApp } from '../../app.ts'
import { readSettings } from '../../config/settings.ts'
import { manyBills } from './many-bills.ts'

/** A hub that takes money, as a process of its own, for a test that kills it; with leases and waits of parts of a second. */
const jobs = { sweepMs: 100, pace: { baseMs: 100, maxMs: 400, settleMs: 300, closeMs: 0, leaseMs: 1500 } }
const app = await buildApp({
  settings: readSettings(),
  declarations: [manyBills],
  logger: { level: 'error' },
  jobs,
})
process.stdout.write(`listening ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)))
