import type { Row } from '../../core/answer/reading.ts'
import type { Vault } from '../../core/base/vault.ts'
import { type Execution, execute } from '../../core/call/execute.ts'
import type { CompiledService } from '../../core/call/service.ts'
import type { Asker } from '../../core/contract/asker.ts'
import type { SubscriptionPolicy } from '../../core/contract/subscriptions.ts'
import type { Upstream } from '../../core/upstream/upstream.ts'
import { readQuery } from '../kinds/query/read-query.ts'
import type { Choice } from './subscription-rows.ts'
import { daysUntil } from './subscription-times.ts'

export interface LookContext {
  vault: Vault
  upstreams: ReadonlyMap<string, Upstream>
  withAccount(service: CompiledService, asker: Asker, binding?: string): Promise<Asker>
}

/** More records than a person has; beyond them the oldest are not remembered. */
const MOST_KNOWN = 1500

/**
 * Asks a service what a subscription is about: as its user, by the way of any other question (ownership, masks). The asker was
 * admitted before. Throws as a question does.
 */
export async function look(context: LookContext, service: CompiledService, asker: Asker, { key, binding }: Choice): Promise<Execution> {
  const upstream = context.upstreams.get(service.system)
  if (!upstream) throw new Error(`no upstream for ${service.system}`)
  const full = service.needsAccount ? await context.withAccount(service, asker, binding ?? undefined) : asker
  const { contract } = service
  const { input, selection } = readQuery(contract, key !== null && contract.key ? { [contract.key]: key } : {})
  return execute(service, upstream, full, input, selection, true)
}

/** Keyed hashes of the records, by the fields that tell them apart. */
export function hashesOf(vault: Vault, policy: SubscriptionPolicy, rows: readonly Row[]): string[] {
  if (policy.on !== 'news') return []
  const names: readonly string[] = policy.key
  const hashes = rows.map((row) =>
    vault.fingerprint(JSON.stringify(names.map((name) => row[name] ?? null)), 'subscription.row').slice(0, 24),
  )
  return [...new Set(hashes)].slice(0, MOST_KNOWN)
}

/** The days of the records that are near enough to be told. */
export function daysNear(policy: SubscriptionPolicy, rows: readonly Row[], daysBefore: number, now: number): string[] {
  if (policy.on !== 'date') return []
  const name: string = policy.field
  const days = rows.flatMap((row) => dayOf(row[name]) ?? [])
  return [...new Set(days)].filter((day) => {
    const left = daysUntil(day, now)
    return left >= 0 && left <= daysBefore
  })
}

function dayOf(value: unknown): string | null {
  const day = typeof value === 'object' && value !== null && 'until' in value ? value.until : value
  return typeof day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(day) ? day : null
}
