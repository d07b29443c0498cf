import { setTimeout as wait } from 'node:timers/promises'
import { Pool } from 'undici'
import { EXPORT, type Side } from './stage.ts'
import { alignColumns } from './table.ts'

/** Governed calls a second: a load that leaves the hub room. */
const CALLS_A_SECOND = 100
/** People who export all the time, one file after the other. */
const EXPORTERS = 2
const WARM_UP_SECONDS = 6
const SECONDS = 8
const ROUNDS = 2
/** What exports may make of the others' p99. */
const BAR = 1.5

interface Phase {
  durations: number[]
  files: number
  failed: number
}

/** How long calls take while nobody exports and while others export 10,000 rows as XLSX, in turns. → the exit code. */
export async function measureExports({ process, requests }: Side): Promise<number> {
  const pool = new Pool(process.origin, { allowH2: false, connections: 64, pipelining: 1 })
  const quiet: Phase = { durations: [], files: 0, failed: 0 }
  const busy: Phase = { durations: [], files: 0, failed: 0 }
  const unmeasured: Phase = { durations: [], files: 0, failed: 0 }

  async function call(phase: Phase, index: number): Promise<void> {
    const asked = performance.now()
    try {
      const { statusCode, body } = await pool.request(requests[index % requests.length] as (typeof requests)[number])
      await body.dump()
      if (statusCode !== 200) phase.failed++
      phase.durations.push(performance.now() - asked)
    } catch {
      phase.failed++
    }
  }

  /** A first export, looked at closely: what is measured must be a file of all rows. */
  async function rehearse(): Promise<void> {
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path: EXPORT,
      headers: (requests[0] as (typeof requests)[number]).headers,
    })
    const bytes = Buffer.from(await body.arrayBuffer())
    if (statusCode !== 200 || bytes.length < 100_000) throw new Error(`an export answers ${statusCode}: ${bytes.toString('utf8', 0, 300)}`)
  }

  /** At a steady pace, whatever the answers do: a hub that stands still is asked all the same. */
  async function calls(phase: Phase, seconds: number): Promise<void> {
    const start = performance.now()
    const pending: Promise<void>[] = []
    for (let index = 0; index < seconds * CALLS_A_SECOND; index++) {
      const due = start + (index * 1000) / CALLS_A_SECOND
      await wait(Math.max(0, due - performance.now()))
      pending.push(call(phase, index))
    }
    await Promise.all(pending)
  }

  async function exporter(phase: Phase, index: number, until: () => boolean): Promise<void> {
    const { headers } = requests[index] as (typeof requests)[number]
    while (!until()) {
      const { statusCode, body } = await pool.request({ method: 'GET', path: EXPORT, headers })
      const bytes = (await body.bytes()).length
      if (statusCode === 200 && bytes > 100_000) phase.files++
      else phase.failed++
    }
  }

  async function withExports(phase: Phase, seconds: number): Promise<void> {
    let over = false
    const exporting = Promise.all(Array.from({ length: EXPORTERS }, (_, index) => exporter(phase, index, () => over)))
    await calls(phase, seconds)
    over = true
    await exporting
  }

  await rehearse()
  await withExports(unmeasured, WARM_UP_SECONDS)
  for (let round = 0; round < ROUNDS; round++) {
    await calls(quiet, SECONDS)
    await withExports(busy, SECONDS)
  }
  await pool.close()

  const rows = [quiet, busy].map(({ durations, files }, index) => [
    index === 0 ? 'nobody exports' : `${EXPORTERS} people export`,
    String(durations.length),
    quantile(durations, 0.5).toFixed(1),
    quantile(durations, 0.99).toFixed(1),
    String(files),
  ])
  console.log(`${CALLS_A_SECOND} calls a second, exports of 10,000 rows as XLSX beside them\n`)
  console.log(alignColumns([['', 'calls', 'p50 ms', 'p99 ms', 'files'], ...rows]))
  const failed = quiet.failed + busy.failed
  if (failed > 0) console.log(`FAILED: ${failed} requests were not answered with 200`)
  const ratio = quantile(busy.durations, 0.99) / quantile(quiet.durations, 0.99)
  if (ratio > BAR) console.log(`FAILED: the others wait too long; at most ${BAR} times`)
  console.log(`exports p99 ratio: ${ratio.toFixed(2)}`)
  return failed > 0 || ratio > BAR ? 1 : 0
}

function quantile(durations: readonly number[], share: number): number {
  return [...durations].sort((a, b) => a - b)[Math.ceil(share * durations.length) - 1] ?? 0
}
