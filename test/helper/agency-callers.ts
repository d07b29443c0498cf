import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildApp } from '../../app.ts'
import { readSettings } from '../../config/settings.ts'
import { issueSandboxToken } from '../../plugins/sandbox/issuer.ts'
import { museum } from './museum-connector.ts'

/**
 * A hub as a process of its own with many callers of one user's account, for test/plugins/agency-accounts/renewal.test.ts.
 * Says that it is ready, waits for a word to start, and reports when it is through.
 */
export interface CallersOrder {
  env: Record<string, string>
  callers: number
  forMs: number
  leaseMs: number
}

export interface CallersReply {
  calls: number
  /** Codes of answers other than 200. */
  failures: string[]
}

const order = JSON.parse(process.argv[2] as string) as CallersOrder
const settings = readSettings(order.env)
const app = await buildApp({ settings, declarations: [museum], logger: false, accountsPace: { leaseMs: order.leaseMs, pollMs: 10 } })
await app.ready()
const token = await issueSandboxToken({ dataDir: settings.DATA_DIR, audience: settings.TOKEN_AUDIENCE })
const failures: string[] = []
let calls = 0

async function caller(until: number) {
  while (Date.now() < until) {
    const reply = await app.inject({ url: '/v1/science-museum/bookings', headers: { authorization: `Bearer ${token}` } })
    calls++
    if (reply.statusCode !== 200) failures.push((reply.json() as { code: string }).code)
    await sleep(5)
  }
}

process.send?.('ready')
await once(process, 'message')
const until = Date.now() + order.forMs
await Promise.all(Array.from({ length: order.callers }, () => caller(until)))
await app.close()
process.send?.({ calls, failures } satisfies CallersReply)
process.disconnect?.()
