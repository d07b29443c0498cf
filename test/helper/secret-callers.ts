import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { createVault } from '../../core/base/vault.ts'
import { createSecretStore } from '../../core/upstream/secret-store.ts'
import { openDatabase } from '../../plugins/store/open.ts'

/**
 * A process of its own with many callers of one secret, for test/core/upstream/secret-store.test.ts. Started with
 * JSON as its argument; says that it is ready, waits for a word to start, and reports when it is through.
 */
export interface CallersOrder {
  database: { url: string; dataDir: string }
  masterKey: string
  /** A GET there fetches a secret: `{ secret, expiresAt }`, the secret being `<number>-<expiresAt>`. */
  issuer: string
  callers: number
  forMs: number
}

export interface CallersReply {
  uses: number
  failures: string[]
}

const order = JSON.parse(process.argv[2] as string) as CallersOrder
const database = openDatabase(order.database)
const store = createSecretStore({
  database,
  vault: createVault(Buffer.from(order.masterKey, 'hex')),
  log: pino({ level: 'silent' }),
  pollMs: 10,
})
const id = store.idOf('forked')
const failures: string[] = []
let uses = 0

async function fetchFresh() {
  const reply = await fetch(order.issuer)
  return (await reply.json()) as { secret: string; expiresAt: number }
}

async function caller() {
  while (Date.now() < until) {
    try {
      const held = store.current(id) ?? (await store.obtain(id, fetchFresh))
      if (Date.now() >= held.dueAt) store.obtain(id, fetchFresh).catch((error) => failures.push(String(error)))
      if (Number(held.value.split('-')[1]) <= Date.now()) failures.push('an expired secret was handed out')
      uses++
    } catch (error) {
      failures.push(String(error))
    }
    await sleep(10)
  }
}

await database.raw('select 1')
process.send?.('ready')
await once(process, 'message')
const until = Date.now() + order.forMs
await Promise.all(Array.from({ length: order.callers }, caller))
await database.destroy()
process.send?.({ uses, failures } satisfies CallersReply)
process.disconnect?.()
