import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { end, freePort, haproxy, startHaproxy } from '../../bench/haproxy.ts'
import { readSettings } from '../../config/settings.ts'
import medicalInsurance from '../../connectors/medical-insurance/index.ts'
import type { Database } from '../../core/base/database.ts'
import { createVault } from '../../core/base/vault.ts'
import { verifyAudit } from '../../plugins/audit/verify.ts'
import { issueSandboxToken } from '../../plugins/sandbox/issuer.ts'
import { startSandbox } from '../../plugins/sandbox/server.ts'
import { openDatabase } from '../../plugins/store/open.ts'
import { targets } from '../helper/targets.ts'

const servers = targets.find(({ name }) => name === 'servers')
const HUB = fileURLToPath(new URL('../helper/deployed-hub-process.ts', import.meta.url))
/** Calls come by the clock, whether those before are answered or not. */
const CALLS_A_SECOND = 20
const PEOPLE = [1, 2, 4, 5, 6]
const DRAIN_SECONDS = 8
/** From where the calls come, and what they say of it. */
const CLIENT = '127.0.0.2'
const FORGED = '203.0.113.9'

interface Call {
  /** Number of the call; a filing's idempotency key. */
  number: number
  filing: boolean
  /** Port from which it came, by which the proxy's log knows it. */
  port: number
  /** 0 where the connection broke. */
  status: number
  /** What came instead of an answer. */
  instead: string
  /** Of an acknowledged filing. */
  id: string | null
}

const skip = !servers ? 'MariaDB and Redis do not answer' : !haproxy && process.env['CI'] !== 'true' ? 'no haproxy' : false

t.test('two processes behind HAProxy: one is killed and comes back, then both are upgraded in turn', { skip }, async (t) => {
  if (!servers) return
  const { settings, drop } = await servers.create()
  t.teardown(drop)
  const agency = await startSandbox({
    connectors: [medicalInsurance],
    dataDir: settings.DATA_DIR,
    headerPrefix: 'gjgxjhpt',
    timing: { progressStepMs: 20 },
  })
  t.teardown(() => agency.close())
  const connectors = join(settings.DATA_DIR, 'connectors.json')
  const unlimited = { max: 1e6, perSeconds: 60 }
  const rates = { 'resident-enrolment': unlimited, 'personal-insurance-information': unlimited }
  writeFileSync(connectors, JSON.stringify({ 'medical-insurance': { rates } }))
  const env = {
    ...settings,
    NODE_ENV: 'test',
    CONNECTORS_FILE: connectors,
    TRUST_PROXY: '127.0.0.1',
    DRAIN_SECONDS: String(DRAIN_SECONDS),
    EXCHANGE_BASE_URL: agency.exchange.baseUrl,
    EXCHANGE_REQUESTER_ID: agency.exchange.requesterId,
    EXCHANGE_APP_KEY: agency.exchange.appKey,
  }
  const ports = [await freePort(), await freePort()] as const
  const running: ChildProcess[] = []
  const start = async (port: number) => {
    const hub = await startHub(port, env)
    running.push(hub)
    return hub
  }
  t.teardown(() => Promise.all(running.map((hub) => end(hub, 'SIGKILL'))))

  const [first, second] = await Promise.all([start(ports[0]), start(ports[1])])
  const proxy = await startHaproxy([`127.0.0.1:${ports[0]}`, `127.0.0.1:${ports[1]}`])
  t.teardown(() => proxy.close())
  const tokens = await Promise.all(
    PEOPLE.map((person) => issueSandboxToken({ dataDir: settings.DATA_DIR, audience: 'xuchang-hub', person, face: true })),
  )
  const load = startLoad(proxy.port, tokens)
  t.teardown(() => load.pause())
  const served = (name: string) =>
    proxy.passed().filter(({ server, status }) => server === name && (status === 200 || status === 202)).length
  const serving = async (name: string, more: number) => {
    const before = served(name)
    await until(() => served(name) >= before + more)
  }

  await Promise.all([serving('hub1', 15), serving('hub2', 15)])
  await end(first, 'SIGKILL')
  await serving('hub2', 20)
  await load.pause()
  const beforeRestart = load.calls.length

  const third = await start(ports[0])
  load.resume()
  await serving('hub1', 3)
  await end(second, 'SIGTERM')
  const database = openDatabase({ url: settings.DATABASE_URL, dataDir: settings.DATA_DIR })
  t.teardown(() => database.destroy())
  // What the first process of the next version does, while the other serves on.
  await addNextVersion(database)
  await serving('hub1', 10)
  const fourth = await start(ports[1])
  await serving('hub2', 3)
  await end(third, 'SIGTERM')
  await serving('hub2', 10)
  await load.pause()
  const { calls } = load
  t.same([second.exitCode, third.exitCode], [0, 0], 'both ended in good order')

  const failed = calls.filter(({ status }) => status !== 200 && status !== 202)
  t.comment(proxy.states().join('\n'))
  t.ok(calls.length > 80, `${calls.length} calls, ${failed.length} of them failed`)
  t.same(
    failed.filter(({ number }) => number >= beforeRestart).slice(0, 3),
    [],
    'not one call failed while each was told to end in its turn, and the structure grew',
  )
  // A port may be taken again by a later call.
  const onKilled = new Set(
    proxy.passed().flatMap(({ server, ending, clientPort }) => (server === 'hub1' && ending.startsWith('S') ? clientPort : [])),
  )
  t.same(failed.filter(({ port }) => !onKilled.has(port)).slice(0, 3), [], 'whatever failed was under way on the process that was killed')
  t.same(failed.filter(({ filing }) => !filing).slice(0, 3), [], 'questions were asked again by the proxy; filings are for their senders')

  // Whoever got no answer asks again, with the same key.
  const again = await Promise.all(failed.map(({ number }) => ask(proxy.port, tokens, number)))
  t.same(again.filter(({ id }) => id === null).slice(0, 3), [], 'what failed is taken when it is sent again')
  const open = () => database('submissions').whereIn('state', ['filed', 'sending']).first('id')
  await until(async () => (await open()) === undefined)
  await end(fourth, 'SIGTERM')

  const stored: { id: string; state: string }[] = await database('submissions').select('id', 'state')
  const ids = new Set(stored.map(({ id }) => id))
  const acknowledged = [...calls, ...again].flatMap(({ id }) => id ?? [])
  t.ok(acknowledged.length > 30, `${acknowledged.length} filings were acknowledged`)
  t.same(
    acknowledged.filter((id) => !ids.has(id)),
    [],
    'every acknowledged filing is in the store',
  )
  t.equal(new Set(acknowledged).size, stored.length, 'and nothing that nobody was told of')
  t.same(
    stored.filter(({ state }) => ['filed', 'sending', 'attention', 'refused'].includes(state)),
    [],
    'each reached the agency',
  )
  t.same(
    [...agency.filings().values()].sort(),
    stored.map(() => 1),
    'exactly once',
  )
  const { faults } = await verifyAudit({ database, vault: createVault(readSettings(env).keys) })
  t.same(faults, [], 'the chain of evidence holds')
  const rows: { record: string }[] = await database('audit_rows').where({ service: 'personal-insurance-information' }).select('record')
  const addresses = new Set(rows.map(({ record }) => (JSON.parse(record) as { clientIp: string }).clientIp))
  t.same([...addresses], [CLIENT], 'the address is the one that the proxy saw, whatever the client says')
})

