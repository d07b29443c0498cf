import type { Bench } from './bench.ts'
import type { Finding } from './check.ts'
import type { Demand } from './demand.ts'
import { knownDemands } from './known-demands.ts'
import type { Explanation, Paper } from './paper.ts'

/** Every demand of the contract is tried, or the connector says why it needn't be, or can't be met yet. */
export async function checkDemands(bench: Bench): Promise<Finding> {
  const { promise, explained = [] } = bench
  if (!promise) return { skip: '没有合同的要求（promise.json）' }
  const demands = demandsOf(bench)
  const reasons = explained.flatMap((note) => [
    ...(note.why.trim() === '' ? [`“${note.demand}”的说明是空的`] : []),
    ...(demands.some((demand) => isAbout(note, demand)) ? [] : [`说明了“${note.demand}”，合同却没有这项要求`]),
  ])
  // One after the other: a user may have two files made at once.
  for (const demand of demands) if (!explanationOf(bench, demand)) reasons.push(...(await tryDemand(bench, demand)))
  return reasons
}

async function tryDemand(bench: Bench, { id, words }: Demanded): Promise<string[]> {
  const service = bench.services.find(({ contract }) => contract.id === id)
  if (!service) return [`${id}：没有这项服务`]
  const known = knownDemands.filter((demand) => demand.words.test(words))
  if (known.length === 0) return [`${id}：“${words}”没有检查，也没有说明`]
  const demand: Demand = { service, words, answered: bench.answered.find((answer) => answer.service.key === service.key) ?? null }
  const reasons: string[] = []
  for (const { lacks } of known) {
    const lack = await lacks(demand, bench)
    if (lack !== null) reasons.push(`${id}：“${words}”${lack}`)
  }
  return reasons
}

interface Demanded {
  /** Service id. */
  id: string
  words: string
}

function demandsOf({ promise }: Paper): Demanded[] {
  return (promise ?? []).flatMap(({ id, demands = [] }) => demands.map((words) => ({ id, words })))
}

function isAbout({ demand, services }: Explanation, { id, words }: Demanded): boolean {
  return demand === words && (services?.includes(id) ?? true)
}

function explanationOf({ explained = [] }: Paper, demand: Demanded): Explanation | undefined {
  return explained.find((note) => isAbout(note, demand))
}

/** What the connector itself says is not, or not wholly met: for the report, since it stops no tier. */
export function unmetOf(paper: Paper): string[] {
  const words = { partly: '部分满足', not: '未满足' } as const
  return demandsOf(paper).flatMap((demand) => {
    const note = explanationOf(paper, demand)
    return note && note.met !== 'elsewhere' ? [`${demand.id}：“${demand.words}”${words[note.met]}：${note.why}`] : []
  })
}
