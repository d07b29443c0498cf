import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Pool } from 'undici'
import { issueSandboxToken } from '../plugins/sandbox/issuer.ts'
import { enterprises, people } from '../plugins/sandbox/people.ts'
import { openDatabase } from '../plugins/store/open.ts'
import { examplesOf, type Generated, generator, type OpenApi, seeded } from './generate.ts'
import type { Memory } from './meter.ts'
import { type Measured, startProcess } from './process.ts'
import { alignColumns } from './table.ts'

const CONNECTIONS = 32
/** An answer that takes longer never comes. */
const PATIENCE_MS = 20_000
/** What the heap may grow by from the half of the run to its end: caches are full by then. */
const GROWTH_MB = 24
/** Sockets, timers and the like at the end; connections to agencies and from callers are bounded below it. */
const MOST_RESOURCES = 1000
/** The sandbox's people who become administrators: with an administrator's second factor missing, and all other ways to be refused. */
const ROLES = { 4: 'admin', 5: 'auditor', 6: 'operator' } as const
/** What answers call their things, and how many of them are kept for further requests. */
const IDS = /"(?:id|code|connector|service)":"([\w.-]{1,64})"/g
const KEPT_IDS = 300
const HUB = fileURLToPath(new URL('../cli/hub.ts', import.meta.url))

/** One kind of answer: its status and, where it is a problem, its code. */
interface Answer {
  status: number
  code: string
}

interface Sent extends Generated {
  trace: string
  answer: Answer | null
}

/**
 * Sends `count` requests made from the hub's own OpenAPI documents to a hub with its sandbox, well and badly made, as
 * everybody and as nobody. → 1 where the hub fails of itself (5xx), does not answer, keeps what it should let go of, or
 * where a call has not exactly one audit row. `seed` makes a run repeatable.
 */
