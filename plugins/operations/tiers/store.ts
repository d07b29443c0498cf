import type { Database } from '../../../core/base/database.ts'
import { beijing } from '../../../core/base/time.ts'
import { askStatistics } from '../statistics/ask.ts'
import { lesser, levelOf, TIERS, type Tier } from './level.ts'

/** The tier that counts, and why it is no higher. */
export interface Standing {
  connector: string
  version: string
  /** What the kit said, and when; epoch milliseconds. */
  kit: Tier
  checkedAt: number
  tier: Tier
  reason: string
  /** Since when it is so. */
  since: number
}

export interface Judged {
  id: string
  version: string
  timeoutMs: number
}

const DAYS = 28
const DAY_MS = 86_400_000

/** Keeps what the kit found of a version: from here a tier may rise again. */
export async function keepKitResult(
  database: Database,
  found: { connector: string; version: string; kit: Tier; at: number },
): Promise<void> {
  const { connector, version, kit, at } = found
  const row = { version, kit, checked_at: at, tier: kit, reason: '检验结果', since: at }
  const changed = await database('connector_tiers').where({ connector }).update(row)
  if (changed === 0) await database('connector_tiers').insert({ connector, ...row })
}

export async function readStandings(database: Database): Promise<Standing[]> {
  const rows: Record<string, string | number>[] = await database('connector_tiers').select()
  return rows.map((row) => ({
    connector: String(row['connector']),
    version: String(row['version']),
    kit: tierOf(row['kit']),
    checkedAt: Number(row['checked_at']),
    tier: tierOf(row['tier']),
    reason: String(row['reason']),
    since: Number(row['since']),
  }))
}

const tierOf = (value: unknown): Tier => TIERS.find((tier) => tier === value) ?? 'none'

/** Compares each connector that the kit knows with its last 28 days. A tier only falls here: it rises by another run of the kit. */
export async function judge(database: Database, connectors: readonly Judged[], now: number): Promise<void> {
  const [from = '', to = ''] = [now - DAYS * DAY_MS, now].map((at) => beijing(at).slice(0, 10))
  const statistics = new Map((await askStatistics(database, { by: 'connector', from, to })).map((row) => [row.key, row]))
  for (const { connector, version, tier } of await readStandings(database)) {
    const declared = connectors.find(({ id }) => id === connector)
    if (!declared) continue
    const { calls = 0, unanswered = 0, unreadable = 0, p95Ms = null } = statistics.get(connector) ?? {}
    const weeks = levelOf({ calls, unanswered, unreadable, p95Ms, timeoutMs: declared.timeoutMs })
    const found =
      version === declared.version ? weeks : { tier: 'bronze' as const, reason: `检验的是 ${version} 版，现在是 ${declared.version} 版` }
    if (lesser(found.tier, tier) === tier) continue
    await database('connector_tiers').where({ connector, tier }).update({ tier: found.tier, reason: found.reason, since: now })
  }
}
