import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { issueSandboxToken } from '../plugins/sandbox/issuer.ts'
import { openDatabase } from '../plugins/store/open.ts'
import type { LoadRequest } from './load.ts'
import { type Measured, startProcess } from './process.ts'
import type { Exchanged } from './upstream.ts'

export const CONNECTOR = 'housing-fund'
export const SERVICE = 'personal-account'
/** What is exported (bench/exports.ts). */
const LIST = 'personal-transactions'
/** Its path: all rows there are, as a workbook. */
export const EXPORT = `/v1/${CONNECTOR}/${LIST}?format=xlsx`
const HEADER_PREFIX = 'gjgxjhpt'
/** Those of the sandbox's people who have an account. */
const PEOPLE = [1, 2, 3, 4, 5, 6]
const TOKENS_EACH = 4
/** What the load's own client writes. */
const CONNECTION_HEADERS = new Set(['host', 'connection', 'content-length'])

/** One way to the agency: the process that is measured and what it is asked. */
export interface Side {
  process: Measured
  requests: readonly LoadRequest[]
}

export interface Stage {
  hub: Side
  proxy: Side
  /** Stops the hub, every process of it, in good order; → calls in its audit log. */
  countAudited(): Promise<number>
  /** Calls that were made while setting up. */
  readonly rehearsed: number
  /** Mean size of the agency's answers. */
  readonly answerBytes: number
  /** Calls as the hub sent them. */
  readonly exchanged: readonly Exchanged[]
  /** Starts another process of the hub, on the same stores. */
  again(): Promise<Measured>
  /** Starts another process of the run beside them, before the same agency; it may read `script` in a file. */
  beside(module: string, env: Record<string, string>, script: object): Promise<Measured>
  close(): Promise<void>
}

/** How the agency is and how many calls it may have under way; `rows`: which rows of the audit log are counted. */
export interface Scene {
  delayMs?: number
  maxConcurrent?: number
  rows?: 'good' | 'all'
  /** Without a proxy beside the hub. */
  alone?: boolean
  /** Whether the hub counts its calls for Prometheus. */
  metrics?: boolean
  /** The hub has these alone; all where it is empty. Without it, the hub is `server.ts`. */
  connectors?: readonly string[]
  /** DATABASE_URL and REDIS_URL; the embedded stores where they are missing. */
  stores?: Record<string, string>
}

