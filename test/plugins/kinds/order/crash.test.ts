import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import type { Sums } from '../../../../plugins/kinds/order/reconciliation/compare.ts'
import type { ReconciliationRow } from '../../../../plugins/kinds/order/reconciliation/rows.ts'
import { fenOf } from '../../../../plugins/payments/fen.ts'
import { issueSandboxToken } from '../../../../plugins/sandbox/issuer.ts'
import { people } from '../../../../plugins/sandbox/people.ts'
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/server.ts'
import { openDatabase, storeName } from '../../../../plugins/store/open.ts'
import { OFF, OFF_STATUS } from '../../../helper/bills.ts'
import { build } from '../../../helper/hub.ts'
import { BILLS_EACH, manyBills } from '../../../helper/many-bills.ts'
import { targets } from '../../../helper/targets.ts'

type Channel = 'wechat' | 'alipay'
interface Hub {
  address: string
  child: ChildProcess
}
interface Task {
  person: number
  bill: string
  channel: Channel
}

/** Those who have a household of their own. */
const PAYERS = [1, 3]
const CALLERS = 12
/** A sample at a desk. All thousand of them take two minutes of processor time: `BILLS=all`, as CI does. */
const BILLS = { embedded: 60, servers: process.env['BILLS'] === 'all' ? PAYERS.length * BILLS_EACH : 120 }
/** Milliseconds; a machine that others use needs longer for all of them. */
const TIMEOUT = process.env['BILLS'] === 'all' ? 600_000 : 180_000

async function startHub(env: Record<string, string>): Promise<Hub> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../../helper/order-hub-process.ts', import.meta.url))], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream }))
    if (line.startsWith('listening ')) return { address: line.slice('listening '.length), child }
  throw new Error('the hub did not start')
}

/** What goes wrong all the while, at the company and at the channels. The first of a kind meet in one call, the last refusals stand alone. */
function trouble({ faults }: Sandbox): void {
  faults.set({ kind: 'accepted-then-reset', sid: OFF, times: 4 })
  faults.set({ kind: 'http-503', sid: OFF, times: 2 })
  faults.set({ kind: 'refuse-submission', sid: OFF, times: 6 })
  faults.set({ kind: 'http-500', sid: OFF_STATUS, times: 2 })
  faults.set({ kind: 'accepted-then-reset', sid: 'wechat', times: 4 })
  faults.set({ kind: 'reset', sid: 'alipay', times: 4 })
}

