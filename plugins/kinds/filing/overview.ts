import type { Knex } from 'knex'
import type { Row } from '../../../core/answer/reading.ts'
import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { beijing } from '../../../core/base/time.ts'
import type { Vault } from '../../../core/base/vault.ts'
import type { CompiledService } from '../../../core/call/service.ts'
import type { SubmissionState } from '../../../core/contract/filing-states.ts'
import { masks } from '../../../core/contract/masks.ts'
import type { Acting } from '../../access/principal.ts'
import { hasSteps, type NextStep, nextStepOf } from './life.ts'
import { type SubmissionRow, sealContext } from './rows.ts'
import { statesOf } from './states.ts'

/** A service whose filings somebody may look at now, and as what. */
export interface Shown {
  service: CompiledService
  by: Acting
}

export const groups = { open: '办理中', todo: '待您办理', closed: '已结束', done: '已办成', ended: '未办成或已撤回' } as const
export type Group = keyof typeof groups

export interface OverviewFilter {
  state?: string | undefined
  group?: Group | undefined
  /** Epoch milliseconds of the filing, both inclusive. */
  since?: number | undefined
  until?: number | undefined
  page: number
  pageSize: number
}

/** A filing in a list over all systems. */
export interface Overview {
  id: string
  connector: string
  service: string
  name: string
  agency: string
  state: SubmissionState
  stateName: string
  final: boolean
  filedAt: string
  updatedAt: string
  receipt: string | null
  statusUrl: string
  nextStep: NextStep | null
  /** For an enterprise's legal representative: who filed, masked. */
  filedBy: string | null
}

type Counts = Record<Group, number> & { total: number }
type Found = SubmissionRow & { filer_sealed: string | null }

interface Counted {
  connector: string
  service: string
  state: SubmissionState
  closed: number | string
  n: number | string
}

/**
 * What somebody filed with all systems, newest first, and how many of each group: two statements, however many services.
 * All of `shown` are of one principal; counts are of what the filter leaves apart from state and group.
 */
export async function findOverview(
  database: Database,
  vault: Vault,
  shown: readonly Shown[],
  { state, group, since, until, page, pageSize }: OverviewFilter,
): Promise<{ rows: Overview[]; total: number; counts: Counts }> {
  const counts: Counts = { open: 0, todo: 0, closed: 0, done: 0, ended: 0, total: 0 }
  const [first] = shown
  if (!first) return { rows: [], total: 0, counts }
  const { principal, userId } = first.by
  if (shown.some(({ by }) => by.principal !== principal || by.userId !== userId)) throw new HubError('HUB_INTERNAL')
  const services = new Map(shown.map(({ service }) => [service.key, service]))
  const place = ({ service: { connector, contract } }: Shown) => [connector.id, contract.id]
  const whole = shown.filter(({ by }) => by.represents).map(place)
  const own = shown.filter(({ by }) => !by.represents).map(place)
  const seen = () =>
    database('submissions')
      .where({ principal })
      .andWhere((query) => {
        if (whole.length > 0) query.orWhereIn(['connector', 'service'], whole)
        if (own.length > 0) query.orWhere((one) => one.where({ user_id: userId }).whereIn(['connector', 'service'], own))
      })
      .modify((query) => {
        if (since !== undefined) query.where('submissions.created_at', '>=', since)
        if (until !== undefined) query.where('submissions.created_at', '<=', until)
      })

  const counted: Counted[] = await seen()
    .groupBy('connector', 'service', 'state', 'closed')
    .select('connector', 'service', 'state', database.raw("case when due_at is null and state <> 'attention' then 1 else 0 end as closed"))
    .count({ n: '*' })
  const wanted: [connector: string, service: string, state: string, closed: boolean][] = []
  let total = 0
  for (const { connector, service, state: is, closed, n } of counted) {
    const in_ = groupsOf(services.get(`${connector}.${service}`), is, Number(closed) === 1)
    counts.total += Number(n)
    for (const each of in_) counts[each] += Number(n)
    if ((group !== undefined && !in_.includes(group)) || (state !== undefined && state !== is)) continue
    total += Number(n)
    wanted.push([connector, service, is, Number(closed) === 1])
  }
  if (wanted.length === 0) return { rows: [], total, counts }
  const found = (await seen()
    .modify((query: Knex.QueryBuilder) => {
      if (group !== undefined || state !== undefined)
        query.andWhere((any) => {
          for (const [connector = '', service = '', state = '', closed] of wanted)
            any.orWhere((one) => {
              one.where({ connector, service, 'submissions.state': state })
              // Of two rows in one state the one may have ended and the other not: what ends a walk is the agency's to say.
              if (closed) one.whereNull('due_at')
              else one.where((open) => open.whereNotNull('due_at').orWhere('submissions.state', 'attention'))
            })
        })
    })
    .leftJoin('users', 'users.id', 'submissions.user_id')
    .orderBy([
      { column: 'submissions.created_at', order: 'desc' },
      { column: 'submissions.id', order: 'desc' },
    ])
    .limit(pageSize)
    .offset((page - 1) * pageSize)
    .select('submissions.*', { filer_sealed: 'users.name_sealed' })) as Found[]
  const represents = new Set(shown.filter(({ by }) => by.represents).map(({ service }) => service.key))
  const rows = found.flatMap((row) => {
    const service = services.get(`${row.connector}.${row.service}`)
    return service ? [present(vault, service, row, represents.has(service.key))] : []
  })
  return { rows, total, counts }
}

function groupsOf(service: CompiledService | undefined, state: SubmissionState, closed: boolean): Group[] {
  const policy = service?.contract.submission
  if (!closed) return policy?.supplement?.when.includes(state) || policy?.joint?.payable === state ? ['open', 'todo'] : ['open']
  const went = state === 'rejected' || state === 'refused' || policy?.states?.[state]?.final === true
  return ['closed', went ? 'ended' : 'done']
}

function present(vault: Vault, { connector, contract }: CompiledService, row: Found, represents: boolean): Overview {
  const told = hasSteps(contract.submission ?? {}) ? row.progress_sealed : null
  const progress = told === null ? null : (JSON.parse(vault.open(told, sealContext.progress(row.id))) as Row)
  return {
    id: row.id,
    connector: connector.id,
    service: contract.id,
    name: contract.name,
    agency: connector.agency,
    state: row.state,
    stateName: statesOf(contract.submission).titleOf(row.state),
    final: row.due_at === null && row.state !== 'attention',
    filedAt: beijing(Number(row.created_at)),
    updatedAt: beijing(Number(row.updated_at)),
    receipt: row.receipt,
    statusUrl: `/v1/${connector.id}/${contract.id}/${row.id}`,
    nextStep: nextStepOf(contract.submission ?? {}, row.state, progress),
    filedBy: represents && row.filer_sealed !== null ? masks.name(vault.open(row.filer_sealed, `users.name:${row.user_id}`)) : null,
  }
}
