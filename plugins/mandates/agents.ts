import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { IDENTITY_CARD, identityHash } from '../store/identity-hash.ts'
import { lockIndexes } from '../store/indexes.ts'
import { inForce } from './in-force.ts'
import {
  type Actor,
  changeMandate,
  eventsOf,
  holderKey,
  holderOf,
  insertMandate,
  type MandateRow,
  type MandateStatus,
  newMandate,
  termsOf,
} from './mandates.ts'

export interface AgentDraft {
  name: string
  phone: string
  /** Check digit verified. */
  idNumber: string
  /** See scopes.ts. */
  scope: string
  starts_at: number
  ends_at: number
}

export interface Paged {
  page: number
  pageSize: number
}

export type Agent = ReturnType<typeof holderOf> & ReturnType<typeof termsOf>

/** 经办人 of an enterprise. Only its legal representative administers them; ask {@link Agents.requireRepresentative} first. */
export interface Agents {
  /** Throws HUB_LEGAL_REPRESENTATIVE_REQUIRED, the same for an enterprise that there isn't, or HUB_ENTERPRISE_FROZEN. */
  requireRepresentative(userId: string, enterpriseId: string): Promise<void>
  /**
   * Somebody known under that id number is authorised at once; somebody who isn't becomes so when he is first
   * verified. Throws HUB_VALIDATION where name and number are two people's, HUB_MANDATE_EXISTS.
   */
  add(enterpriseId: string, draft: AgentDraft, actor: Actor): Promise<Agent>
  list(enterpriseId: string, filter: Paged & { status?: MandateStatus }): Promise<{ rows: Agent[]; total: number }>
  /** Throws HUB_NO_RECORD for one that is not (or no longer) this enterprise's. */
  change(
    enterpriseId: string,
    id: string,
    changes: Partial<Pick<AgentDraft, 'phone' | 'scope' | 'starts_at' | 'ends_at'>>,
    actor: Actor,
  ): Promise<Agent>
  disable(enterpriseId: string, id: string, actor: Actor): Promise<Agent>
  events(enterpriseId: string, mandateId: string | undefined, paged: Paged): ReturnType<typeof eventsOf>
}