for (const target of targets) {
  const count = BILLS[target.name]
  t.test(`${count} bills are paid while everything is killed: ${target.name}`, { timeout: TIMEOUT }, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    const households = await build({ teardown: () => undefined }, { store: settings, declarations: [manyBills] })
    for (const person of PAYERS)
      await households.app.accounts.store.bind({
        userId: people[person - 1]?.id ?? '',
        connector: 'waterworks',
        externalId: `1000000${person}`,
        unionId: null,
        level: 'real-name',
        by: 'id-match',
      })
    await households.app.close()

    // Company and channels outlive the hub, as they do.
    const outside = await startSandbox({ connectors: [manyBills], dataDir: settings.DATA_DIR, headerPrefix: 'gjgxjhpt' })
    t.teardown(() => outside.close())
    const { payments } = outside
    const file = join(settings.DATA_DIR, 'connectors.json')
    writeFileSync(file, JSON.stringify({ waterworks: { payment: payments.merchants() } }))
    const env = {
      ...settings,
      NODE_ENV: 'test',
      SANDBOX: 'on',
      CONNECTORS_FILE: file,
      EXCHANGE_BASE_URL: outside.exchange.baseUrl,
      EXCHANGE_REQUESTER_ID: outside.exchange.requesterId,
      EXCHANGE_APP_KEY: outside.exchange.appKey,
    }
    const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
    t.teardown(() => database.destroy())

    const left = Array.from({ length: count }, (_, number): Task => {
      const person = PAYERS[number % PAYERS.length] ?? 1
      const position = Math.floor(number / PAYERS.length)
      return { person, bill: `M${person}${String(position).padStart(4, '0')}`, channel: position % 2 === 0 ? 'wechat' : 'alipay' }
    })
    let paid = 0
    const tokens = new Map<number, string>()
    for (const person of PAYERS)
      tokens.set(person, await issueSandboxToken({ dataDir: settings.DATA_DIR, audience: 'xuchang-hub', person, face: true }))

    /** One citizen after the other, until the hub dies; whoever was under way begins again with the same key. */
    async function citizen({ address }: Hub): Promise<void> {
      for (let task = left.shift(); task; task = left.shift())
        try {
          await payOne(address, task)
          paid++
        } catch {
          left.push(task)
          await sleep(20)
          if (!(await alive(address))) return
        }
    }

    async function payOne(address: string, { person, bill, channel }: Task): Promise<void> {
      const headers = {
        authorization: `Bearer ${tokens.get(person)}`,
        'content-type': 'application/json',
        'idempotency-key': `crash-${bill}`,
      }
      const post = (path: string, body: object) =>
        fetch(`${address}${path}`, { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(15_000) })
      const made = await post('/v1/waterworks/orders', { billNumber: bill })
      if (made.status !== 201) throw new Error(`an order was answered with ${made.status} ${await made.text()}`)
      const { statusUrl, number } = ((await made.json()) as { data: { statusUrl: string; number: string } }).data
      if (!payments.ledger(channel).find(number)?.paidAt) {
        const handed = await post(`${statusUrl}/pay`, { channel, way: 'h5' })
        if (handed.status !== 200) throw new Error(`paying was answered with ${handed.status} ${await handed.text()}`)
        const { url } = ((await handed.json()) as { data: { url: string } }).data
        if (channel === 'alipay') await fetch(url)
        payments.pay(channel, number)
      }
      await notices(address, channel, number, bill)
    }

    /** As they come: twice, late, and from whoever likes to make one up. */
    async function notices(address: string, channel: Channel, number: string, bill: string): Promise<void> {
      const trade = payments.ledger(channel).find(number)
      if (!trade?.paidAt) throw new Error('not paid')
      const wrong = [{ amountFen: 1 }, { at: Date.now() - 400_000 }, { unsigned: true as const }]
      // The forger's key takes its time to make.
      const forged = bill.endsWith('07') ? [{ forged: true as const }] : []
      const changes = [{}, {}, ...(bill.endsWith('7') ? wrong : []), ...forged]
      for (const change of changes) {
        const { headers, body } = payments.noticeOf(channel, trade, change)
        const url = `${address}/v1/payment-notices/waterworks/${channel}`
        // A notice that is lost is no loss.
        await fetch(url, { method: 'POST', headers, body }).catch(() => undefined)
      }
    }

    /** Until so many are paid; then, at the worst moment, something is taken away. */
    const reached = async (share: number) => {
      while (paid < count * share && left.length > 0) await sleep(5)
    }
    let hub = await startHub(env)
    t.teardown(() => hub.child.kill('SIGKILL'))
    for (const share of [0.3, 0.6]) {
      trouble(outside)
      const citizens = Array.from({ length: CALLERS }, () => citizen(hub))
      await reached(share)
      await empty(settings)
      hub.child.kill('SIGKILL')
      await Promise.all([once(hub.child, 'exit'), ...citizens])
      hub = await startHub(env)
    }
    trouble(outside)
    const citizens = Array.from({ length: CALLERS }, () => citizen(hub))
    await reached(0.8)
    if (database.engine === 'mysql') await cut()
    await Promise.all(citizens)
    t.equal(paid, count)

    const open = () => database('orders').whereNotIn('state', ['written-off', 'refunded', 'closed']).count({ n: '*' }).first()
    for (const end = Date.now() + 60_000; Number((await open())?.['n']) > 0 && Date.now() < end; ) await sleep(50)
    hub.child.kill('SIGTERM')
    await once(hub.child, 'exit')

    const orders = await database('orders').select('number', 'state', 'channel', 'amount_fen', 'bill_hash')
    const trades = (['wechat', 'alipay'] as const).flatMap((channel) => payments.ledger(channel).all())
    const books = new Map(companyBooks(settings.DATA_DIR).map((entry) => [entry.lsh, entry]))
    const inState = (state: string) => orders.filter((order) => order.state === state)
    const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
    const kept = trades.filter(({ paidAt, refunds }) => paidAt !== null && refunds.size === 0)
    t.same(
      orders.filter(({ state }) => !['written-off', 'refunded'].includes(state)),
      [],
      'every bill is written off or its money is back',
    )
    t.equal(new Set(orders.map(({ bill_hash }) => bill_hash)).size, count)
    t.equal(orders.length, count, 'one order for each bill')
    t.same(
      [...outside.counts('order')].filter(([, times]) => times !== 1),
      [],
      'nothing was written off twice',
    )
    t.same(
      inState('written-off')
        .map(({ number }) => number)
        .sort(),
      [...books.keys()].sort(),
      'the company has what the hub says',
    )
    t.same(
      inState('written-off')
        .map(({ number }) => number)
        .sort(),
      kept.map(({ number }) => number).sort(),
      'and so have the channels',
    )
    const hubFen = sum(inState('written-off').map(({ amount_fen }) => Number(amount_fen)))
    const channelFen = sum(kept.map(({ amountFen }) => amountFen))
    const companyFen = sum([...books.values()].map(({ je }) => fenOf(je) ?? Number.NaN))
    t.same([channelFen, companyFen], [hubFen, hubFen], `${hubFen} fen in all three ledgers`)
    t.ok(inState('refunded').length > 0, 'some were refused')
    t.same(
      trades.filter(
        ({ amountFen, refunds }) => sum([...refunds.values()].map((refund) => refund.amountFen)) > amountFen || refunds.size > 1,
      ),
      [],
      'nothing went back twice',
    )
    const days = await reconciled(t, settings, env)
    const total = (name: keyof Sums) => sum(days.map(({ sums }) => sums?.[name] ?? Number.NaN))
    t.same(
      days.filter(({ state, differing }) => state !== 'matched' || differing > 0),
      [],
      'the report says that the three agree',
    )
    t.same(
      [total('channelFen'), total('companyFen') + total('returnedFen'), total('hubRefundFen')],
      [total('hubFen'), total('hubFen'), total('channelRefundFen')],
      `${total('hubFen')} fen were paid, ${total('companyFen')} written off, ${total('returnedFen')} given back`,
    )
    t.equal(total('companyFen'), companyFen)
    t.equal(sum(days.map(({ settled }) => settled)), inState('written-off').length)
    const end = (await database('orders').select('state').count({ n: '*' }).groupBy('state')) as { state: string; n: number | string }[]
    t.same(
      Object.fromEntries(end.map(({ state, n }) => [state, Number(n)])),
      { settled: inState('written-off').length, refunded: inState('refunded').length },
      'and all of it is settled or given back',
    )
    t.comment(`${count} bills, ${inState('written-off').length} written off, ${inState('refunded').length} given back`)

    /** Ends every connection to this test's own database. */
    async function cut(): Promise<void> {
      const [rows] = await database.raw('select id from information_schema.processlist where db = database() and id <> connection_id()')
      for (const { id } of rows as { id: number }[]) await database.raw('kill ?', [Number(id)]).catch(() => undefined)
    }
  })
}

