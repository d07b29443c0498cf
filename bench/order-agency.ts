import { startSandbox } from '../plugins/sandbox/server.ts'
import { manyBills } from './order-bills.ts'

/** What the hub has to know of them. */
export interface OrderAgency {
  company: Record<string, string>
  merchants: object
}

/** The company and both payment channels as a process of their own. */
const sandbox = await startSandbox({ connectors: [manyBills], dataDir: String(process.env['DATA_DIR']), headerPrefix: 'x' })
const { name } = manyBills.upstream.dialect
const company = sandbox[name as 'exchange'] as unknown as Record<string, string>

process.on('message', (question) => {
  if (question === 'agency') process.send?.({ answer: { company, merchants: sandbox.payments.merchants() } satisfies OrderAgency })
})
process.once('SIGTERM', () => void sandbox.close().then(() => process.exit(0)))
console.log(sandbox.origin)
