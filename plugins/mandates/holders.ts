import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { masks } from '../../core/contract/masks.ts'
import { IDENTITY_CARD, identityHash } from '../store/identity-hash.ts'
import { type Indexes, readIndexes } from '../store/indexes.ts'
import { acceptInvitations } from './agents.ts'
import { inForce } from './in-force.ts'
import { type Actor, changeMandate, holderOf, type MandateRole, type MandateRow, type MandateStatus, termsOf } from './mandates.ts'

export interface MandateFilter {
  userId?: string
  /** Of a verified holder, to the letter. */
  name?: string
  /** Of whoever holds it or is invited. */
  idNumber?: string
  /** Part of the enterprise's name. */
  enterprise?: string
  enterpriseId?: string
  role?: MandateRole
  status?: MandateStatus
  /** Only those that hold at this moment. */
  current?: boolean
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
}

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

  return {
    async find({ page, pageSize, ...filter }) {
      const indexes = await readIndexes(database, vault)
      const rows: Joined[] = await joined()
        .modify(matching, filter, indexes)
        .orderBy(['mandates.created_at', 'mandates.id'])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
        .select(columns)
      const counted = await joined().modify(matching, filter, indexes).count({ n: '*' }).first()
      return { rows: rows.map((row) => present(vault, row)), total: Number(counted?.['n'] ?? 0) }
    },
    async ofUser({ id, person }) {
      if (person) {
        const idHashes = (await readIndexes(database, vault)).each((key) => identityHash(key, person.idType, person.idNumber))
        // Somebody may have been invited while he was being verified.
        await transact(database, (transaction) => acceptInvitations(transaction, vault, { id, name: person.name, idHashes }))
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
  }
}

type Wanted = Omit<MandateFilter, 'page' | 'pageSize'>

function matching(
  query: Knex.QueryBuilder,
  { userId, enterpriseId, role, status, current, name, idNumber, enterprise }: Wanted,
  indexes: Indexes,
): void {
  const wanted = { user_id: userId, enterprise_id: enterpriseId, role, status }
  for (const [column, value] of Object.entries(wanted)) if (value !== undefined) query.where(`mandates.${column}`, value)
  if (current) inForce(query, Date.now())
  if (name !== undefined) {
    const hashes = indexes.each((key) => key.fingerprint(name, 'users.name'))
    query.whereIn('mandates.user_id', (holders: Knex.QueryBuilder) => void holders.from('users').whereIn('name_hash', hashes).select('id'))
  }
  if (idNumber !== undefined) {
    const hashes = indexes.each((key) => identityHash(key, IDENTITY_CARD, idNumber))
    query.where((one) => {
      one.whereIn('mandates.id_number_hash', hashes)
      one.orWhereIn(
        'mandates.user_id',
        (holders: Knex.QueryBuilder) => void holders.from('users').whereIn('id_number_hash', hashes).select('id'),
      )
    })
  }
  if (enterprise !== undefined) query.whereRaw("enterprises.name like ? escape '!'", `%${enterprise.replace(/[!%_]/g, '!$&')}%`)
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