export function createAgents(database: Database, vault: Vault): Agents {
  const present = (row: MandateRow): Agent => ({ ...termsOf(row), ...holderOf(vault, row) })

  /** The living agent under this id, held until the transaction ends. */
  async function living(transaction: Knex, enterpriseId: string, id: string): Promise<MandateRow> {
    const row: MandateRow | undefined = await transaction('mandates')
      .where({ id, enterprise_id: enterpriseId, role: 'agent' })
      .whereIn('status', ['active', 'invited'])
      .forUpdate()
      .first()
    if (!row) throw new HubError('HUB_NO_RECORD', { detail: '没有找到这位经办人，或他的授权已经停用。' })
    return row
  }

  async function insert(transaction: Knex, enterpriseId: string, draft: AgentDraft, actor: Actor): Promise<MandateRow> {
    const indexes = await lockIndexes(transaction, vault)
    const idHashes = indexes.each((key) => identityHash(key, IDENTITY_CARD, draft.idNumber))
    const holderKeys = idHashes.map((hash) => holderKey(vault, 'agent', enterpriseId, hash))
    // The unique index sees no mandate under the key of before.
    if (indexes.filling && (await transaction('mandates').whereIn('holder_key', holderKeys).forShare().first('id')))
      throw new HubError('HUB_MANDATE_EXISTS')
    const known = await transaction('users').whereIn('id_number_hash', idHashes).where({ level: 'real-name' }).first('id', 'name_sealed')
    const verified = known?.name_sealed ? { id: String(known.id), name: vault.open(known.name_sealed, `users.name:${known.id}`) } : null
    if (verified && !sameName(verified.name, draft.name)) throw refused('/body/name', '姓名与身份证号不是同一个人')
    if (verified?.id === actor.userId) throw refused('/body/idNumber', '法定代表人不必添加自己')
    const row = newMandate({
      role: 'agent',
      scope: draft.scope,
      status: verified ? 'active' : 'invited',
      granted_by: 'legal-representative',
      starts_at: draft.starts_at,
      ends_at: draft.ends_at,
      holder_key: holderKeys[0] ?? null,
    })
    row.user_id = verified?.id ?? null
    row.enterprise_id = enterpriseId
    row.name_sealed = vault.seal(draft.name, `mandates.name:${row.id}`)
    row.phone_sealed = vault.seal(draft.phone, `mandates.phone:${row.id}`)
    row.id_number_sealed = vault.seal(draft.idNumber, `mandates.id_number:${row.id}`)
    row.id_number_hash = idHashes[0] ?? null
    await insertMandate(transaction, row, actor)
    return row
  }

  return {
    async requireRepresentative(userId, enterpriseId) {
      const row = await database('mandates')
        .join('enterprises', 'enterprises.id', 'mandates.enterprise_id')
        .where({ 'mandates.user_id': userId, 'mandates.enterprise_id': enterpriseId, 'mandates.role': 'legal-representative' })
        .modify(inForce, Date.now())
        .first('enterprises.status')
      if (!row) throw new HubError('HUB_LEGAL_REPRESENTATIVE_REQUIRED', { stepUp: { method: 'enterprise-binding' } })
      if (row.status !== 'active') throw new HubError('HUB_ENTERPRISE_FROZEN')
    },
    async add(enterpriseId, draft, actor) {
      try {
        return present(await transact(database, (transaction) => insert(transaction, enterpriseId, draft, actor)))
      } catch (error) {
        throw isDuplicate(error) ? new HubError('HUB_MANDATE_EXISTS') : error
      }
    },
    async list(enterpriseId, { status, page, pageSize }) {
      const where = { enterprise_id: enterpriseId, role: 'agent', ...(status ? { status } : {}) }
      const rows: MandateRow[] = await database('mandates')
        .where(where)
        .orderBy(['created_at', 'id'])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      const counted = await database('mandates').where(where).count({ n: '*' }).first()
      return { rows: rows.map(present), total: Number(counted?.['n'] ?? 0) }
    },
    async change(enterpriseId, id, { phone, ...terms }, actor) {
      return transact(database, async (transaction) => {
        const row = await living(transaction, enterpriseId, id)
        const { starts_at, ends_at } = { ...row, ...terms }
        if (Number(ends_at) <= Number(starts_at)) throw refused('/body/endsAt', '结束时间须晚于开始时间')
        const sealed = phone === undefined ? {} : { phone_sealed: vault.seal(phone, `mandates.phone:${id}`) }
        return present(await changeMandate(transaction, row, { ...terms, ...sealed }, 'changed', actor))
      })
    },
    async disable(enterpriseId, id, actor) {
      return transact(database, async (transaction) => {
        const row = await living(transaction, enterpriseId, id)
        return present(await changeMandate(transaction, row, { status: 'disabled' }, 'disabled', actor))
      })
    },
    events: (enterpriseId, mandateId, paged) =>
      eventsOf(database, { enterprise_id: enterpriseId, ...(mandateId === undefined ? {} : { mandate_id: mandateId }) }, paged),
  }
}

/** Turns what a newly verified person was invited to into mandates. An invitation under another name stays one. */
export async function acceptInvitations(
  transaction: Knex,
  vault: Vault,
  { id, name, idHashes }: { id: string; name: string; idHashes: readonly string[] },
): Promise<void> {
  const rows: MandateRow[] = await transaction('mandates').whereIn('id_number_hash', idHashes).where({ status: 'invited' }).forUpdate()
  for (const row of rows) {
    if (row.name_sealed === null || !sameName(vault.open(row.name_sealed, `mandates.name:${row.id}`), name)) continue
    await changeMandate(transaction, row, { status: 'active', user_id: id }, 'accepted', { userId: id, role: 'holder' })
  }
}

/** Names are typed with all kinds of middle dots and spaces. */
export function sameName(a: string, b: string): boolean {
  const plain = (name: string) =>
    name
      .normalize('NFKC')
      .replace(/[\s•・‧.]/g, '')
      .replaceAll('·', '')
  return plain(a) === plain(b)
}

function refused(pointer: string, detail: string): HubError {
  return new HubError('HUB_VALIDATION', { errors: [{ pointer, detail }] })
}
