import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { isIdNumber, normalIdNumber } from '../../core/base/checksums.ts'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { acceptInvitations } from '../mandates/agents.ts'
import { IDENTITY_CARD, identityHash } from '../store/identity-hash.ts'
import { holdIndexes, lockIndexes, readIndexes } from '../store/indexes.ts'
import { type BasicData, changeBasicData, type Opening, openAccount } from './administered.ts'
import { matching, type PeopleFilter, type RecordFilter, recordsMatching } from './people-filter.ts'
import { type EventRow, type PersonRow, presentEvent, presentPerson, presentRecord, type RecordRow } from './person-view.ts'
import { moveUser, type UserActor, type UserStatus } from './states.ts'
import type { Users } from './users.ts'

/** What can be done to an account: from which states it leads to which. */
export const statusActs = {
  disable: { title: '停用', from: ['active', 'locked'], to: 'disabled' },
  enable: { title: '启用', from: ['disabled'], to: 'active' },
  lock: { title: '锁定', from: ['active', 'locked'], to: 'locked' },
  unlock: { title: '解锁', from: ['locked'], to: 'active' },
} as const satisfies Record<string, { title: string; from: readonly UserStatus[]; to: UserStatus }>
export type StatusAct = keyof typeof statusActs

export interface RealName {
  userId: string
  name: string
  /** 01: resident identity card. */
  idType: string
  idNumber: string
  /** How it was verified: `app`, `counter` … */
  channel: string
  /** The administrator who vouches; null where a system does. */
  recordedBy: string | null
}

export type Person = ReturnType<typeof presentPerson>

/** Accounts, for whoever administers them or looks at his own. What is personal comes masked. */
export interface People {
  find(filter: PeopleFilter): Promise<{ rows: Person[]; total: number }>
  read(id: string): Promise<Person | null>
  /**
   * Takes effect at once in this process, within 2 s in others. → false for nobody in a state to take it. A lock
   * without `until` has no end. Who is enabled or unlocked starts without failed log-ins.
   */
  setStatus(id: string, act: StatusAct, by?: UserActor & { until?: number | null }): Promise<boolean>
  /** Changes of status, the newest first. */
  events(userId: string): Promise<ReturnType<typeof presentEvent>[]>
  /** See {@link changeBasicData}. */
  change(id: string, data: BasicData, version?: string): Promise<void>
  /** See {@link openAccount}. */
  open(opening: Opening): Promise<string>
  updateProfile(id: string, profile: { nickname?: string | null; avatarUrl?: string | null; phone?: string | null }): Promise<void>
  /**
   * Writes down a verified real name, raises the level and accepts what the person was invited to.
   * Throws HUB_VALIDATION for a wrong check digit, HUB_USER_UNKNOWN, HUB_IDENTITY_TAKEN for somebody else's number,
   * HUB_IDENTITY_VERIFIED for an account that is somebody else already.
   */
  recordRealName(verified: RealName): Promise<void>
  /** The newest first. */
  realNameRecords(filter: RecordFilter): Promise<{ rows: ReturnType<typeof presentRecord>[]; total: number }>
}

