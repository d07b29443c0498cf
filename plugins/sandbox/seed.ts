import { SettingsError } from '../../config/settings-error.ts'
import type { Database } from '../../core/base/database.ts'
import type { Vault } from '../../core/base/vault.ts'
import { IDENTITY_CARD, identityHash } from '../store/identity-hash.ts'
import { readIndexes } from '../store/indexes.ts'
import { SANDBOX_ISSUER } from './issuer.ts'
import { enterprises, mandates, people } from './people.ts'

const FAR_FUTURE = Date.UTC(2100, 0, 1)

/** Roles of person 1, 2 and 3. */
export const ADMINISTRATORS = ['admin', 'operator', 'auditor'] as const

/**
 * Puts the sandbox's people, enterprises and mandates into the hub's own store. What is there stays as
 * it is, so a developer may suspend a user; only people sealed with another master key are written anew.
 * Several processes may call it at once.
 */
export async function seedSandbox(database: Database, vault: Vault): Promise<void> {
  const now = Date.now()
  const indexes = await readIndexes(database, vault)
  const users = people.map(({ id, subject, name, number }) => ({
    id,
    issuer: SANDBOX_ISSUER,
    subject,
    status: 'active',
    level: 'real-name',
    name_sealed: vault.seal(name, `users.name:${id}`),
    name_hash: indexes.now.fingerprint(name, 'users.name'),
    id_type: IDENTITY_CARD,
    id_number_sealed: vault.seal(number, `users.id_number:${id}`),
    id_number_hash: identityHash(indexes.now, IDENTITY_CARD, number),
    created_at: now,
    updated_at: now,
  }))
  const ids = users.map(({ id }) => id)
  const hashes = people.map(({ number }) => indexes.each((key) => identityHash(key, IDENTITY_CARD, number)))
  const known = new Set<string>(await database('users').whereIn('id_number_hash', hashes.flat()).pluck('id_number_hash'))
  // An account that was closed stays closed; under the same id nobody comes back.
  const gone = new Set<string>(await database('users').where({ status: 'deregistered' }).pluck('id'))
  const missing = users.filter((user, index) => !hashes[index]?.some((hash) => known.has(hash)) && !gone.has(user.id))
  if (missing.length > 0) await patiently(() => database('users').insert(missing).onConflict('id').merge())
  // People of before there was this column.
  const nameless = new Set<string>(await database('users').whereIn('id', ids).whereNull('name_hash').pluck('id'))
  for (const { id, name_hash } of users)
    if (nameless.has(id)) await patiently(() => database('users').where({ id }).whereNull('name_hash').update({ name_hash }))
  const administrators = ADMINISTRATORS.map((role, index) => ({ user_id: people[index]?.id, role, granted_at: now }))
  await patiently(() => database('administrators').insert(administrators).onConflict('user_id').ignore())
  await insertMissing(
    database,
    'enterprises',
    enterprises.map(({ id, name, number }) => ({ id, name, uscc: number, status: 'active', created_at: now })),
  )
  await insertMissing(
    database,
    'mandates',
    mandates.map(({ id, person, enterprise }) => ({
      id,
      user_id: people[person - 1]?.id,
      enterprise_id: enterprises[enterprise - 1]?.id,
      scope: '*',
      status: 'active',
      granted_by: 'sandbox',
      starts_at: 0,
      ends_at: FAR_FUTURE,
    })),
  )
}

/** Throws where the sandbox's people are in the store: its first administrators are invented, and whoever holds the sandbox's key is any of them. */
export async function assertNoSeeds(database: Database): Promise<void> {
  if (!(await database('users').where({ issuer: SANDBOX_ISSUER }).first('id'))) return
  throw new SettingsError(['DATABASE_URL: 这个库里有沙箱的虚构人员和管理员，不能用于生产环境（NODE_ENV=production），请换一个新建的空库'])
}

async function insertMissing(database: Database, table: string, rows: readonly { id: string }[]): Promise<void> {
  const known = await present(database, table, 'id', rows)
  const missing = rows.filter(({ id }) => !known.has(id))
  if (missing.length > 0) await patiently(() => database(table).insert(missing).onConflict('id').ignore())
}

async function present(database: Database, table: string, column: string, rows: readonly { id: string }[]): Promise<Set<string>> {
  const ids = rows.map(({ id }) => id)
  return new Set<string>(await database(table).whereIn('id', ids).pluck(column))
}

const COLLISIONS = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'ER_CHECKREAD', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT'])

/** Two processes that insert the same rows may be chosen as each other's deadlock victims. */
async function patiently(write: () => PromiseLike<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await write()
      return
    } catch (error) {
      if (attempt === 5 || !COLLISIONS.has(String((error as { code?: unknown }).code))) throw error
    }
  }
}
