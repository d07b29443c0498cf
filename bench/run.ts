import { parseArgs } from 'node:util'
import { benchAuditRows } from './audit-rows.ts'
import { benchBackups } from './backups.ts'
import { measureConnectors } from './connectors.ts'
import { measureExports } from './exports.ts'
import { measureFloor } from './floor.ts'
import { type LoadResult, load } from './load.ts'
import { benchOrders } from './orders.ts'
import { overload } from './overload.ts'
import { renderProfile } from './profile.ts'
import { generatedRequests } from './requests.ts'
import { measureScaling } from './scaling.ts'
import { type Side, type Stage, setStage } from './stage.ts'
import { median, type Round, renderTable, spread } from './table.ts'

const HELP = `npm run bench -- [options]

One governed call of the hub (token, validation, mapping, masking, signature, audit) beside a bare
@fastify/http-proxy before the same upstream: upstream, hub, proxy and load in processes of their own.

  --rounds N        rounds of each, in turns (5)
  --seconds N       length of a round (4)
  --connections N   requests under way at once (32)
  --months N        months of contributions in an answer (12)
  --exports         instead: what calls wait while others export 10,000 rows
  --floor           instead: what the least takes that answers the same and governs nothing
  --connectors      instead: start and calls with four connectors and with all of them
  --scaling         instead: one process of the hub and two, behind HAProxy, on MariaDB (--mysql) and Redis (--redis)
  --metrics         with METRICS_PORT set: what counting calls costs, beside a run without
  --profile         afterwards, what the hub spends its time on

  --audit-rows      instead: a commit and searches with 10,000 audit rows and with many
  --backups         instead: backup and restore of 10,000 rows of evidence and of many, with what memory they take
  --rows N          how many of either (1000000); ten million take some 10 GB under TMPDIR
  --mysql URL       on MariaDB, in databases made for it, rather than on SQLite
  --redis URL       of --scaling
  --overload        instead: good answers and waiting times with up to 3,000 calls at once before a slow agency
  --scale N         of --overload: connections divided by N, and seconds by up to 8 (1)
  --orders          instead: bills paid through both channels until the company has written them off
  --requests        instead: requests made from the OpenAPI documents, well and badly, and what the hub makes of them
  --count N         how many of either (orders: 600, requests: 100000)
  --seed N          which ones (1)
`
// V8 goes on optimising for some seconds under load, longer for the larger program.
const WARM_UP_SECONDS = 8
/** All rounds of both sides, so that a run ends within two minutes. */
const LONGEST_SECONDS = 90

const LOCAL_MYSQL = 'mysql://root@127.0.0.1:3306/'
const LOCAL_REDIS = 'redis://127.0.0.1:6379'

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '32' },
    months: { type: 'string', default: '12' },
    profile: { type: 'boolean', default: false },
    exports: { type: 'boolean', default: false },
    floor: { type: 'boolean', default: false },
    connectors: { type: 'boolean', default: false },
    scaling: { type: 'boolean', default: false },
    metrics: { type: 'boolean', default: false },
    backups: { type: 'boolean', default: false },
    'audit-rows': { type: 'boolean', default: false },
    rows: { type: 'string', default: '1000000' },
    mysql: { type: 'string', default: '' },
    redis: { type: 'string', default: '' },
    overload: { type: 'boolean', default: false },
    scale: { type: 'string', default: '1' },
    orders: { type: 'boolean', default: false },
    requests: { type: 'boolean', default: false },
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

async function main(): Promise<number> {
  if (options.help) {
    console.log(HELP)
    return 0
  }
  if (options['audit-rows']) {
    await benchAuditRows(count('rows', 100_000_000), options.mysql)
    return 0
  }
  if (options.backups) return benchBackups(count('rows', 100_000_000), options.mysql)
  if (options.overload) return overload(count('months'), count('scale'), options.profile)
  if (options.orders) return benchOrders(count('count', 100_000, '600'))
  if (options.requests) return generatedRequests(count('count', 10_000_000, '100000'), count('seed', 2 ** 31))
  const rounds = count('rounds')
  const seconds = count('seconds')
  const connections = count('connections')
  const measured = (rounds * 2 + (options.profile ? 1 : 0)) * seconds
  if (measured > LONGEST_SECONDS) throw new Error(`the rounds of both sides would take ${measured} s; at most ${LONGEST_SECONDS}`)

  if (options.scaling) {
    const { mysql, redis } = options
    return measureScaling(count('months'), rounds, connections, mysql || LOCAL_MYSQL, redis || LOCAL_REDIS)
  }
  if (options.connectors) return measureConnectors(count('months'), rounds, connections)
  const stage = await setStage(count('months'), { metrics: options.metrics })
  try {
    if (options.exports) return await measureExports(stage.hub)
    if (options.floor) return await measureFloor(stage, rounds, connections)
    return await measure(stage, rounds, seconds, connections)
  } finally {
    await stage.close()
  }
}

async function measure(stage: Stage, rounds: number, seconds: number, connections: number): Promise<number> {
  const totals = { hub: stage.rehearsed, failed: 0 }
  const drive = async (side: Side, length: number): Promise<LoadResult> => {
    const result = await load(side.process.origin, side.requests, connections, length)
    totals.failed += result.failed
    if (side === stage.hub) totals.hub += result.answered
    return result
  }
  const round = async (side: Side): Promise<Round> => {
    const before = await side.process.cpu()
    const { answered, seconds: took, p50, p99 } = await drive(side, seconds)
    return { perSecond: answered / took, p50, p99, cpu: ((await side.process.cpu()) - before) / answered }
  }

  for (const side of [stage.proxy, stage.hub]) await drive(side, WARM_UP_SECONDS)
  const results = { proxy: [] as Round[], hub: [] as Round[] }
  for (let index = 0; index < rounds; index++) {
    // Whoever goes first changes from round to round, so that a drift of the machine favours neither.
    const order = index % 2 === 0 ? (['proxy', 'hub'] as const) : (['hub', 'proxy'] as const)
    for (const name of order) results[name].push(await round(stage[name]))
  }
  if (options.profile) {
    const { hub } = stage
    let calls = 0
    const profile = await hub.process.profile(async () => {
      calls = (await drive(hub, seconds)).answered
    })
    console.log(`${renderProfile(profile, calls)}\n`)
  }

  const ratios = results.hub.map(({ cpu }, index) => cpu / (results.proxy[index]?.cpu ?? Number.NaN))
  console.log(
    `${rounds} rounds of ${seconds} s, ${connections} connections, ${stage.answerBytes} bytes from the agency: median (lowest–highest)\n`,
  )
  console.log(renderTable(results))
  console.log(`\nhub ÷ proxy, round by round: ${spread(ratios, 2)}`)

  const audited = await stage.countAudited()
  console.log(`audit rows: ${audited} for ${totals.hub} answered calls`)
  if (totals.failed > 0) console.log(`FAILED: ${totals.failed} requests were not answered with 200`)
  if (audited !== totals.hub) console.log('FAILED: every answered call must have its audit row')
  console.log(`cpu ratio: ${median(ratios).toFixed(2)}`)
  return totals.failed > 0 || audited !== totals.hub ? 1 : 0
}

function count(
  name: 'rounds' | 'seconds' | 'connections' | 'months' | 'rows' | 'scale' | 'count' | 'seed',
  most = 1000,
  preset = '',
): number {
  const value = Number(options[name] ?? preset)
  if (!Number.isInteger(value) || value < 1 || value > most) throw new Error(`--${name} must be a whole number from 1 to ${most}`)
  return value
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error((error as Error).message)
    process.exitCode = 1
  },
)
