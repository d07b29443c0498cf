import { buildApp } from '../../app.ts'
import { readSettings } from '../../config/settings.ts'
import { bookingConnector } from './booking-connector.ts'

/** Whoever stands in a long line waits for his turn: the machine may be busy with other tests. */
const TIMEOUT_MS = 60_000

/** A hub that takes bookings, as a process of its own; with waits of parts of a second. */
const { services, ...connector } = bookingConnector()
const patient = services.map((service) => ({ ...service, contract: { ...service.contract, timeoutMs: TIMEOUT_MS } }))
const jobs = { sweepMs: 200, pace: { baseMs: 100, maxMs: 400, settleMs: 300, leaseMs: 5000 } }
const declarations = [{ ...connector, services: patient }]
const app = await buildApp({ settings: readSettings(), declarations, logger: { level: 'error' }, jobs })
process.stdout.write(`listening ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`)
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)))
