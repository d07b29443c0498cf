import { BOUNDS, quantile } from '../statistics/buckets.ts'
import type { Count } from './counts.ts'
import { type DeclaredDifference, isBreaking } from './declared.ts'

/** What is asked of a candidate; tests ask for less. */
export interface Demands {
  /** Compared reads, and different callers of them, before everybody may be answered by it. */
  leastReads: number
  leastCallers: number
  /** Answers to callers, and different callers of them, from which its errors say something. */
  leastAnswers: number
  leastAnswered: number
  /** How likely, at most, chance alone has as many more callers of it get nothing. */
  chance: number
}

export const demands: Demands = { leastReads: 200, leastCallers: 20, leastAnswers: 20, leastAnswered: 5, chance: 1e-4 }

/** The span whose answers are judged. */
export const WINDOW_MS = 1_800_000
/** By how much more of its answers may be errors, or not be readable, than of the running version's. */
const MARGINS = { errors: 0.05, unreadable: 0.02 } as const

const sum = (counts: readonly Count[], kind: string, name?: string) =>
  counts.reduce((total, each) => (each.kind === kind && (name === undefined || each.name === name) ? total + each.n : total), 0)

export interface Comparison {
  reads: number
  /** Of them: without any difference, and with one. */
  same: number
  different: number
  /** Reads that were to be compared and were not: the agency was busy, closed or ill. */
  skipped: number
  callers: number
  fields: { service: string; field: string; equal: number; missing: number; added: number; type: number; value: number }[]
  errors: { service: string; running: string; candidate: string; count: number }[]
  latency: Record<'running' | 'candidate', { p50: number | null; p95: number | null }>
}

export function comparisonOf(counts: readonly Count[], callers: number): Comparison {
  const fields = new Map<string, Comparison['fields'][number]>()
  for (const { service, kind, name, n } of counts) {
    if (kind !== 'equal' && kind !== 'missing' && kind !== 'added' && kind !== 'type' && kind !== 'value') continue
    const key = `${service} ${name}`
    const field = fields.get(key) ?? { service, field: name, equal: 0, missing: 0, added: 0, type: 0, value: 0 }
    fields.set(key, field)
    field[kind] += n
  }
  const errors = counts.flatMap(({ service, kind, name, n }) => {
    const [running = '', candidate = ''] = name.split('>')
    return kind === 'error' ? [{ service, running, candidate, count: n }] : []
  })
  const [same, different] = [sum(counts, 'shadow', 'same'), sum(counts, 'shadow', 'different')]
  const latencyOf = (side: 'running' | 'candidate') => {
    const buckets = [...BOUNDS.keys(), BOUNDS.length].map((index) => sum(counts, `ms.${side}`, String(index)))
    return { p50: quantile(buckets, 0.5), p95: quantile(buckets, 0.95) }
  }
  return {
    ...{ reads: same + different, same, different, skipped: sum(counts, 'shadow', 'skipped'), callers },
    ...{ fields: [...fields.values()], errors, latency: { running: latencyOf('running'), candidate: latencyOf('candidate') } },
  }
}

export interface Answered {
  calls: number
  errors: number
  unreadable: number
  empty: number
}

export function answeredOf(counts: readonly Count[], side: 'running' | 'candidate'): Answered {
  const of = (name: string) => sum(counts, `answers.${side}`, name)
  return { calls: of('calls'), errors: of('errors'), unreadable: of('unreadable'), empty: of('empty') }
}

/** → why the candidate answers worse than the running version, in Chinese; null where it doesn't, or nobody can say yet. */
export function worseThan(
  running: Answered,
  candidate: Answered,
  { callers, isPublic }: { callers: number; isPublic: boolean },
  { leastAnswers, leastAnswered }: Demands,
): string | null {
  // Of what is everybody's nobody knows who asks.
  if (candidate.calls < leastAnswers || (!isPublic && callers < leastAnswered)) return null
  const words = { errors: '出错', unreadable: '无法识别' } as const
  const worse = (['errors', 'unreadable'] as const).flatMap((what) => {
    const [ours, theirs] = [running, candidate].map((each) => (each.calls === 0 ? 0 : each[what] / each.calls)) as [number, number]
    return theirs - ours > MARGINS[what] ? [`${words[what]}的答复占 ${percent(theirs)}，现行版本 ${percent(ours)}`] : []
  })
  return worse.length === 0 ? null : worse.join('；')
}

/** What stands against everybody being answered by the candidate, in Chinese; nothing: it may be. */
export function objections(
  { reads, different, callers }: Comparison,
  declared: readonly DeclaredDifference[],
  isPublic: boolean,
  { leastReads, leastCallers }: Demands,
): string[] {
  return [
    ...(declared.some(isBreaking) ? ['声明与现行版本不兼容'] : []),
    ...(reads < leastReads ? [`只比对了 ${reads} 次查询，须有 ${leastReads} 次`] : []),
    // Of what is everybody's nobody knows who asks.
    ...(!isPublic && callers < leastCallers ? [`只涉及约 ${callers} 名用户，须有 ${leastCallers} 名`] : []),
    ...(different > 0 ? [`有 ${different} 次与现行版本不一致`] : []),
  ]
}

export const percent = (share: number) => `${Math.round(share * 1000) / 10}%`
