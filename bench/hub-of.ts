import { buildApp } from '../app.ts'
import { readSettings } from '../config/settings.ts'
import { loadConnectors } from '../plugins/load-connectors.ts'

/** A hub as `npm start` runs it, with the connectors that BENCH_CONNECTORS names, separated by commas; all of them where it names none. */
const wanted = new Set((process.env['BENCH_CONNECTORS'] ?? '').split(',').filter(Boolean))
const connectors = await loadConnectors()
const missing = [...wanted].filter((id) => !connectors.some((connector) => connector.id === id))
if (missing.length > 0) throw new Error(`no connector ${missing.join(', ')}`)
const app = await buildApp({
  settings: readSettings(),
  declarations: wanted.size > 0 ? connectors.filter(({ id }) => wanted.has(id)) : connectors,
  logger: { level: 'error' },
})
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)))
console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
