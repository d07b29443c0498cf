import type { Knex } from 'knex'
import { beijing } from '../../core/base/time.ts'
import type { Vault } from '../../core/base/vault.ts'
import { masks } from '../../core/contract/masks.ts'
import { changeTitles, isChangeKind } from './changes/index.ts'
import { type RequestState, requestStates } from './states.ts'

export interface RequestRow {
  id: string
  kind: string
  state: RequestState
  open_key: string | null
  payload_sealed: string | null
  facts: string
  subject_user_id: string | null
  other_user_id: string | null
  target: string | null
  requested_by: string
  reason: string
  trace_id: string
  requested_at: number | string
  expires_at: number | string
  decided_by: string | null
  decision_reason: string | null
  decided_at: number | string | null
  result: string | null
}

export type RequestView = ReturnType<typeof presentRequest>

/** → masked names of those whom the rows concern, by id; null for somebody who has none. */
export async function namesOf(database: Knex, vault: Vault, rows: readonly RequestRow[]): Promise<ReadonlyMap<string, string | null>> {
  const ids = new Set(rows.flatMap(({ subject_user_id, other_user_id }) => [subject_user_id, other_user_id]).filter((id) => id !== null))
  const users: { id: string; name_sealed: string | null }[] = await database('users')
    .whereIn('id', [...ids])
    .select('id', 'name_sealed')
  return new Map(users.map(({ id, name_sealed: name }) => [id, name === null ? null : masks.name(vault.open(name, `users.name:${id}`))]))
}

/** A request as administrators read it. `shown`: what is personal in it, masked, while it is open. */
export function presentRequest(row: RequestRow, names: ReadonlyMap<string, string | null>, shown: Readonly<Record<string, string>> | null) {
  const who = (id: string | null) => (id === null ? null : { id, name: names.get(id) ?? null })
  return {
    id: row.id,
    kind: row.kind,
    kindName: isChangeKind(row.kind) ? changeTitles[row.kind] : row.kind,
    state: row.state,
    stateName: requestStates[row.state].title,
    subject: who(row.subject_user_id),
    other: who(row.other_user_id),
    target: row.target,
    facts: JSON.parse(row.facts) as Record<string, unknown>,
    shown,
    requestedBy: row.requested_by,
    reason: row.reason,
    requestedAt: beijing(Number(row.requested_at)),
    expiresAt: beijing(Number(row.expires_at)),
    decidedBy: row.decided_by,
    decisionReason: row.decision_reason,
    decidedAt: row.decided_at === null ? null : beijing(Number(row.decided_at)),
    result: row.result,
  }
}
