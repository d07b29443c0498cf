import { birthdayOf } from '../../core/base/checksums.ts'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { identityHash } from '../../core/base/identity.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { masks } from '../../core/contract/masks.ts'
import { acceptInvitations } from './agents.ts'
import {
  type Actor,
  changeMandate,
  holderKey,
  holderOf,
  insertMandate,
  type MandateRole,
  type MandateRow,
  type MandateStatus,
  newMandate,
  termsOf,
} from './mandates.ts'

const FULL_AGE_YEARS = 18

export interface MandateFilter {
  userId?: string
  enterpriseId?: string
  role?: MandateRole
  status?: MandateStatus
  page: number
  pageSize: number
}

type Joined = MandateRow & {
  enterprise_name: string | null
  uscc: string | null
  enterprise_status: string | null
  child_name: string | null
}

export type HeldMandate = ReturnType<typeof present>

/** Mandates of all roles from their holders' side, and from the administrators'. */
export interface Holders {
  find(filter: MandateFilter): Promise<{ rows: HeldMandate[]; total: number }>
  /** Also takes up what the user was invited to under his verified identity. */
  ofUser(user: { id: string; person: { name: string; idType: string; idNumber: string } | null }): Promise<HeldMandate[]>
  /** Ends a mandate, whoever granted it; only one of `userId` where that is given. → false where there is none. */
  end(id: string, actor: Actor, userId?: string): Promise<MandateRow | null>
  /**
   * Makes a user the guardian of a minor, at the longest until the child is of age. Throws
   * HUB_VALIDATION where either is not verified or the child is none, HUB_MANDATE_EXISTS.
   */
  grantGuardian(
    terms: { userId: string; childUserId: string; scope: string; starts_at: number; ends_at: number },
    actor: Actor,
  ): Promise<string>
  /**
   * Lets a user serve citizens at a counter, whoever signs on there, within a scope. Throws HUB_VALIDATION
   * where the user is not verified, HUB_MANDATE_EXISTS.
   */
  grantOperator(terms: { userId: string; scope: string; starts_at: number; ends_at: number }, actor: Actor): Promise<string>
}

/** An operator's mandate names nobody: he serves whoever signed on at his counter. */
const COUNTER = 'counter'

export function createHolders(database: Database, vault: Vault): Holders {
  function joined() {
    return database('mandates')
      .leftJoin('enterprises', 'enterprises.id', 'mandates.enterprise_id')
      .leftJoin('users as child', 'child.id', 'mandates.subject_user_id')
  }

  const columns = [
    'mandates.*',
    'enterprises.name as enterprise_name',
    'enterprises.uscc',
    'enterprises.status as enterprise_status',
    'child.name_sealed as child_name',
  ]

  async function verified(id: string, pointer: string) {
    const row = await database('users').where({ id, level: 'real-name' }).first('name_sealed', 'id_type', 'id_number_sealed')
    if (!row?.name_sealed || !row.id_number_sealed)
      throw new HubError('HUB_VALIDATION', { errors: [{ pointer, detail: '没有这个用户，或他还没有实名认证' }] })
    return {
      name: vault.open(row.name_sealed, `users.name:${id}`),
      idType: String(row.id_type),
      idNumber: vault.open(row.id_number_sealed, `users.id_number:${id}`),
    }
  }

  async function insert(row: MandateRow, userId: string, name: string, actor: Actor): Promise<string> {
    row.user_id = userId
    row.name_sealed = vault.seal(name, `mandates.name:${row.id}`)
    try {
      await transact(database, (transaction) => insertMandate(transaction, row, actor))
    } catch (error) {
      throw isDuplicate(error) ? new HubError('HUB_MANDATE_EXISTS') : error
    }
    return row.id
  }

  return {
    async find({ userId, enterpriseId, role, status, page, pageSize }) {
      const where = {
        ...(userId === undefined ? {} : { 'mandates.user_id': userId }),
        ...(enterpriseId === undefined ? {} : { 'mandates.enterprise_id': enterpriseId }),
        ...(role === undefined ? {} : { 'mandates.role': role }),
        ...(status === undefined ? {} : { 'mandates.status': status }),
      }
      const rows: Joined[] = await joined()
        .where(where)
        .orderBy(['mandates.created_at', 'mandates.id'])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
        .select(columns)
      const counted = await database('mandates').where(where).count({ n: '*' }).first()
      return { rows: rows.map((row) => present(vault, row)), total: Number(counted?.['n'] ?? 0) }
    },
    async ofUser({ id, person }) {
      if (person) {
        const idHash = identityHash(vault, person.idType, person.idNumber)
        // Somebody may have been invited while he was being verified.
        await transact(database, (transaction) => acceptInvitations(transaction, vault, { id, name: person.name, idHash }))
      }
      const rows: Joined[] = await joined()
        .where({ 'mandates.user_id': id })
        .orderBy(['mandates.created_at', 'mandates.id'])
        .limit(500)
        .select(columns)
      return rows.map((row) => present(vault, row))
    },
    end: (id, actor, userId) =>
      transact(database, async (transaction) => {
        const row: MandateRow | undefined = await transaction('mandates')
          .where({ id, ...(userId === undefined ? {} : { user_id: userId }) })
          .whereIn('status', ['active', 'invited'])
          .forUpdate()
          .first()
        return row ? changeMandate(transaction, row, { status: 'disabled' }, userId === undefined ? 'disabled' : 'resigned', actor) : null
      }),
    async grantGuardian({ userId, childUserId, scope, starts_at, ends_at }, actor) {
      const guardian = await verified(userId, '/body/userId')
      const child = await verified(childUserId, '/body/childUserId')
      const ofAge = child.idType === '01' ? birthdayOf(child.idNumber, FULL_AGE_YEARS) : Number.NaN
      if (!(ofAge > Date.now()) || userId === childUserId)
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/childUserId', detail: '被监护人须是未成年人' }] })
      const row = newMandate({
        role: 'guardian',
        scope,
        status: 'active',
        granted_by: 'counter',
        starts_at,
        ends_at: Math.min(ends_at, ofAge),
        holder_key: holderKey(vault, 'guardian', childUserId, userId),
      })
      row.subject_user_id = childUserId
      return insert(row, userId, guardian.name, actor)
    },
    async grantOperator({ userId, scope, starts_at, ends_at }, actor) {
      const { name } = await verified(userId, '/body/userId')
      const holder_key = holderKey(vault, 'operator', COUNTER, userId)
      return insert(
        newMandate({ role: 'operator', scope, status: 'active', granted_by: 'administrator', starts_at, ends_at, holder_key }),
        userId,
        name,
        actor,
      )
    },
  }
}

function present(vault: Vault, row: Joined) {
  const child = row.subject_user_id
  return {
    ...termsOf(row),
    ...holderOf(vault, row),
    userId: row.user_id,
    enterprise:
      row.enterprise_id === null
        ? null
        : { id: row.enterprise_id, name: row.enterprise_name, uscc: row.uscc, status: row.enterprise_status },
    child:
      child === null
        ? null
        : { id: child, name: row.child_name === null ? null : masks.name(vault.open(row.child_name, `users.name:${child}`)) },
  }
}
