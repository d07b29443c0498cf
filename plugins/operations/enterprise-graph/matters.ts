import type { Knex } from 'knex'
import type { CompiledService } from '../../../core/call/service.ts'
import { kinds } from '../../kinds/index.ts'

/** One thing that was handled for an enterprise, of whatever kind. */
export interface Matter {
  id: string
  kind: string
  connector: string
  service: string
  user_id: string
  state: string
  created_at: number
}

/** How often somebody used a service for it. */
export interface Handled {
  connector: string
  service: string
  user_id: string
  times: number
  /** Epoch milliseconds. */
  newest: number
}

const COLUMNS = ['id', 'connector', 'service', 'user_id', 'state', 'created_at']

/** Everything that kinds keep of what was handled for an enterprise, as one table. */
function all(database: Knex, enterpriseId: string): Knex.QueryBuilder {
  const parts = kinds.flatMap(({ name, matters }) =>
    matters
      ? [
          database(matters.table)
            .where({ enterprise_id: enterpriseId })
            .select(COLUMNS)
            .select(database.raw('? as kind', [name])),
        ]
      : [],
  )
  const [first, ...others] = parts
  if (!first) throw new Error('no kind keeps matters')
  return database.from(first.unionAll(others).as('matters'))
}

/** The newest first. */
export async function mattersOf(database: Knex, enterpriseId: string, { page, pageSize }: { page: number; pageSize: number }) {
  const rows: Matter[] = await all(database, enterpriseId)
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'asc' },
    ])
    .limit(pageSize)
    .offset((page - 1) * pageSize)
    .select()
  const counted = await all(database, enterpriseId).count({ n: '*' }).first()
  return { rows: rows.map((row) => ({ ...row, created_at: Number(row.created_at) })), total: Number(counted?.['n'] ?? 0) }
}

/** By service and by who did it, what was done last first. */
export async function handledFor(database: Knex, enterpriseId: string): Promise<Handled[]> {
  const rows: Handled[] = await all(database, enterpriseId)
    .groupBy('connector', 'service', 'user_id')
    .select('connector', 'service', 'user_id', database.raw('count(*) as times'), database.raw('max(created_at) as newest'))
    .orderBy('newest', 'desc')
  return rows.map((row) => ({ ...row, times: Number(row.times), newest: Number(row.newest) }))
}

/** A matter's state in its kind's words. */
export function stateNameOf(service: CompiledService | undefined, { kind, state }: Pick<Matter, 'kind' | 'state'>): string {
  const matters = kinds.find(({ name }) => name === kind)?.matters
  return service && matters ? matters.stateName(service.contract, state) : state
}