/** A migration that this version does not know: as each must, it only adds (docs/deployment.md). */
async function addNextVersion(database: Database): Promise<void> {
  for (const name of ['submissions', 'audit_rows', 'users', 'jobs'])
    if (await database.schema.hasTable(name)) await database.schema.alterTable(name, (table) => table.string('of_the_next_version', 20))
  await database.schema.createTable('of_the_next_version', (table) => table.increments('id'))
  await database('knex_migrations').insert({ name: '999-next-version', batch: 999, migration_time: new Date() })
}

async function startHub(port: number, env: Record<string, string>): Promise<ChildProcess> {
  const hub = spawn(process.execPath, [HUB], { env: { ...process.env, ...env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: hub.stdout as NodeJS.ReadableStream })) if (line.startsWith('listening ')) return hub
  throw new Error('the hub did not start')
}

/** Files and asks in turn, by the clock. */
function startLoad(port: number, tokens: readonly string[]) {
  const calls: Call[] = []
  let asked: Promise<unknown>[] = []
  let number = 0
  let clock: NodeJS.Timeout | undefined
  const load = {
    calls,
    resume() {
      clock = setInterval(() => asked.push(ask(port, tokens, number++).then((call) => calls.push(call))), 1000 / CALLS_A_SECOND)
    },
    /** Until every call has its answer. */
    async pause() {
      clearInterval(clock)
      await Promise.all(asked)
      asked = []
    },
  }
  load.resume()
  return load
}

/** One call over a connection of its own. */
function ask(port: number, tokens: readonly string[], number: number): Promise<Call> {
  const filing = number % 2 === 0
  const person = PEOPLE[number % PEOPLE.length]
  const path = `/v1/medical-insurance/${filing ? 'resident-enrolment' : 'personal-insurance-information'}`
  const headers = {
    authorization: `Bearer ${tokens[number % PEOPLE.length]}`,
    connection: 'close',
    'x-forwarded-for': FORGED,
    ...(filing ? { 'content-type': 'application/json', 'idempotency-key': `rolling-test-${number}` } : {}),
  }
  return new Promise((resolve) => {
    const call: Call = { number, filing, port: 0, status: 0, instead: '', id: null }
    const options = {
      host: '127.0.0.1',
      localAddress: CLIENT,
      port,
      path,
      method: filing ? 'POST' : 'GET',
      headers,
      agent: false,
      rejectUnauthorized: false,
    }
    const sent = request(options, (response) => {
      call.status = response.statusCode ?? 0
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('error', () => resolve({ ...call, status: 0 }))
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (call.status === 202) call.id = (JSON.parse(text) as { data: { id: string } }).data.id
        else if (call.status !== 200) call.instead = text
        resolve(call)
      })
    })
    sent.once('socket', (socket) =>
      socket.once('connect', () => {
        call.port = socket.localPort ?? 0
      }),
    )
    sent.once('error', () => resolve(call))
    sent.end(filing ? JSON.stringify({ personCategory: person === 3 ? '1506' : '1505' }) : undefined)
  })
}

/** Waits for something that happens, a minute and a half at most. */
async function until(happened: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 90_000
  while (!(await happened())) {
    if (Date.now() > limit) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
