import { createHash, randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { type EnterpriseStatus, moveEnterprise } from './enterprise-states.ts'
import { type Actor, changeMandate, holderKey, insertMandate, type MandateRow, newMandate, writeEvent } from './mandates.ts'

/** Papers are looked at again after a year, and a day for whoever confirms. */
const LONGEST_MS = 366 * 86_400_000

export interface EnterpriseRow {
  id: string
  name: string
  uscc: string
  status: EnterpriseStatus
  registered_state: string | null
  established_on: string | null
  checked_at: number | string | null
  created_at: number | string
}

/** What administrators say of an enterprise; binding it takes over what the registry says. */
export interface EnterpriseFacts {
  name?: string | undefined
  registeredState?: string | null | undefined
  establishedOn?: string | null | undefined
}

/** A sign of an enterprise as somebody saw it: another one once anything of it is changed. */
export function versionOf({ name, uscc, status, registered_state, established_on }: EnterpriseRow): string {
  const seen = JSON.stringify([name, uscc, status, registered_state, established_on])
  return createHash('sha256').update(seen).digest('base64url').slice(0, 16)
}

/** Adds one to which nobody is bound, or one that was removed again. → its id. Throws HUB_VALIDATION where there is one. */
export async function registerEnterprise(
  transaction: Knex,
  { uscc, ...facts }: EnterpriseFacts & { uscc: string; name: string },
  actor: Actor,
): Promise<string> {
  const known: EnterpriseRow | undefined = await transaction('enterprises').where({ uscc }).forUpdate().first()
  const id = known?.id ?? randomUUID()
  if (known) {
    if (!(await moveEnterprise(transaction, id, ['removed'], 'active'))) throw refused('/body/uscc', '这家企业已经登记')
    await transaction('enterprises').where({ id }).update(columnsOf(facts))
  } else
    try {
      await transaction('enterprises').insert({ id, uscc, status: 'active', created_at: Date.now(), ...columnsOf(facts) })
    } catch (error) {
      throw isDuplicate(error) ? refused('/body/uscc', '这家企业已经登记') : error
    }
  await writeEvent(transaction, { enterprise_id: id }, 'registered', actor)
  return id
}

/** Throws HUB_NO_RECORD, HUB_REQUEST_STATE where something of it was changed since the `version`. */
export async function changeEnterprise(
  transaction: Knex,
  id: string,
  facts: EnterpriseFacts,
  version: string,
  actor: Actor,
): Promise<void> {
  await held(transaction, id, version)
  await transaction('enterprises').where({ id }).update(columnsOf(facts))
  await writeEvent(transaction, { enterprise_id: id }, 'amended', actor)
}

/** Ends every mandate of it; what was handled for it stays on record. Throws as {@link changeEnterprise}. */
export async function removeEnterprise(transaction: Knex, id: string, version: string, actor: Actor): Promise<void> {
  await held(transaction, id, version)
  await moveEnterprise(transaction, id, ['active', 'frozen'], 'removed')
  const living: MandateRow[] = await transaction('mandates').where({ enterprise_id: id }).whereNot({ status: 'disabled' }).forUpdate()
  for (const mandate of living) await changeMandate(transaction, mandate, { status: 'disabled' }, 'disabled', actor)
  await writeEvent(transaction, { enterprise_id: id }, 'removed', actor)
}

/**
 * Makes a verified user the legal representative by his papers, where the registry cannot say so. → the mandate's id. Throws
 * HUB_NO_RECORD, HUB_ENTERPRISE_FROZEN, HUB_ENTERPRISE_BOUND while somebody is, HUB_VALIDATION for somebody who is not verified.
 */
export async function appointRepresentative(
  transaction: Knex,
  vault: Vault,
  { enterpriseId, userId, endsAt }: { enterpriseId: string; userId: string; endsAt: number },
  actor: Actor,
): Promise<string> {
  const { status } = await held(transaction, enterpriseId)
  if (status !== 'active') throw new HubError('HUB_ENTERPRISE_FROZEN')
  if (endsAt > Date.now() + LONGEST_MS) throw refused('/body/endsAt', '最长一年，到期后重新核对')
  const user = await transaction('users').where({ id: userId, level: 'real-name', status: 'active' }).forUpdate().first('name_sealed')
  if (!user?.name_sealed) throw refused('/body/userId', '没有这个用户，或他还没有实名认证')
  const now = Date.now()
  const holder_key = holderKey(vault, 'legal-representative', enterpriseId, '')
  const present: MandateRow | undefined = await transaction('mandates').where({ holder_key }).forUpdate().first()
  if (present && Number(present.ends_at) > now) throw new HubError('HUB_ENTERPRISE_BOUND')
  if (present) await changeMandate(transaction, present, { status: 'disabled' }, 'disabled', { ...actor, userId: null, role: 'hub' })
  const terms = { scope: '*', status: 'active', granted_by: 'counter', starts_at: now, ends_at: endsAt, holder_key } as const
  const row = newMandate({ role: 'legal-representative', ...terms })
  row.user_id = userId
  row.enterprise_id = enterpriseId
  row.name_sealed = vault.seal(vault.open(user.name_sealed, `users.name:${userId}`), `mandates.name:${row.id}`)
  try {
    await insertMandate(transaction, row, actor)
  } catch (error) {
    throw isDuplicate(error) ? new HubError('HUB_ENTERPRISE_BOUND') : error
  }
  return row.id
}

/** The row until the transaction ends, as it was seen. */
async function held(transaction: Knex, id: string, version?: string): Promise<EnterpriseRow> {
  // A write of nothing takes the row on both engines.
  await transaction('enterprises')
    .where({ id })
    .update({ status: transaction.ref('status') })
  const row: EnterpriseRow | undefined = await transaction('enterprises').where({ id }).forUpdate().first()
  if (!row || row.status === 'removed') throw new HubError('HUB_NO_RECORD', { detail: '没有这家企业，或它已经删除。' })
  if (version !== undefined && version !== versionOf(row))
    throw new HubError('HUB_REQUEST_STATE', { detail: '这家企业的资料在此之后又有改动，请按现在的资料重新申请。' })
  return row
}

function columnsOf({ name, registeredState, establishedOn }: EnterpriseFacts) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(registeredState === undefined ? {} : { registered_state: registeredState }),
    ...(establishedOn === undefined ? {} : { established_on: establishedOn }),
  }
}

function refused(pointer: string, detail: string): HubError {
  return new HubError('HUB_VALIDATION', { errors: [{ pointer, detail }] })
}
