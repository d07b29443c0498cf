import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { beijing } from '../../core/base/time.ts'
import type { Vault } from '../../core/base/vault.ts'
import { masks } from '../../core/contract/masks.ts'
import { post } from '../outbox/outbox.ts'

export const mandateRoles = {
  agent: '经办人',
  'legal-representative': '法定代表人',
  guardian: '监护人',
  kin: '家庭成员',
  operator: '窗口工作人员',
} as const
export type MandateRole = keyof typeof mandateRoles

/** `invited`: nobody of that number is known yet; it becomes `active` when somebody is verified under it. */
export const mandateStatuses = { invited: '待本人实名认证', active: '有效', disabled: '已停用' } as const
export type MandateStatus = keyof typeof mandateStatuses

export interface MandateRow {
  id: string
  user_id: string | null
  enterprise_id: string | null
  subject_user_id: string | null
  role: MandateRole
  /** Space-separated `*`, `<connector>` or `<connector>.<service>`. */
  scope: string
  status: MandateStatus
  granted_by: string
  starts_at: number
  ends_at: number
  /** One living mandate per holder and role. */
  holder_key: string | null
  name_sealed: string | null
  phone_sealed: string | null
  id_number_sealed: string | null
  id_number_hash: string | null
  created_at: number
}

/** Who changes a mandate, for its log. */
export interface Actor {
  /** null for the hub itself. */
  userId: string | null
  role: 'legal-representative' | 'agent' | 'admin' | 'operator' | 'holder' | 'hub'
  purpose?: string | undefined
  traceId?: string | undefined
}

export type MandateAction = 'granted' | 'invited' | 'accepted' | 'changed' | 'renewed' | 'disabled' | 'resigned' | EnterpriseAction
/** What was done with an enterprise as such. */
export type EnterpriseAction = 'registered' | 'amended' | 'frozen' | 'unfrozen' | 'removed'

/** Adds a mandate and the line of its log. The caller's transaction decides over both. */
export async function insertMandate(transaction: Knex, row: MandateRow, actor: Actor): Promise<void> {
  await transaction('mandates').insert(row)
  await writeEvent(transaction, row, row.status === 'invited' ? 'invited' : 'granted', actor)
}

/** Changes a mandate and logs it. A disabled one frees its place for another. */
export async function changeMandate(
  transaction: Knex,
  row: MandateRow,
  changes: Partial<MandateRow>,
  action: MandateAction,
  actor: Actor,
): Promise<MandateRow> {
  const columns = changes.status === 'disabled' ? { ...changes, holder_key: null } : changes
  await transaction('mandates').where({ id: row.id }).update(columns)
  const changed = { ...row, ...columns }
  await writeEvent(transaction, changed, action, actor)
  return changed
}

/** One line of the log: who did what; `row` as it is from there on, or only the enterprise concerned. */
export async function writeEvent(
  transaction: Knex,
  row: Partial<MandateRow> & { enterprise_id: string | null },
  action: MandateAction,
  { userId, role, purpose, traceId }: Actor,
): Promise<void> {
  const detail = row.id === undefined ? {} : { scope: row.scope, startsAt: Number(row.starts_at), endsAt: Number(row.ends_at) }
  await transaction('mandate_events').insert({
    mandate_id: row.id ?? null,
    enterprise_id: row.enterprise_id,
    at: Date.now(),
    actor: userId,
    actor_role: role,
    action,
    detail: JSON.stringify(detail),
    purpose: purpose ?? null,
    trace_id: traceId ?? null,
  })
  await tell(transaction, row, action)
}

/** Whoever holds or is offered a mandate is told; of a freeze, the enterprise's legal representative. */
async function tell(
  transaction: Knex,
  { id, user_id = null, status = 'active', enterprise_id }: Partial<MandateRow> & { enterprise_id: string | null },
  action: MandateAction,
): Promise<void> {
  if (id !== undefined) await post(transaction, { topic: 'mandate', userId: user_id, about: id, detail: { action, status } })
  else if (enterprise_id !== null && (action === 'frozen' || action === 'unfrozen')) {
    const notice = { principal: `enterprise:${enterprise_id}`, about: enterprise_id, detail: { action } }
    await post(transaction, { topic: 'enterprise', userId: null, ...notice })
  }
}

/** What makes a holder's living mandate of a role the only one. */
export function holderKey(vault: Vault, role: MandateRole, scopeId: string, holder: string): string {
  return vault.fingerprint(`${role}\0${scopeId}\0${holder}`, 'mandates.holder')
}

/** A mandate's holder as others may see him. */
export function holderOf(vault: Vault, { id, name_sealed, phone_sealed, id_number_sealed }: MandateRow) {
  return {
    name: name_sealed === null ? null : masks.name(vault.open(name_sealed, `mandates.name:${id}`)),
    phone: phone_sealed === null ? null : masks.phone(vault.open(phone_sealed, `mandates.phone:${id}`)),
    idNumber: id_number_sealed === null ? null : masks.idNumber(vault.open(id_number_sealed, `mandates.id_number:${id}`)),
  }
}

/** What a mandate allows and until when, for every answer that shows one. */
export function termsOf(row: MandateRow) {
  const now = Date.now()
  return {
    id: row.id,
    role: row.role,
    roleName: mandateRoles[row.role],
    scope: row.scope.split(' '),
    status: row.status,
    statusName: mandateStatuses[row.status],
    startsAt: beijing(Number(row.starts_at)),
    endsAt: beijing(Number(row.ends_at)),
    current: row.status === 'active' && Number(row.starts_at) <= now && Number(row.ends_at) > now,
    grantedBy: row.granted_by,
  }
}

/** A new mandate with nothing but its terms. */
export function newMandate(
  terms: Pick<MandateRow, 'role' | 'scope' | 'status' | 'granted_by' | 'starts_at' | 'ends_at' | 'holder_key'>,
): MandateRow {
  const nobody = { user_id: null, enterprise_id: null, subject_user_id: null }
  const unnamed = { name_sealed: null, phone_sealed: null, id_number_sealed: null, id_number_hash: null }
  return { id: randomUUID(), ...nobody, ...unnamed, created_at: Date.now(), ...terms }
}

/** Lines of the log of an enterprise, newest first; of one mandate with `mandateId`. */
export async function eventsOf(
  database: Knex,
  where: { enterprise_id: string; mandate_id?: string },
  { page, pageSize }: { page: number; pageSize: number },
) {
  const rows = await database('mandate_events')
    .where(where)
    .orderBy('id', 'desc')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
  const counted = await database('mandate_events').where(where).count({ n: '*' }).first()
  const events = rows.map((row: Record<string, string | number | null>) => ({
    at: beijing(Number(row['at'])),
    mandateId: row['mandate_id'],
    action: row['action'],
    actorRole: row['actor_role'],
    actor: row['actor'],
    purpose: row['purpose'],
    traceId: row['trace_id'],
    detail: JSON.parse(String(row['detail'])) as Record<string, unknown>,
  }))
  return { rows: events, total: Number(counted?.['n'] ?? 0) }
}