/** The day after: what the channels' bills, the hub and the company say of the day, by the report that staff read. */
async function reconciled(t: Test, store: Record<string, string>, env: Record<string, string>): Promise<ReconciliationRow[]> {
  const jobs = { sweepMs: 50, reconciling: { now: () => Date.now() + 86_400_000, againMs: 50 } }
  const hub = await build(t, { store, env, declarations: [manyBills], jobs })
  const { reconciliations } = hub.app.orders
  t.ok((await reconciliations.plan()) > 0)
  const rows = async () => (await reconciliations.rows.list({ page: 1, pageSize: 100 })).rows
  const isOver = ({ state }: ReconciliationRow) => state === 'matched' || state === 'failed'
  for (const end = Date.now() + 60_000; !(await rows()).every(isOver) && Date.now() < end; ) await sleep(50)
  return (await hub.get('/admin/reconciliations')).json().data
}

async function alive(address: string): Promise<boolean> {
  return fetch(`${address}/health/live`, { signal: AbortSignal.timeout(5000) }).then(
    () => true,
    () => false,
  )
}

/** Takes from Redis all that this hub has in it, and nothing of anybody else. */
async function empty({ REDIS_URL, DATABASE_URL, DATA_DIR }: { REDIS_URL: string; DATABASE_URL: string; DATA_DIR: string }): Promise<void> {
  if (REDIS_URL === '') return
  const redis = new Redis(REDIS_URL)
  const keys = await redis.keys(`*${storeName(DATABASE_URL, DATA_DIR)}*`)
  if (keys.length > 0) await redis.del(keys)
  redis.disconnect()
}

function companyBooks(dataDir: string): { lsh: string; je: string }[] {
  const bySerial = new Map<string, { lsh: string; je: string }>()
  const bills = new Map<string, string>()
  for (const line of readFileSync(join(dataDir, 'sandbox-write-offs.jsonl'), 'utf8').split('\n').filter(Boolean)) {
    const { serial, bill, amount } = JSON.parse(line) as { serial: string; bill: string; amount: string }
    if ((bills.get(bill) ?? serial) !== serial) continue
    bills.set(bill, serial)
    bySerial.set(serial, { lsh: serial, je: amount })
  }
  return [...bySerial.values()]
}
