import { load } from './load.ts'
import { type Scene, type Stage, setStage } from './stage.ts'
import { alignColumns, median, spread } from './table.ts'

/** With which the hub began. */
const FOUR = ['housing-fund', 'real-estate', 'social-security', 'medical-insurance']
const STARTS = 5
const WARM_UP_SECONDS = 8
const ROUND_SECONDS = 3
/** What a start may take with all connectors, in seconds, and what a call may take beside one with four. */
const START_BAR = 3
const CALL_BAR = 1.05

interface Measured {
  starts: number[]
  cpu: number[]
}

/** How long a start takes and what a call costs with four connectors and with all of them, in turns. → the exit code. */
export async function measureConnectors(months: number, rounds: number, connections: number): Promise<number> {
  const scenes: Record<string, Scene> = { four: { alone: true, connectors: FOUR }, all: { alone: true, connectors: [] } }
  const results: Record<string, Measured> = {}
  for (const name of Object.keys(scenes)) results[name] = { starts: [], cpu: [] }
  for (let start = 0; start < STARTS; start++) {
    for (const [name, scene] of inTurn(scenes, start)) {
      const stage = await setStage(months, scene)
      results[name]?.starts.push(stage.hub.process.startedIn / 1000)
      await stage.close()
    }
  }

  const stages: Record<string, Stage> = {}
  let failed = 0
  const drive = async (stage: Stage, seconds: number): Promise<number> => {
    const result = await load(stage.hub.process.origin, stage.hub.requests, connections, seconds)
    failed += result.failed
    return result.answered
  }
  try {
    for (const [name, scene] of Object.entries(scenes)) stages[name] = await setStage(months, scene)
    for (const stage of Object.values(stages)) await drive(stage, WARM_UP_SECONDS)
    for (let round = 0; round < rounds; round++) {
      for (const [name, stage] of inTurn(stages, round)) {
        const before = await stage.hub.process.cpu()
        const answered = await drive(stage, ROUND_SECONDS)
        results[name]?.cpu.push(((await stage.hub.process.cpu()) - before) / answered)
      }
    }
  } finally {
    for (const stage of Object.values(stages)) await stage.close()
  }
  return report(results as Record<'four' | 'all', Measured>, failed)
}

/** Whoever goes first changes from round to round. */
function inTurn<T>(sides: Readonly<Record<string, T>>, round: number): [string, T][] {
  const entries = Object.entries(sides)
  return round % 2 === 0 ? entries : entries.reverse()
}

function report({ four, all }: Record<'four' | 'all', Measured>, failed: number): number {
  const line = (name: string, { starts, cpu }: Measured) => [name, spread(starts, 2), spread(cpu, 1)]
  console.log(alignColumns([['connectors', 'start to ready, s', 'CPU µs/request'], line(`four`, four), line('all', all)]))
  const ratio = median(all.cpu.map((value, round) => value / (four.cpu[round] ?? Number.NaN)))
  const start = median(all.starts)
  console.log()
  if (failed > 0) console.log(`FAILED: ${failed} requests were not answered with 200`)
  console.log(`${start <= START_BAR ? 'ok    ' : 'MISSED'} start with all connectors, s: ${start.toFixed(2)} (at most ${START_BAR})`)
  console.log(`${ratio <= CALL_BAR ? 'ok    ' : 'MISSED'} a call with all ÷ with four: ${ratio.toFixed(2)} (at most ${CALL_BAR})`)
  return failed > 0 || start > START_BAR || ratio > CALL_BAR ? 1 : 0
}