/** Upstream, hub and proxy, each in a process of its own, in an empty folder that goes with them. */
export async function setStage(months: number, scene: Scene = {}): Promise<Stage> {
  const { delayMs = 0, maxConcurrent, rows = 'good', alone = false, metrics = false, connectors: some, stores = {} } = scene
  const folder = mkdtempSync(join(tmpdir(), 'hub-bench-'))
  const running: Measured[] = []
  const start = async (module: string, env: Record<string, string>) => {
    const process = await startProcess(module, env, folder)
    running.push(process)
    return process
  }
  const close = async () => {
    await Promise.all(running.splice(0).map((process) => process.stop()))
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    const appKey = 'bench-app-key-00'
    const upstream = await start('bench/upstream.ts', {
      BENCH_APP_KEY: appKey,
      BENCH_HEADER_PREFIX: HEADER_PREFIX,
      BENCH_MONTHS: String(months),
      BENCH_LIST_ROWS: '10000',
      BENCH_DELAY_MS: String(delayMs),
    })
    const connectors = join(folder, 'connectors.json')
    const unlimited = { max: 1e9, perSeconds: 60 }
    // Six people can't stay below the declared rate; the limiter counts them all the same.
    const rates = { [SERVICE]: unlimited, [LIST]: unlimited }
    writeFileSync(connectors, JSON.stringify({ [CONNECTOR]: { rates, ...(maxConcurrent ? { maxConcurrent } : {}) } }))
    const hubs: Measured[] = []
    const startHub = async () => {
      hubs.push(await start(some ? 'bench/hub-of.ts' : 'server.ts', environment))
      return hubs.at(-1) as Measured
    }
    const environment: Record<string, string> = {
      ...stores,
      PORT: '0',
      DATA_DIR: folder,
      CONNECTORS_FILE: connectors,
      EXCHANGE_BASE_URL: upstream.origin,
      EXCHANGE_REQUESTER_ID: 'bench-requester',
      EXCHANGE_APP_KEY: appKey,
      EXCHANGE_HEADER_PREFIX: HEADER_PREFIX,
      ...(metrics ? { METRICS_PORT: '0' } : {}),
      // `npm start` keeps what it compiled.
      ...(some
        ? { BENCH_CONNECTORS: some.join(','), NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/hub', import.meta.url)) }
        : {}),
    }
    const hub = await startHub()
    const proxy = alone ? hub : await start('bench/proxy.ts', { BENCH_UPSTREAM: upstream.origin })

    const calls = await hubCalls(folder, months)
    for (const call of calls) await rehearse(hub, call)
    const exchanged = await upstream.ask<Exchanged[]>('exchanged')
    return {
      hub: { process: hub, requests: calls },
      proxy: { process: proxy, requests: exchanged.map(replay) },
      rehearsed: calls.length,
      exchanged,
      again: startHub,
      beside(module, env, script) {
        const file = join(folder, 'script.json')
        writeFileSync(file, JSON.stringify(script))
        return start(module, { ...env, BENCH_UPSTREAM: upstream.origin, BENCH_SCRIPT: file })
      },
      answerBytes: Math.round(exchanged.reduce((sum, { answerBytes }) => sum + answerBytes, 0) / exchanged.length),
      async countAudited() {
        for (const process of hubs) {
          running.splice(running.indexOf(process), 1)
          await process.stop()
        }
        return countRows(folder, rows, stores['DATABASE_URL'])
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** People take turns, each with several tokens. */
async function hubCalls(dataDir: string, months: number): Promise<LoadRequest[]> {
  const path = `/v1/${CONNECTOR}/${SERVICE}?timeRange=${lastMonths(months)}`
  const calls: LoadRequest[] = []
  for (let index = 0; index < PEOPLE.length * TOKENS_EACH; index++) {
    const token = await issueSandboxToken({ dataDir, audience: 'xuchang-hub', person: PEOPLE[index % PEOPLE.length], face: true })
    calls.push({ method: 'GET', path, headers: { authorization: `Bearer ${token}` }, body: null })
  }
  return calls
}

/** `2025-11-22/2026-11-22` */
function lastMonths(months: number): string {
  const today = new Date()
  const first = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - months, 1))
  return [first, today].map((date) => date.toISOString().slice(0, 10)).join('/')
}

/** A first call, looked at closely: what is measured must be a governed answer, not a quick refusal. */
async function rehearse({ origin }: Measured, { path, headers }: LoadRequest): Promise<void> {
  const response = await fetch(`${origin}${path}`, { headers })
  const text = await response.text()
  const { data } = JSON.parse(text) as { data?: { idNumber?: unknown; accountBalance?: unknown } }
  const masked = /^\d{3}\*{11}[\dX]{4}$/.test(String(data?.idNumber))
  if (response.status !== 200 || !masked || typeof data?.accountBalance !== 'number')
    throw new Error(`${path} answers ${response.status}: ${text.slice(0, 300)}`)
}

/** The call that the hub made upstream, for the proxy to pass on. */
function replay({ headers, body }: Exchanged): LoadRequest {
  const business = Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name))
  return { method: 'POST', path: '/httpproxy', headers: Object.fromEntries(business) as Record<string, string>, body }
}

async function countRows(dataDir: string, rows: 'good' | 'all', url = ''): Promise<number> {
  const database = openDatabase({ url, dataDir })
  try {
    const [row] = await database('audit_rows')
      .where({ connector: CONNECTOR, service: SERVICE, ...(rows === 'good' ? { outcome: 'ok' } : {}) })
      .count({ count: '*' })
    return Number(row?.['count'])
  } finally {
    await database.destroy()
  }
}