/** `endSessions`: part of the transaction that disables an account. What was open before is not open when it is enabled. */
export function createPeople(
  database: Database,
  vault: Vault,
  users: Pick<Users, 'forget'>,
  endSessions: (transaction: Knex, userId: string, at: number) => Promise<void>,
): People {
  async function update(id: string, changes: object, within: Knex = database): Promise<boolean> {
    const changed = await within('users')
      .where({ id })
      .update({ ...changes, updated_at: Date.now() })
    users.forget(id)
    return changed > 0
  }

  return {
    async find(filter) {
      const { page, pageSize } = filter
      const indexes = await readIndexes(database, vault)
      const rows: PersonRow[] = await matching(database, filter, indexes)
        .orderBy(['created_at', 'id'])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      const counted = await matching(database, filter, indexes).count({ n: '*' }).first()
      return { rows: rows.map((row) => presentPerson(vault, row)), total: Number(counted?.['n'] ?? 0) }
    },
    async read(id) {
      const row = await database<PersonRow>('users').where({ id }).first()
      return row ? presentPerson(vault, row as PersonRow) : null
    },
    async setStatus(id, act, { until = null, ...by } = { actor: null, reason: null }) {
      const { from, to } = statusActs[act]
      const at = Date.now()
      const values = { locked_until: to === 'locked' ? until : null, ...(to === 'active' ? { failures_cleared_at: at } : {}) }
      try {
        await transact(database, async (transaction) => {
          await moveUser(transaction, id, from, { ...by, action: act, to, at, values })
          if (to === 'disabled') await endSessions(transaction, id, at)
        })
        return true
      } catch (error) {
        if (error instanceof HubError && (error.code === 'HUB_USER_UNKNOWN' || error.code === 'HUB_USER_DISABLED')) return false
        throw error
      } finally {
        users.forget(id)
      }
    },
    async events(userId) {
      const rows: EventRow[] = await database('user_events').where({ user_id: userId }).orderBy('id', 'desc').limit(100)
      return rows.map(presentEvent)
    },
    async change(id, data, version) {
      await transact(database, (transaction) => changeBasicData(transaction, vault, id, data, version))
      users.forget(id)
    },
    open: (opening) => transact(database, (transaction) => openAccount(transaction, vault, opening)),
    async updateProfile(id, { nickname, avatarUrl, phone }) {
      const sealed = (value: string | null, column: string) => (value === null ? null : vault.seal(value, `users.${column}:${id}`))
      const dressed = {
        ...(nickname === undefined ? {} : { nickname_sealed: sealed(nickname, 'nickname') }),
        ...(avatarUrl === undefined ? {} : { avatar_sealed: sealed(avatarUrl, 'avatar') }),
      }
      if (phone === undefined) return void (await update(id, dressed))
      await transact(database, async (transaction) => {
        const { now } = await holdIndexes(transaction, vault)
        const phone_hash = phone === null ? null : now.fingerprint(phone, 'users.phone')
        await update(id, { ...dressed, phone_sealed: sealed(phone, 'phone'), phone_hash }, transaction)
      })
      users.forget(id)
    },
    async recordRealName(verified) {
      const isCard = verified.idType === IDENTITY_CARD
      const idNumber = isCard ? normalIdNumber(verified.idNumber) : verified.idNumber
      if (isCard && !isIdNumber(idNumber))
        throw new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/idNumber', detail: '身份证号有误，请核对' }] })
      try {
        await transact(database, (transaction) => writeRealName(transaction, vault, { ...verified, idNumber }))
      } catch (error) {
        throw isDuplicate(error) ? new HubError('HUB_IDENTITY_TAKEN') : error
      }
      users.forget(verified.userId)
    },
    async realNameRecords(filter) {
      const { page, pageSize } = filter
      const rows: RecordRow[] = await recordsMatching(database, filter)
        .orderBy([
          { column: 'at', order: 'desc' },
          { column: 'id', order: 'asc' },
        ])
        .limit(pageSize)
        .offset((page - 1) * pageSize)
      const counted = await recordsMatching(database, filter).count({ n: '*' }).first()
      return { rows: rows.map((row) => presentRecord(vault, row)), total: Number(counted?.['n'] ?? 0) }
    },
  }
}

/** Who an account is verified as, held until the transaction ends. Throws HUB_USER_UNKNOWN for one that is no more. */
async function identityOf(transaction: Knex, id: string): Promise<{ id_number_hash: string | null; name_hash: string | null }> {
  const row: { status: string; id_number_hash: string | null; name_hash: string | null } | undefined = await transaction('users')
    .where({ id })
    .forUpdate()
    .first('status', 'id_number_hash', 'name_hash')
  if (!row || row.status === 'merged' || row.status === 'deregistered') throw new HubError('HUB_USER_UNKNOWN')
  return row
}

/** Part of a transaction that verifies somebody; {@link People.recordRealName} is it alone, with its checks. */
export async function writeRealName(
  transaction: Knex,
  vault: Vault,
  { userId, name, idType, idNumber, channel, recordedBy }: RealName,
): Promise<void> {
  const indexes = await lockIndexes(transaction, vault)
  const idHashes = indexes.each((key) => identityHash(key, idType, idNumber))
  const [name_hash, ...formerNames] = indexes.each((key) => key.fingerprint(name, 'users.name'))
  const now = Date.now()
  const before = await identityOf(transaction, userId)
  const same = before.id_number_hash !== null && idHashes.includes(before.id_number_hash)
  if (before.id_number_hash !== null && !same) throw new HubError('HUB_IDENTITY_VERIFIED')
  if (indexes.filling) await assertNobodyElse(transaction, userId, idHashes)
  const sameName = [name_hash, ...formerNames].includes(before.name_hash ?? '')
  // The sign-on vouches for the person and his face alike; whoever else says who he is has not seen that face.
  const first = before.id_number_hash === null && channel === 'sign-on'
  const since = first || (same && sameName) ? {} : { identity_since: now }
  await transaction('users')
    .where({ id: userId })
    .update({
      ...since,
      level: 'real-name',
      name_sealed: vault.seal(name, `users.name:${userId}`),
      name_hash,
      id_type: idType,
      id_number_sealed: vault.seal(idNumber, `users.id_number:${userId}`),
      id_number_hash: idHashes[0],
      updated_at: now,
    })
  const id = randomUUID()
  await transaction('real_name_records').insert({
    id,
    user_id: userId,
    at: now,
    channel,
    name_sealed: vault.seal(name, `real_name_records.name:${id}`),
    id_type: idType,
    id_number_sealed: vault.seal(idNumber, `real_name_records.id_number:${id}`),
    recorded_by: recordedBy,
  })
  await acceptInvitations(transaction, vault, { id: userId, name, idHashes })
}

/** The unique index sees no row under the key of before. Throws HUB_IDENTITY_TAKEN. */
async function assertNobodyElse(transaction: Knex, userId: string, idHashes: readonly string[]): Promise<void> {
  const other = await transaction('users').whereIn('id_number_hash', idHashes).whereNot({ id: userId }).forShare().first('id')
  if (other) throw new HubError('HUB_IDENTITY_TAKEN')
}
