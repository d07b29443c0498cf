import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Crowd, Seen } from './crowd.ts'
import { startProcess } from './process.ts'
import { renderProfile } from './profile.ts'
import { type Scene, type Stage, setStage } from './stage.ts'
import { alignColumns } from './table.ts'

/** Goodput at 1,000 and 3,000 connections, at least so much of that at 200. */
const LEAST_SHARE = 0.9
/** With places enough, the slowest of a hundred and every answer at all, in milliseconds. */
const P99_MS = 4000
const LONGEST_MS = 5000
/** CPU time of a refusal, at most so much of a good call's. */
const REFUSAL_SHARE = 0.1
const DELAY_MS = 50
/** What is made smaller than this in time says nothing at all. */
const SHORTEST = 8

interface Run extends Seen {
  name: string
  perSecond: number
  /** CPU seconds of the hub while it ran. */
  cpu: number
}

/** Prints what a hub before a slow agency makes of too many calls; → 1 when a bar is missed. `scale` makes everything smaller, for tests. */
export async function overload(months: number, scale: number, profile: boolean): Promise<number> {
  const runs: Run[] = []
  const lost: string[] = []

  async function onStage(scene: Scene, loads: readonly [connections: number, seconds: number][], profiled = false): Promise<void> {
    const stage = await setStage(months, { delayMs: DELAY_MS, rows: 'all', alone: true, ...scene })
    try {
      let answered = stage.rehearsed
      for (const [connections, seconds] of loads) {
        const run = await drive(
          stage,
          `${scene.maxConcurrent} / ${connections}`,
          Math.ceil(connections / scale),
          seconds / Math.min(scale, SHORTEST),
          profiled,
        )
        runs.push(run)
        answered += run.answered
      }
      const audited = await stage.countAudited()
      if (audited !== answered) lost.push(`${audited} audit rows for ${answered} answers`)
    } finally {
      await stage.close()
    }
  }

  await onStage({ maxConcurrent: 64 }, [
    [200, 12],
    [200, 6],
    [1000, 8],
    [3000, 10],
  ])
  await onStage({ maxConcurrent: 256 }, [[3000, 12]])
  await onStage(
    { maxConcurrent: 4 },
    [
      [3000, 16],
      [3000, 8],
    ],
    profile,
  )

  const bare = await driveBare(scale, {})
  const recorded = await withFolder((folder) => driveBare(scale, { BENCH_EVIDENCE: folder }))
  const [, base, thousand, many, wide, , narrow] = runs as [Run, Run, Run, Run, Run, Run, Run]
  const callCost = (base.cpu / base.good) * 1e6
  const refusalCost = (narrow.cpu * 1e6 - narrow.good * callCost) / Math.max(1, narrow.refused)
  console.log(`agency ${DELAY_MS} ms; calls under way at most / connections\n`)
  console.log(renderRuns(runs.slice(1)))
  console.log(`\nCPU of a good call ${callCost.toFixed(0)} µs, of a refusal ${refusalCost.toFixed(0)} µs`)
  const asShare = (cost: number) => `${cost.toFixed(0)} µs, ${(cost / callCost).toFixed(2)} of a good call`
  console.log(
    `A bare server of Node that answers 503 to whatever comes: ${asShare(bare)}; with a row of evidence each: ${asShare(recorded)}`,
  )
  return judge(
    [
      ['goodput at 1,000 ÷ at 200', thousand.perSecond / base.perSecond, LEAST_SHARE, 'at least'],
      ['goodput at 3,000 ÷ at 200', many.perSecond / base.perSecond, LEAST_SHARE, 'at least'],
      ['p99 with 256 under way, ms', wide.p99, P99_MS, 'at most'],
      ['longest with 256 under way, ms', wide.longest, LONGEST_MS, 'at most'],
      ['refused or failed with 256 under way', wide.refused + others(wide), 0, 'at most'],
      ['refusal ÷ good call', refusalCost / callCost, REFUSAL_SHARE, 'at most'],
      ['neither 200 nor 503', runs.reduce((sum, run) => sum + others(run), 0), 0, 'at most'],
    ],
    lost,
  )
}

async function drive({ hub }: Stage, name: string, connections: number, seconds: number, profiled: boolean): Promise<Run> {
  const crowd = await startProcess('bench/crowd.ts', {}, process.cwd())
  try {
    const ms = (seconds * 1000 * 2) / 3
    const order: Crowd = { origin: hub.process.origin, requests: hub.requests, connections, warmUpMs: ms / 2, ms }
    const asking = crowd.ask<Seen>(order)
    await new Promise((resolve) => setTimeout(resolve, order.warmUpMs))
    const before = await hub.process.cpu()
    const wait = new Promise((resolve) => setTimeout(resolve, ms))
    const profile = profiled ? await hub.process.profile(() => wait) : await wait
    const cpu = ((await hub.process.cpu()) - before) / 1e6
    const seen = await asking
    if (profiled) console.log(`${renderProfile(profile as Parameters<typeof renderProfile>[0], seen.good + seen.refused)}\n`)
    return { ...seen, name, perSecond: (seen.good * 1000) / ms, cpu }
  } finally {
    await crowd.stop()
  }
}

/** CPU µs of an answer of a server that does nothing but say 503, or leave its row as well: what no refusal over HTTP can be below. */
async function driveBare(scale: number, env: Record<string, string>): Promise<number> {
  const server = await startProcess('bench/bare.ts', env, process.cwd())
  const crowd = await startProcess('bench/crowd.ts', {}, process.cwd())
  try {
    const ms = 6000 / Math.min(scale, SHORTEST)
    const request = { method: 'GET' as const, path: '/', headers: { authorization: `Bearer ${'x'.repeat(600)}` }, body: null }
    const order: Crowd = {
      origin: server.origin,
      requests: [request],
      connections: Math.ceil(3000 / scale),
      warmUpMs: 0,
      ms: ms / 2,
    }
    await crowd.ask<Seen>(order)
    const before = await server.cpu()
    const { answered } = await crowd.ask<Seen>(order)
    return ((await server.cpu()) - before) / Math.max(1, answered)
  } finally {
    await Promise.all([crowd.stop(), server.stop()])
  }
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const others = ({ other }: Seen) => Object.values(other).reduce((sum, count) => sum + count, 0)

function renderRuns(runs: readonly Run[]): string {
  const lines = runs.map(({ name, perSecond, refused, other, p50, p99, longest, cpu }) => [
    name,
    perSecond.toFixed(0),
    String(refused),
    Object.entries(other)
      .map((pair) => pair.join(' × '))
      .join(', ') || '0',
    ...[p50, p99, longest].map((ms) => ms.toFixed(0)),
    cpu.toFixed(1),
  ])
  return alignColumns([['', 'good/s', 'refused', 'other', 'p50 ms', 'p99 ms', 'longest ms', 'hub CPU s'], ...lines])
}

type Bar = readonly [what: string, value: number, bar: number, side: 'at least' | 'at most']

function judge(bars: readonly Bar[], lost: readonly string[]): number {
  const missed = bars.filter(([, value, bar, side]) => !Number.isFinite(value) || (side === 'at least' ? value < bar : value > bar))
  for (const [what, value, bar, side] of bars)
    console.log(`${missed.some(([name]) => name === what) ? 'MISSED' : 'ok    '} ${what}: ${Number(value.toFixed(2))} (${side} ${bar})`)
  for (const line of lost) console.log(`FAILED: ${line}`)
  return missed.length > 0 || lost.length > 0 ? 1 : 0
}
