import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Agent, request } from 'undici'
import { issueSandboxToken } from '../../../../plugins/sandbox/issuer.ts'
import { people } from '../../../../plugins/sandbox/people.ts'
import { startSandbox } from '../../../../plugins/sandbox/server.ts'
import { openDatabase } from '../../../../plugins/store/open.ts'
import { bookingConnector, PLACES } from '../../../helper/booking-connector.ts'
import { build } from '../../../helper/hub.ts'
import { targets } from '../../../helper/targets.ts'

const HUBS = 2
/** As many as the city's servers stand at once; the embedded store is one file. */
const RUSH = { servers: 2000, embedded: 150 }
/** Of a hub that has its hands full: the same key, a moment later. */
const AGAIN: ReadonlySet<number> = new Set([429, 503])
const AGAIN_MS = 1000

async function startHub(env: Record<string, string>): Promise<{ address: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../../helper/booking-hub-process.ts', import.meta.url))], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream }))
    if (line.startsWith('listening ')) return { address: line.slice('listening '.length), child }
  throw new Error('the hub did not start')
}

for (const target of targets) {
  const count = RUSH[target.name]
  t.test(`${count} at once for ${PLACES} places, at ${HUBS} hubs: ${target.name}`, { timeout: 180_000 }, async (t) => {
    const { settings, drop } = await target.create()
    t.teardown(drop)
    // Migrated, and with its people, before two of them begin at once.
    const first = await build({ teardown: () => undefined }, { store: settings, declarations: [bookingConnector()] })
    await first.app.close()

    const outside = await startSandbox({ connectors: [bookingConnector()], dataDir: settings.DATA_DIR, headerPrefix: 'gjgxjhpt' })
    t.teardown(() => outside.close())
    const { baseUrl, requesterId, appKey } = outside.exchange
    const agency = { EXCHANGE_BASE_URL: baseUrl, EXCHANGE_REQUESTER_ID: requesterId, EXCHANGE_APP_KEY: appKey }
    const env = { ...settings, NODE_ENV: 'test', SANDBOX: 'on', ...agency }
    const hubs = await Promise.all(Array.from({ length: HUBS }, () => startHub(env)))
    t.teardown(async () => {
      for (const { child } of hubs) {
        child.kill('SIGTERM')
        if (child.exitCode === null) await once(child, 'exit')
      }
    })
    const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
    t.teardown(() => database.destroy())
    const dispatcher = new Agent({ connections: 100, allowH2: false })
    t.teardown(() => dispatcher.close())
    const tokens = await Promise.all(
      people.map(({ index }) => issueSandboxToken({ dataDir: settings.DATA_DIR, audience: 'xuchang-hub', person: index, face: true })),
    )

    async function book(number: number): Promise<string> {
      const { address } = hubs[number % HUBS] as (typeof hubs)[number]
      const headers = {
        authorization: `Bearer ${tokens[number % tokens.length]}`,
        'content-type': 'application/json',
        'idempotency-key': `rush-${number}-key`,
      }
      for (;;) {
        const body = JSON.stringify({ session: 'H1', guests: 1 })
        const answer = await request(`${address}/v1/rooms/room`, { method: 'POST', headers, body, dispatcher, headersTimeout: 60_000 })
        const told = (await answer.body.json()) as { code?: string; data?: { state: string } }
        if (!AGAIN.has(answer.statusCode)) return told.code ?? told.data?.state ?? String(answer.statusCode)
        await sleep(AGAIN_MS * (1 + Math.random()))
      }
    }
    const answers = await Promise.all(Array.from({ length: count }, (_, number) => book(number)))
    const said = Object.groupBy(answers, (answer) => answer)
    t.same(Object.fromEntries(Object.entries(said).map(([answer, all]) => [answer, all?.length])), {
      confirmed: PLACES,
      HUB_BOOKING_FULL: count - PLACES,
    })

    const states = (await database('bookings').select('state').count({ n: '*' }).groupBy('state')) as { state: string; n: number }[]
    const inState = (wanted: string) => Number(states.find(({ state }) => state === wanted)?.n ?? 0)
    t.equal(inState('confirmed'), PLACES)
    t.same(
      states.map(({ state }) => state).filter((state) => state !== 'confirmed' && state !== 'failed'),
      [],
      'nobody waits for anything',
    )
    const [seats] = (await database('booking_seats').count({ n: '*' })) as [{ n: number }]
    t.equal(Number(seats.n), PLACES)
    t.same(
      [...outside.counts('booking').values()].filter((times) => times !== 1),
      [],
      'none asked for twice',
    )
    const left = await request(`${hubs[0]?.address}/v1/rooms/sessions`, { headers: { authorization: `Bearer ${tokens[0]}` }, dispatcher })
    const { data } = (await left.body.json()) as { data: { session: string; left: number }[] }
    t.equal(data.find(({ session }) => session === 'H1')?.left, 0, 'and nothing more is held at the agency')
  })
}
