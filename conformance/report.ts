import { type Check, type Finding, type PaperCheck, type Tier, tiers } from './check.ts'

export interface Outcome {
  id: string
  title: string
  tier: Tier
  result: 'pass' | 'fail' | 'skip'
  /** Why it failed or was left out. */
  reasons: readonly string[]
}

export interface Report {
  connector: string
  name: string
  /** The highest tier of which nothing failed, nor of those below. */
  tier: Tier | 'none'
  checks: readonly Outcome[]
  /** Demands of the contract that the connector itself says are not, or not wholly met. */
  unmet: readonly string[]
  ms: number
}

export function outcomeOf({ id, title, tier }: Pick<Check | PaperCheck, 'id' | 'title' | 'tier'>, finding: Finding): Outcome {
  const about = { id, title, tier }
  if ('skip' in finding) return { ...about, result: 'skip', reasons: [finding.skip] }
  return { ...about, result: finding.length === 0 ? 'pass' : 'fail', reasons: finding }
}

export function tierOf(checks: readonly Outcome[]): Tier | 'none' {
  const failed = tiers.findIndex((tier) => checks.some((check) => check.tier === tier && check.result === 'fail'))
  return tiers[(failed === -1 ? tiers.length : failed) - 1] ?? 'none'
}

const MARKS = { pass: '✓', fail: '✗', skip: '–' } as const
const NAMES = { bronze: '铜', silver: '银', gold: '金' } as const
/** Enough to act on; the JSON form has all. */
const SHOWN_REASONS = 20

/** One line a check, reasons below, and the tier in the last line. */
export function formatReport({ connector, name, tier, checks, unmet, ms }: Report): string {
  const lines = checks.flatMap(({ id, title, tier: level, result, reasons }) => [
    `${MARKS[result]} ${NAMES[level]} ${title}（${id}）`,
    ...reasons.slice(0, SHOWN_REASONS).map((reason) => `    ${reason}`),
    ...(reasons.length > SHOWN_REASONS ? [`    另有 ${reasons.length - SHOWN_REASONS} 处`] : []),
  ])
  const failed = checks.filter(({ result }) => result === 'fail').length
  const summary = `${checks.length} 项检查，${failed} 项没有通过，用时 ${(ms / 1000).toFixed(1)} 秒`
  const open = unmet.length > 0 ? [`合同要求中有 ${unmet.length} 项尚未完全满足：`, ...unmet.map((demand) => `    ${demand}`)] : []
  return [`${name}（${connector}）`, ...lines, ...open, summary, `tier: ${tier}`].join('\n')
}
