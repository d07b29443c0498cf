import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { request } from 'undici'
import { householdsOf } from '../connectors/water/sandbox/households.ts'
import type { Database } from '../core/base/database.ts'
import { issueSandboxToken } from '../plugins/sandbox/issuer.ts'
import { openDatabase } from '../plugins/store/open.ts'
import type { OrderAgency } from './order-agency.ts'
import { PAYERS } from './order-bills.ts'
import { type Measured, startProcess } from './process.ts'
import { alignColumns } from './table.ts'

const CALLERS = 16
/** Orders before those that count: V8 goes on optimising for a while. */
const WARM_UP_SHARE = 0.25
const PATIENCE_MS = 120_000
const ORDERS = '/v1/water/order-create'
const UNLIMITED = { max: 1e9, perSeconds: 60 }

type Channel = 'wechat' | 'alipay'

/**
 * Pays `count` bills through both channels and waits until the company has written all of them off; company and channels are a process
 * of their own. Prints orders a second from the first creation to the last write-off, and the CPU time of each process. → 1 where an
 * order is not written off.
 */
export async function benchOrders(count: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-bench-'))
  const running: Measured[] = []
  const start = async (module: string, env: Record<string, string>) => {
    const started = await startProcess(module, env, folder)
    running.push(started)
    return started
  }
  let database: Database | null = null
  try {
    const agency = await start('bench/order-agency.ts', { DATA_DIR: folder })
    const { company, merchants } = await agency.ask<OrderAgency>('agency')
    const { baseUrl = '', ...credentials } = company
    const connectors = join(folder, 'connectors.json')
    const rates = { 'order-create': UNLIMITED, 'bill-confirmation': UNLIMITED }
    writeFileSync(connectors, JSON.stringify({ water: { baseUrl, credentials, payment: merchants, rates } }))
    const hub = await start('bench/order-hub.ts', { DATA_DIR: folder, SANDBOX: 'on', CONNECTORS_FILE: connectors })
    const tokens = await Promise.all(
      PAYERS.map((person) => issueSandboxToken({ dataDir: folder, audience: 'xuchang-hub', person, face: true })),
    )
    database = openDatabase({ url: '', dataDir: folder })
    let next = 0

    async function payOne(): Promise<void> {
      const number = next++
      const at = number % PAYERS.length
      const channel: Channel = number % 2 === 0 ? 'wechat' : 'alipay'
      const household = householdsOf(PAYERS[at] ?? 1)[0]?.account ?? ''
      const post = async (path: string, body: object) => {
        const headers = {
          authorization: `Bearer ${tokens[at]}`,
          'content-type': 'application/json',
          'idempotency-key': `bench-order-${number}`,
        }
        const answer = await request(`${hub.origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
        const json = (await answer.body.json()) as { data: Record<string, string> }
        if (answer.statusCode >= 300) throw new Error(`${path} answers ${answer.statusCode}: ${JSON.stringify(json).slice(0, 300)}`)
        return json.data
      }
      const order = await post(ORDERS, { billNumber: `${household}-${number}` })
      const { url = '' } = await post(`${order['statusUrl']}/pay`, { channel, way: 'h5' })
      // The citizen's browser: Alipay learns of the order there.
      if (channel === 'alipay') await (await request(url)).body.dump()
      const page = `${agency.origin}/${channel === 'wechat' ? 'wechat-pay' : 'alipay'}/cashier`
      const form = new URLSearchParams({ number: String(order['number']), do: 'pay' }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      await (await request(page, { method: 'POST', headers, body: form })).body.dump()
    }

    async function run(orders: number): Promise<void> {
      let left = orders
      const caller = async () => {
        while (left-- > 0) await payOne()
      }
      await Promise.all(Array.from({ length: CALLERS }, caller))
      for (const end = Date.now() + PATIENCE_MS; (await open(database as Database)) > 0 && Date.now() < end; ) await wait(20)
    }

    const warmUp = Math.ceil(count * WARM_UP_SHARE)
    await run(warmUp)
    const before = [await hub.cpu(), await agency.cpu()]
    const began = Date.now()
    await run(count)
    const used = [(await hub.cpu()) - (before[0] ?? 0), (await agency.cpu()) - (before[1] ?? 0)]
    const unfinished = await open(database)
    const { ended, waited } = await times(database, began)
    report(count, (ended - began) / 1000, used, waited)
    if (unfinished > 0) console.log(`FAILED: ${unfinished} orders are not written off`)
    console.log(`orders per second: ${((count * 1000) / (ended - began)).toFixed(1)}`)
    return unfinished > 0 ? 1 : 0
  } finally {
    await database?.destroy()
    await Promise.all(running.map((each) => each.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}

async function open(database: Database): Promise<number> {
  const row = await database('orders').whereNot({ state: 'written-off' }).count({ n: '*' }).first()
  return Number(row?.['n'])
}

/** When the last of those made since then was written off, and how long each took from its creation, in milliseconds. */
async function times(database: Database, since: number): Promise<{ ended: number; waited: number[] }> {
  const rows = (await database('orders').where('created_at', '>=', since).whereNotNull('written_off_at')) as Record<string, number>[]
  const ends = rows.map((row) => Number(row['written_off_at']))
  return {
    ended: Math.max(...ends),
    waited: rows.map((row) => Number(row['written_off_at']) - Number(row['created_at'])).sort((a, b) => a - b),
  }
}

function report(count: number, seconds: number, [hub = 0, agency = 0]: readonly number[], waited: readonly number[]): void {
  const share = (of: number) => waited[Math.ceil(of * waited.length) - 1] ?? 0
  console.log(
    `${count} bills through both channels, ${CALLERS} citizens at once, from creation to written-off in ${seconds.toFixed(1)} s\n`,
  )
  const line = (name: string, cpu: number) => [name, (cpu / 1e6).toFixed(2), (cpu / 1000 / count).toFixed(2)]
  console.log(alignColumns([['', 'CPU s', 'CPU ms/order'], line('hub', hub), line('company and channels', agency)]))
  console.log(`\ncreation to written-off: p50 ${share(0.5)} ms, p99 ${share(0.99)} ms`)
}
