import type { FastifyInstance } from 'fastify'
import { beijing } from '../../../core/base/time.ts'
import { masks } from '../../../core/contract/masks.ts'
import { enterpriseStatuses } from '../../mandates/enterprise-states.ts'
import { holderOf, type MandateRow, termsOf } from '../../mandates/mandates.ts'
import type { EnterpriseRow } from '../../mandates/register.ts'
import { userStatuses } from '../../users/person-view.ts'
import type { UserStatus } from '../../users/states.ts'
import { type Handled, handledFor, mattersOf, stateNameOf } from './matters.ts'

/** Something that the graph shows. `state` in words; what is personal is masked. */
export interface GraphNode {
  id: string
  kind: 'enterprise' | 'person' | 'service'
  label: string
  /** A second line: a code, a masked number, an agency. */
  detail: string | null
  state: string | null
  /** The account that is bound, of a person who has one. */
  userId: string | null
}

export interface GraphEdge {
  from: string
  to: string
  relation: 'legal-representative' | 'agent' | 'handled'
  label: string
  /** Whether it holds now; what was handled stays handled. */
  current: boolean
  mandateId: string | null
  scope: string[]
  endsAt: string | null
  times: number | null
}

export interface EnterpriseGraph {
  nodes: GraphNode[]
  edges: GraphEdge[]
  /** The newest first, a page of them. */
  matters: { id: string; kind: string; connector: string; service: string; name: string; state: string; by: string; at: string }[]
  /** Of all matters. */
  total: number
  /** Mandates and services for which there was no room. */
  left: { mandates: number; services: number }
}

type Parts = Pick<FastifyInstance, 'database' | 'vault' | 'services'>
type Account = { id: string; status: UserStatus; name_sealed: string | null }

/** Those that hold now come first; more is no picture. */
const MANDATES = 60
const SERVICES = 40

/** 法人体系关系图谱 (contract 1.2.1.2.3): enterprise, legal person, bound accounts, agents, and what was handled. → null for no such enterprise. */
export async function graphOf(
  { database, vault, services }: Parts,
  enterpriseId: string,
  paging: { page: number; pageSize: number },
): Promise<EnterpriseGraph | null> {
  const enterprise: Pick<EnterpriseRow, 'name' | 'uscc' | 'status'> | undefined = await database('enterprises')
    .where({ id: enterpriseId })
    .first('name', 'uscc', 'status')
  if (!enterprise) return null
  const held = () => database('mandates').where({ enterprise_id: enterpriseId }).whereIn('role', ['legal-representative', 'agent'])
  // `active` stands before `disabled` and `invited`.
  const mandates: MandateRow[] = await held()
    .orderBy([{ column: 'status' }, { column: 'role', order: 'desc' }, { column: 'created_at', order: 'desc' }, { column: 'id' }])
    .limit(MANDATES)
  const counted = await held().count({ n: '*' }).first()
  const handled = await handledFor(database, enterpriseId)
  const { rows, total } = await mattersOf(database, enterpriseId, paging)
  const ids = [...mandates.map(({ user_id }) => user_id), ...handled.map(({ user_id }) => user_id)].filter((id) => id !== null)
  const accounts = await accountsOf(database, [...new Set(ids)])
  const root = `enterprise:${enterpriseId}`
  const persons = new Map<string, GraphNode>()

  function personOf(userId: string | null, mandate?: MandateRow): string {
    const id = userId === null ? `mandate:${mandate?.id}` : `user:${userId}`
    if (!persons.has(id)) persons.set(id, personNode(id, userId === null ? undefined : accounts.get(userId), mandate))
    return id
  }

  function personNode(id: string, account: Account | undefined, mandate?: MandateRow): GraphNode {
    const given = mandate ? holderOf(vault, mandate) : null
    const known = account?.name_sealed ? masks.name(vault.open(account.name_sealed, `users.name:${account.id}`)) : null
    const label = known ?? given?.name ?? '（已注销）'
    const state = account ? `账户${userStatuses[account.status]}` : '尚无账户'
    return { id, kind: 'person', label, detail: given?.phone ?? null, state, userId: account?.id ?? null }
  }

  const bonds = mandates.map((mandate): GraphEdge => {
    const { id, role, roleName, scope, statusName, endsAt, current, status } = termsOf(mandate)
    const state = current || status !== 'active' ? statusName : '不在有效期'
    const rest = { current, mandateId: id, scope, endsAt, times: null }
    return {
      from: root,
      to: personOf(mandate.user_id, mandate),
      relation: role === 'agent' ? role : 'legal-representative',
      label: `${roleName}（${state}）`,
      ...rest,
    }
  })
  const shown = servicesOf(handled).slice(0, SERVICES)
  const done = handled
    .filter((each) => shown.includes(keyOf(each)))
    .map((each): GraphEdge => {
      const rest = { current: true, mandateId: null, scope: [], endsAt: null, times: each.times }
      return { from: personOf(each.user_id), to: `service:${keyOf(each)}`, relation: 'handled', label: `${each.times} 件`, ...rest }
    })
  const nameOf = (key: string) => services.get(key)?.contract.name ?? key
  return {
    nodes: [
      {
        id: root,
        kind: 'enterprise',
        label: enterprise.name,
        detail: enterprise.uscc,
        state: enterpriseStatuses[enterprise.status],
        userId: null,
      },
      ...persons.values(),
      ...shown.map(
        (key): GraphNode => ({
          ...{ id: `service:${key}`, kind: 'service', label: nameOf(key), detail: services.get(key)?.connector.agency ?? null },
          ...{ state: null, userId: null },
        }),
      ),
    ],
    edges: [...bonds, ...done],
    matters: rows.map(({ id, kind, connector, service, user_id, state, created_at }) => ({
      ...{ id, kind, connector, service, name: nameOf(`${connector}.${service}`), by: `user:${user_id}`, at: beijing(created_at) },
      state: stateNameOf(services.get(`${connector}.${service}`), { kind, state }),
    })),
    total,
    left: { mandates: Math.max(0, Number(counted?.['n'] ?? 0) - mandates.length), services: servicesOf(handled).length - shown.length },
  }
}

const keyOf = ({ connector, service }: Handled) => `${connector}.${service}`

function servicesOf(handled: readonly Handled[]): string[] {
  return [...new Set(handled.map(keyOf))]
}

async function accountsOf(database: Parts['database'], ids: readonly string[]): Promise<Map<string, Account>> {
  const rows: Account[] = await database('users').whereIn('id', ids).select('id', 'status', 'name_sealed')
  return new Map(rows.map((row) => [row.id, row]))
}
