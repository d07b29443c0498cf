import { setTimeout as sleep } from 'node:timers/promises'
import { openBench } from './bench.ts'
import { bronze, bronzePapers } from './bronze.ts'
import type { Check, PaperCheck } from './check.ts'
import { unmetOf } from './demands.ts'
import { gold, goldTries } from './gold.ts'
import type { Lab, OpenLab } from './lab.ts'
import type { Paper } from './paper.ts'
import { type Outcome, outcomeOf, type Report, tierOf } from './report.ts'
import { silver } from './silver.ts'
import { variantsOf } from './variants.ts'

const start: Pick<PaperCheck, 'id' | 'title' | 'tier'> = { id: 'start', title: '中枢能带着它启动', tier: 'bronze' }

/** What needs a hub that runs. */
const tries: readonly Check[] = [...bronze, ...silver, ...goldTries]

/** Told before every one of them. */
type Progress = (number: number, of: number, title: string) => void

/** All checks, in the order of the report. */
export const conformanceChecks: readonly Pick<PaperCheck, 'id' | 'title' | 'tier'>[] = [
  ...bronzePapers,
  start,
  ...bronze,
  ...silver,
  ...goldTries,
  ...gold,
]

/**
 * Tries a connector against everything that the hub promises of one: in a hub of its own, with the sandbox
 * and nothing else behind it. `openLab` starts that hub, since the core knows no plugins.
 */
export async function checkConnector(paper: Paper, openLab: OpenLab, onProgress: Progress = () => undefined): Promise<Report> {
  const began = performance.now()
  const { connector } = paper
  const read = ({ read, ...check }: PaperCheck) => outcomeOf(check, read(paper))
  const papers = bronzePapers.map(read)
  const tried = papers.some(({ result }) => result === 'fail') ? unstarted('声明有误') : await tryConnector(paper, openLab, onProgress)
  const checks = [...papers, ...tried, ...gold.map(read)]
  return {
    connector: connector.id,
    name: connector.name,
    tier: tierOf(checks),
    checks,
    unmet: unmetOf(paper),
    ms: Math.round(performance.now() - began),
  }
}

async function tryConnector(paper: Paper, openLab: OpenLab, onProgress: Progress): Promise<Outcome[]> {
  let lab: Lab
  try {
    lab = await within(openLab(variantsOf(paper.connector)))
  } catch (error) {
    return unstarted((error as Error).message)
  }
  try {
    const bench = await within(openBench(paper, lab))
    const outcomes = [outcomeOf(start, [])]
    // One after the other: several set faults.
    for (const [index, check] of tries.entries()) {
      onProgress(index + 1, tries.length, check.title)
      outcomes.push(await attempt(check, () => check.run(bench)))
    }
    return outcomes
  } catch (error) {
    return unstarted((error as Error).message)
  } finally {
    await lab.close()
  }
}

/** No part of a run takes longer, whatever the connector does; far more than any needs. */
const LIMIT_MS = 30_000

async function within<T>(work: T | Promise<T>): Promise<T> {
  const timer = new AbortController()
  const limit = sleep(LIMIT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`超过 ${LIMIT_MS / 1000} 秒没有结束`)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    timer.abort()
    limit.catch(() => undefined)
  }
}

async function attempt(check: Check, run: () => ReturnType<Check['run']>): Promise<Outcome> {
  try {
    return outcomeOf(check, await within(run()))
  } catch (error) {
    return outcomeOf(check, [`检查中断：${(error as Error).message}`])
  }
}

function unstarted(reason: string): Outcome[] {
  return [outcomeOf(start, [reason]), ...tries.map((check) => outcomeOf(check, { skip: '没有启动，无从检查' }))]
}