export async function generatedRequests(count: number, seed: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-bench-'))
  const connectors = join(folder, 'connectors.json')
  writeFileSync(connectors, '{}')
  const hub = await startProcess(
    'server.ts',
    { PORT: '0', DATA_DIR: folder, CONNECTORS_FILE: connectors, SANDBOX: 'on', ADDRESS_FAILURES: '100000' },
    folder,
  )
  try {
    await appoint(folder)
    const documents = await Promise.all(['/openapi.json', '/openapi-admin.json'].map((path) => readDocument(`${hub.origin}${path}`)))
    const audited = auditedPaths(documents)
    const random = seeded(seed)
    const ids: string[] = people.map(({ id }) => id)
    const merged = mergePaths(documents)
    const make = generator(merged, random, ids)
    const tokens = await tokensIn(folder)
    const seen = new Map<string, { count: number; example: string }>()
    const faults: string[] = []
    const traces: string[] = []

    await fileExamples(hub)
    const first = await drive(hub, Math.ceil(count / 2))
    const half = await hub.ask<Memory>('memory')
    await drive(hub, Math.floor(count / 2))
    const end = await hub.ask<Memory>('memory')
    const growth = (end.heap - half.heap) / 2 ** 20
    if (growth > GROWTH_MB) faults.push(`the heap grew by ${growth.toFixed(1)} MB in the second half`)
    if (end.resources > MOST_RESOURCES) faults.push(`${end.resources} sockets and timers at the end`)
    await hub.stop()
    faults.push(...(await rowFaults(folder, traces)))
    report(seen, first, half, end, growth, traces.length)
    for (const fault of faults.slice(0, 20)) console.log(`FAILED: ${fault}`)
    console.log(`requests generated: ${count}, faults: ${faults.length}`)
    return faults.length > 0 ? 1 : 0

    async function drive({ origin }: Measured, requests: number): Promise<number> {
      const pool = new Pool(origin, {
        allowH2: false,
        connections: CONNECTIONS,
        pipelining: 1,
        headersTimeout: PATIENCE_MS,
        bodyTimeout: PATIENCE_MS,
      })
      const start = performance.now()
      let left = requests
      const caller = async () => {
        while (left-- > 0) await ask(pool, sendable())
      }
      await Promise.all(Array.from({ length: CONNECTIONS }, caller))
      await pool.close()
      return (performance.now() - start) / requests
    }

    /** By somebody who may, so that not all that is filed is refused. */
    async function fileExamples({ origin }: Measured): Promise<void> {
      const pool = new Pool(origin, { allowH2: false, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS })
      for (const request of examplesOf(merged)) await ask(pool, sendable(request, tokens[0]))
      await pool.close()
    }

    function sendable(request = make(), token = tokens[Math.floor(random() * tokens.length)]): Sent {
      const trace = randomBytes(16).toString('hex')
      return {
        ...request,
        trace,
        answer: null,
        headers: {
          ...request.headers,
          traceparent: `00-${trace}-${trace.slice(16)}-01`,
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
      }
    }

    async function ask(pool: Pool, { method, template, path, headers, body, trace }: Sent): Promise<void> {
      const name = `${method} ${template}`
      try {
        const response = await pool.request({ method: method as 'GET', path, headers, body })
        const text = await response.body.text()
        const { statusCode: status } = response
        const code = codeOf(text)
        for (const [, id = ''] of text.slice(0, 20_000).matchAll(IDS))
          ids[ids.length < KEPT_IDS ? ids.length : Math.floor(random() * KEPT_IDS)] = id
        if (audited.has(template)) traces.push(trace)
        note(`${status} ${code}`, `${name} ${path.slice(0, 120)}`)
        if (status >= 500 && !/^HUB_UPSTREAM_|^HUB_OVERLOADED/.test(code))
          faults.push(`${name} answers ${status} ${code}: ${path.slice(0, 200)} ${body?.slice(0, 200) ?? ''}`)
      } catch (error) {
        faults.push(`${name} is not answered: ${(error as Error).message}: ${path.slice(0, 200)}`)
      }
    }

    function note(answer: string, example: string): void {
      const known = seen.get(answer)
      if (known) known.count++
      else seen.set(answer, { count: 1, example })
    }
  } finally {
    await hub.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function appoint(dataDir: string): Promise<void> {
  const env = { PATH: process.env['PATH'], DATA_DIR: dataDir, SANDBOX: 'on' }
  for (const [index, role] of Object.entries(ROLES)) {
    const { id = '' } = people[Number(index) - 1] ?? {}
    await promisify(execFile)(process.execPath, [HUB, 'administrators', id, role, '--reason', 'bench', '--yes'], { cwd: dataDir, env })
  }
}

async function readDocument(url: string): Promise<OpenApi> {
  return (await (await fetch(url)).json()) as OpenApi
}

function mergePaths(documents: readonly OpenApi[]): OpenApi {
  return {
    paths: Object.assign({}, ...documents.map(({ paths }) => paths)),
    components: { schemas: Object.assign({}, ...documents.map(({ components }) => components?.schemas)) },
  }
}

/** Paths of which every call leaves a row. */
function auditedPaths(documents: readonly OpenApi[]): Set<string> {
  const paths = documents.flatMap((document) => Object.keys(document.paths))
  return new Set(paths.filter((path) => /^\/(v1|admin)\//.test(path)))
}

/** Of everybody, with a face and without, for an enterprise, out of date, forged; and none. */
async function tokensIn(dataDir: string): Promise<(string | undefined)[]> {
  const audience = ['xuchang-hub', 'xuchang-hub-admin']
  const issue = (options: object) => issueSandboxToken({ dataDir, audience, expiresInSeconds: 3600, ...options })
  const own = await Promise.all(people.flatMap(({ index }) => [issue({ person: index, face: true }), issue({ person: index })]))
  const acting = await Promise.all(enterprises.map(({ index }) => issue({ person: index, face: true, enterprise: index })))
  const [some = ''] = own
  return [...own, ...own, ...acting, await issue({ expiresInSeconds: -60 }), `${some.slice(0, -4)}AAAA`, 'x', undefined, undefined]
}

function codeOf(text: string): string {
  try {
    const { code } = JSON.parse(text) as { code?: unknown }
    return typeof code === 'string' ? code : ''
  } catch {
    return ''
  }
}

/** Traces that do not have exactly one row of a call in the store. */
async function rowFaults(dataDir: string, traces: readonly string[]): Promise<string[]> {
  const database = openDatabase({ url: '', dataDir })
  try {
    const rows = (await database('audit_rows').select('trace_id', 'record')) as { trace_id: string; record: string }[]
    const counts = new Map<string, number>()
    for (const { trace_id, record } of rows)
      if ((JSON.parse(record) as { action?: string }).action === 'call') counts.set(trace_id, (counts.get(trace_id) ?? 0) + 1)
    const wrong = traces.filter((trace) => counts.get(trace) !== 1)
    return wrong.length > 0
      ? [`${wrong.length} of ${traces.length} calls have not exactly one audit row: ${wrong.slice(0, 3).join(', ')}`]
      : []
  } finally {
    await database.destroy()
  }
}

function report(
  seen: ReadonlyMap<string, { count: number; example: string }>,
  perRequestMs: number,
  half: Memory,
  end: Memory,
  growth: number,
  calls: number,
): void {
  const rows = [...seen].sort(([, a], [, b]) => b.count - a.count).map(([answer, { count, example }]) => [answer, String(count), example])
  console.log(alignColumns([['answer', 'times', 'for example'], ...rows]))
  console.log(
    `\n${perRequestMs.toFixed(2)} ms each, ${CONNECTIONS} under way; heap ${mb(half.heap)} MB at the half, ${mb(end.heap)} MB at the end (${growth.toFixed(1)} more)`,
  )
  console.log(`${calls} calls that leave an audit row`)
}

const mb = (bytes: number) => (bytes / 2 ** 20).toFixed(1)
