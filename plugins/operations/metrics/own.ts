import type { FastifyInstance } from 'fastify'
import { version } from '../../../config/version.ts'
import type { Database } from '../../../core/base/database.ts'
import { counter, gauge, type Metric, sample } from './metric.ts'

/** Longer than two scrapes apart, the database is counted once for both. */
const COUNTED_MS = 10_000

type Source = Pick<FastifyInstance, 'database' | 'jobs' | 'schedules' | 'audit' | 'evidence'>

/** What the hub itself is at: background work, its store, its audit log. */
export function ownMetrics({ database, jobs, schedules, audit, evidence }: Source): Metric[] {
  const overview = kept(COUNTED_MS, () => jobs.overview())
  const states = kept(COUNTED_MS, () => jobs.states())
  const listed = kept(COUNTED_MS, () => schedules.list())
  const alerts = kept(COUNTED_MS, () => countAlerts(database))
  const secrets = kept(COUNTED_MS, () => countSecrets(database))

  return [
    gauge('hub_info', 'The version that runs', () => [sample(1, { version })]),
    gauge('hub_jobs', 'Background work by type: all that waits, what is due, what runs, what a person has to look at', async () =>
      (await overview()).flatMap(({ name: type, waiting, due, running, failed }) =>
        Object.entries({ waiting, due, running, failed }).map(([state, n]) => sample(n, { type, state })),
      ),
    ),
    gauge('hub_jobs_oldest_seconds', 'For how long the oldest of the due work has waited', async () =>
      (await overview()).map(({ name: type, oldestDueAt }) => sample(oldestDueAt === null ? 0 : ageOf(oldestDueAt), { type })),
    ),
    gauge('hub_dead_letters', 'What came to nothing and waits for a person', async () => {
      const lettered = jobs.letterTypes()
      return (await overview()).filter(({ name }) => name in lettered).map(({ name: type, failed }) => sample(failed, { type }))
    }),
    gauge('hub_filings', 'Filings by state; those that are at an end are not counted', async () => statesOf(await states(), 'submissions')),
    gauge('hub_orders', 'Orders by state; those that are at an end are not counted', async () => statesOf(await states(), 'orders')),
    gauge('hub_reconciliations', 'Days of reconciliation by state; those that agree are not counted', async () =>
      statesOf(await states(), 'reconciliations'),
    ),
    gauge('hub_schedule_failures', 'Failures in a row of what is done at set times', async () =>
      (await listed()).map(({ name: schedule, failures }) => sample(failures, { schedule })),
    ),
    gauge('hub_schedule_late_seconds', 'How late what is done at set times is', async () =>
      (await listed()).map(({ name: schedule, dueAt, running }) => sample(running ? 0 : ageOf(dueAt), { schedule })),
    ),
    gauge('hub_alerts', 'Alerts that are not over, by rule, severity and state', async () =>
      (await alerts()).map(({ rule, severity, state, n }) => sample(Number(n), { rule, severity, state })),
    ),
    gauge('hub_secrets', 'Secrets and tokens of agencies that the hub holds, has lost, or fails to renew', async () =>
      Object.entries(await secrets()).map(([state, n]) => sample(n, { state })),
    ),
    gauge('hub_database_connections', 'Connections to the store; pending: those who wait for one', () => {
      const { used, free, pending } = poolOf(database)
      return [sample(used, { state: 'used' }), sample(free, { state: 'free' }), sample(pending, { state: 'pending' })]
    }),
    gauge('hub_audit_writable', 'Whether the last audit rows could be written', () => [sample(audit.healthy ? 1 : 0)]),
    gauge('hub_audit_rows_waiting', 'Audit rows that wait to be written', () => [sample(audit.waiting)]),
    counter('hub_audit_rows_total', 'Audit rows that were written', () => [sample(audit.written)]),
    gauge('hub_audit_heads_writable', 'Whether the last checkpoint reached the second place', () => [
      sample(evidence.state.healthy ? 1 : 0),
    ]),
    gauge('hub_audit_heads_age_seconds', 'Age of the newest checkpoint at the second place', () =>
      evidence.state.ageMs === null ? [] : [sample(evidence.state.ageMs / 1000)],
    ),
  ]
}

const ageOf = (at: number) => Math.max(0, (Date.now() - at) / 1000)

function statesOf(found: readonly { type: string; state: string; count: number }[], wanted: string) {
  return found.filter(({ type }) => type === wanted).map(({ state, count }) => sample(count, { state }))
}

/** knex's pool, tarn, which says how it stands. */
function poolOf(database: Database): { used: number; free: number; pending: number } {
  const { pool } = database.client as { pool: { numUsed(): number; numFree(): number; numPendingAcquires(): number } }
  return { used: pool.numUsed(), free: pool.numFree(), pending: pool.numPendingAcquires() }
}

async function countAlerts(database: Database): Promise<{ rule: string; severity: string; state: string; n: number | string }[]> {
  const named = ['rule', 'severity', 'state'] as const
  return database('alerts')
    .whereNotNull('open_key')
    .groupBy(...named)
    .select(...named)
    .count({ n: '*' })
}

async function countSecrets(database: Database): Promise<Record<string, number>> {
  const rows: { failures: number; expires_at: number | string }[] = await database('upstream_secrets').select('failures', 'expires_at')
  const now = Date.now()
  const held = rows.filter(({ expires_at }) => Number(expires_at) > now).length
  return { held, ended: rows.length - held, failing: rows.filter(({ failures }) => failures > 0).length }
}

/** Reads at most once in so long, however many look. */
function kept<T>(ms: number, read: () => Promise<T>): () => Promise<T> {
  let last: Promise<T> | null = null
  let until = 0
  return () => {
    if (last && performance.now() < until) return last
    until = performance.now() + ms
    last = read()
    last.catch(() => {
      until = 0
    })
    return last
  }
}
