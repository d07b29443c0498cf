import { cpus } from 'node:os'
import { temporaryDatabase } from '../plugins/store/temporary.ts'
import { type Balancer, haproxy, startHaproxy } from './haproxy.ts'
import { load } from './load.ts'
import type { Measured } from './process.ts'
import { setStage } from './stage.ts'
import { alignColumns, median, spread } from './table.ts'

const WARM_UP_SECONDS = 8
const ROUND_SECONDS = 4

interface Round {
  perSecond: number
  p99: number
  /** Microseconds of all processes of the hub a call. */
  cpu: number
  /** Share of the machine's processors that did something. */
  busy: number
}

type Sides = Record<'one' | 'two', Round[]>

/**
 * The same load over HAProxy to one process of the hub and to two, which share MariaDB and Redis, in turns. What two answer more
 * is bounded by the machine that load, agency and stores run on as well; what a call costs more with two of them is not. → the exit code.
 */
export async function measureScaling(months: number, rounds: number, connections: number, mysql: string, redis: string): Promise<number> {
  if (!haproxy) throw new Error('haproxy is not installed (Debian: apt-get install haproxy)')
  const { url, drop } = await temporaryDatabase(mysql)
  const stage = await setStage(months, { alone: true, stores: { DATABASE_URL: url, REDIS_URL: redis } })
  const proxies: Partial<Record<keyof Sides, Balancer>> = {}
  const results: Sides = { one: [], two: [] }
  const totals = { answered: stage.rehearsed, failed: 0 }
  try {
    const hubs = [stage.hub.process, await stage.again()]
    const [first = '', second] = hubs.map(({ origin }) => new URL(origin).host)
    proxies.one = await startHaproxy([first])
    proxies.two = await startHaproxy([first, second])
    const drive = async ({ port }: Balancer, seconds: number) => {
      const result = await load(`https://127.0.0.1:${port}`, stage.hub.requests, connections, seconds)
      totals.answered += result.answered
      totals.failed += result.failed
      return result
    }
    for (const proxy of [proxies.one, proxies.two]) await drive(proxy, WARM_UP_SECONDS)
    for (let round = 0; round < rounds; round++) {
      for (const name of round % 2 === 0 ? (['one', 'two'] as const) : (['two', 'one'] as const)) {
        const before = { cpu: await used(hubs), machine: machine() }
        const { answered, seconds, p99 } = await drive(proxies[name] as Balancer, ROUND_SECONDS)
        const after = { cpu: await used(hubs), machine: machine() }
        const all = after.machine.all - before.machine.all
        results[name].push({
          perSecond: answered / seconds,
          p99,
          cpu: (after.cpu - before.cpu) / answered,
          busy: 1 - (after.machine.idle - before.machine.idle) / all,
        })
      }
    }
    return report(results, totals, await stage.countAudited())
  } finally {
    for (const proxy of Object.values(proxies)) await proxy.close()
    await stage.close()
    await drop()
  }
}

async function used(hubs: readonly Measured[]): Promise<number> {
  const each = await Promise.all(hubs.map((hub) => hub.cpu()))
  return each.reduce((sum, one) => sum + one, 0)
}

/** Milliseconds since it started, of all processors together. */
function machine(): { idle: number; all: number } {
  const times = cpus().map(({ times }) => times)
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((each) => Object.values(each))) }
}

function report({ one, two }: Sides, { answered, failed }: { answered: number; failed: number }, audited: number): number {
  const column = (rounds: Round[], name: keyof Round, digits: number, factor = 1) =>
    spread(
      rounds.map((round) => round[name] * factor),
      digits,
    )
  const line = (name: string, rounds: Round[]) => [
    name,
    column(rounds, 'perSecond', 0),
    column(rounds, 'p99', 1),
    column(rounds, 'cpu', 1),
    column(rounds, 'busy', 0, 100),
  ]
  const ratio = (name: keyof Round) => median(two.map((round, index) => round[name] / (one[index]?.[name] ?? Number.NaN)))
  console.log(
    alignColumns([
      ['processes', 'requests/s', 'p99 ms', 'CPU µs/request', `% of ${cpus().length} cores`],
      line('one', one),
      line('two', two),
    ]),
  )
  console.log(`\naudit rows: ${audited} for ${answered} answered calls`)
  if (failed > 0) console.log(`FAILED: ${failed} requests were not answered with 200`)
  if (audited !== answered) console.log('FAILED: every answered call must have its audit row')
  console.log(
    `a call with two ÷ with one, CPU: ${ratio('cpu').toFixed(2)}; with cores of their own two would answer ${(2 / ratio('cpu')).toFixed(2)} as much`,
  )
  console.log(`scaling factor on this machine: ${ratio('perSecond').toFixed(2)}`)
  return failed > 0 || audited !== answered ? 1 : 0
}
