import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { beijing } from '../../core/base/time.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import type { RegisteredEnterprise } from './enterprise-registry.ts'
import { type EnterpriseStatus, moveEnterprise } from './enterprise-states.ts'
import {
  type Actor,
  changeMandate,
  holderKey,
  holderOf,
  insertMandate,
  type MandateRow,
  newMandate,
  termsOf,
  writeEvent,
} from './mandates.ts'
import { type EnterpriseRow, versionOf } from './register.ts'

/** After this long the registry is asked again who the legal representative is. */
const BINDING_MS = 365 * 86_400_000

export interface EnterpriseFilter {
  /** Part of the name. */
  name?: string
  uscc?: string
  status?: EnterpriseStatus
  page: number
  pageSize: number
}

/** A verified person who binds. */
export interface Binder {
  id: string
  name: string
}

export interface Enterprises {
  /**
   * Makes a person the legal representative of an enterprise that the registry has just found in his
   * name; again, renews it. Throws HUB_ENTERPRISE_BOUND while somebody else is, HUB_ENTERPRISE_FROZEN.
   */
  bind(person: Binder, found: RegisteredEnterprise & { uscc: string }, actor: Actor): Promise<{ id: string; renewed: boolean }>
  /** → false where the user has not bound it. */
  unbind(userId: string, enterpriseId: string, actor: Actor): Promise<boolean>
  /** Freezing stops every mandate of the enterprise in the next request, in all processes. → false for none. */
  freeze(id: string, frozen: boolean, actor: Actor): Promise<boolean>
  /** Without a status, those that are not removed. */
  find(filter: EnterpriseFilter): Promise<{ rows: ReturnType<typeof presentEnterprise>[]; total: number }>
  /** With its legal representative, agents and latest filings. */
  read(id: string): ReturnType<typeof detail>
}

export function createEnterprises(database: Database, vault: Vault): Enterprises {
  async function register(transaction: Knex, { uscc, name, state, establishedOn }: RegisteredEnterprise & { uscc: string }) {
    const now = Date.now()
    // Shown on pages and in letters: what the registry has of line ends and invisible signs is not kept.
    const facts = {
      name: name.replace(/\p{C}+/gu, ' ').trim(),
      registered_state: state.slice(0, 32),
      established_on: establishedOn,
      checked_at: now,
    }
    await transaction('enterprises')
      .insert({ id: randomUUID(), uscc, status: 'active', created_at: now, ...facts })
      .onConflict('uscc')
      .merge(Object.keys(facts))
    const row = (await transaction('enterprises').where({ uscc }).first()) as EnterpriseRow
    if (row.status !== 'active') throw new HubError('HUB_ENTERPRISE_FROZEN')
    return row
  }

  async function bind(transaction: Knex, person: Binder, found: RegisteredEnterprise & { uscc: string }, actor: Actor) {
    const { id } = await register(transaction, found)
    const holder_key = holderKey(vault, 'legal-representative', id, '')
    const now = Date.now()
    const terms = { starts_at: now, ends_at: now + BINDING_MS }
    const present = (await transaction('mandates').where({ holder_key }).forUpdate().first()) as MandateRow | undefined
    if (present?.user_id === person.id) {
      await changeMandate(transaction, present, { ends_at: terms.ends_at }, 'renewed', actor)
      return { id, renewed: true }
    }
    if (present) {
      if (Number(present.ends_at) > now) throw new HubError('HUB_ENTERPRISE_BOUND')
      await changeMandate(transaction, present, { status: 'disabled' }, 'disabled', { ...actor, userId: null, role: 'hub' })
    }
    const row = newMandate({ role: 'legal-representative', scope: '*', status: 'active', granted_by: 'registry', holder_key, ...terms })
    row.user_id = person.id
    row.enterprise_id = id
    row.name_sealed = vault.seal(person.name, `mandates.name:${row.id}`)
    await insertMandate(transaction, row, actor)
    return { id, renewed: false }
  }

  return {
    async bind(person, found, actor) {
      try {
        return await transact(database, (transaction) => bind(transaction, person, found, actor))
      } catch (error) {
        throw isDuplicate(error) ? new HubError('HUB_ENTERPRISE_BOUND') : error
      }
    },
    unbind: (userId, enterpriseId, actor) =>
      transact(database, async (transaction) => {
        const row: MandateRow | undefined = await transaction('mandates')
          .where({ user_id: userId, enterprise_id: enterpriseId, role: 'legal-representative', status: 'active' })
          .forUpdate()
          .first()
        if (row) await changeMandate(transaction, row, { status: 'disabled' }, 'resigned', actor)
        return row !== undefined
      }),
    freeze: (id, frozen, actor) =>
      transact(database, async (transaction) => {
        const changed = await moveEnterprise(transaction, id, ['active', 'frozen'], frozen ? 'frozen' : 'active')
        if (changed) await writeEvent(transaction, { enterprise_id: id }, frozen ? 'frozen' : 'unfrozen', actor)
        return changed
      }),
    async find({ name, uscc, status, page, pageSize }) {
      const matching = () =>
        database('enterprises').modify((query) => {
          if (name !== undefined) query.whereRaw("name like ? escape '!'", `%${name.replace(/[!%_]/g, '!$&')}%`)
          if (uscc !== undefined) query.where({ uscc })
          if (status === undefined) query.whereNot({ status: 'removed' })
          else query.where({ status })
        })
      const rows: EnterpriseRow[] = await matching()
        .orderBy(['created_at', 'id'])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      const counted = await matching().count({ n: '*' }).first()
      return { rows: rows.map(presentEnterprise), total: Number(counted?.['n'] ?? 0) }
    },
    read: (id) => detail(database, vault, id),
  }
}

function presentEnterprise(row: EnterpriseRow) {
  return {
    id: row.id,
    version: versionOf(row),
    name: row.name,
    uscc: row.uscc,
    status: row.status,
    registeredState: row.registered_state,
    establishedOn: row.established_on,
    checkedAt: row.checked_at === null ? null : beijing(Number(row.checked_at)),
  }
}

/** 法人关系图谱: the enterprise, who acts for it, and what was filed for it (contract 1.2.1.2.3). */
async function detail(database: Database, vault: Vault, id: string) {
  const row: EnterpriseRow | undefined = await database('enterprises').where({ id }).first()
  if (!row) return null
  const mandates: MandateRow[] = await database('mandates').where({ enterprise_id: id }).orderBy('created_at', 'desc').limit(200)
  const people = mandates.map((mandate) => ({ ...termsOf(mandate), ...holderOf(vault, mandate), userId: mandate.user_id }))
  const filings: { id: string; connector: string; service: string; state: string; created_at: number }[] = await database('submissions')
    .where({ enterprise_id: id })
    .orderBy('created_at', 'desc')
    .limit(50)
    .select('id', 'connector', 'service', 'state', 'created_at')
  return {
    ...presentEnterprise(row),
    legalRepresentatives: people.filter(({ role }) => role === 'legal-representative'),
    agents: people.filter(({ role }) => role === 'agent'),
    filings: filings.map(({ created_at, ...filing }) => ({ ...filing, filedAt: beijing(Number(created_at)) })),
  }
}
