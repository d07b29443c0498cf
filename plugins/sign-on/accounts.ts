import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isDuplicate, transact } from '../../core/base/transact.ts'
import type { Vault } from '../../core/base/vault.ts'
import { identityHash } from '../store/identity-hash.ts'
import { type Hasher, lockIndexes } from '../store/indexes.ts'
import { writeRealName } from '../users/people.ts'
import { assertOpen, type UserRecord } from '../users/users.ts'
import type { SignOnIdentity } from './identity.ts'

export interface SignOnAccounts {
  /**
   * → the hub's id of whoever signed on: known by issuer and subject, else by id number, else new.
   * Throws HUB_IDENTITY_TAKEN where two subjects claim one id number or one subject claims two,
   * HUB_USER_DISABLED and HUB_USER_LOCKED.
   */
  settle(identity: SignOnIdentity): Promise<string>
}

type KnownUser = UserRecord & { id_number_hash: string | null }

/** Accounts of one issuer of sign-on. */
export function createSignOnAccounts(database: Database, vault: Vault, issuer: string): SignOnAccounts {
  async function settle(transaction: Knex.Transaction, identity: SignOnIdentity): Promise<string> {
    const { person } = identity
    const indexes = await lockIndexes(transaction, vault)
    const hashes = person && indexes.each((key) => identityHash(key, person.idType, person.idNumber))
    const known = await findBySubject(transaction, issuer, identity.subject)
    const named = hashes === null ? undefined : await transaction<KnownUser>('users').whereIn('id_number_hash', hashes).first()
    if (known) {
      // The subject is another person than it was, or a second subject of somebody.
      if (hashes !== null && known.id_number_hash !== null && !hashes.includes(known.id_number_hash))
        throw new HubError('HUB_IDENTITY_TAKEN')
      if (named && named.id !== known.id) throw new HubError('HUB_IDENTITY_TAKEN')
    } else if (named && (await hasSubject(transaction, named))) throw new HubError('HUB_IDENTITY_TAKEN')
    const user = known ?? named
    if (user) assertOpen(user)
    const id = user ? user.id : await create(transaction, identity)
    await update(transaction, id, identity, indexes.now, user)
    await record(transaction, id, identity.subject)
    return id
  }

  /** Whether this issuer knows the user already, under another subject. */
  async function hasSubject(transaction: Knex.Transaction, user: KnownUser): Promise<boolean> {
    return user.issuer === issuer || (await transaction('sign_on_accounts').where({ issuer, user_id: user.id }).first()) !== undefined
  }

  async function create(transaction: Knex.Transaction, { subject }: SignOnIdentity): Promise<string> {
    const id = randomUUID()
    const at = Date.now()
    await transaction('users').insert({ id, issuer, subject, status: 'active', level: 'login', created_at: at, updated_at: at })
    return id
  }

  /** What the sign-on vouches for is taken over; what it is silent about stays. */
  async function update(
    transaction: Knex.Transaction,
    id: string,
    identity: SignOnIdentity,
    key: Hasher,
    before?: KnownUser,
  ): Promise<void> {
    const { person, phone, nickname, avatarUrl } = identity
    // The user changes these in the hub (PATCH /v1/me), so they are taken over only where there are none.
    const dressed = {
      ...(nickname !== null && !before?.nickname_sealed ? { nickname_sealed: vault.seal(nickname, `users.nickname:${id}`) } : {}),
      ...(avatarUrl !== null && !before?.avatar_sealed ? { avatar_sealed: vault.seal(avatarUrl, `users.avatar:${id}`) } : {}),
    }
    const called =
      phone === null ? {} : { phone_sealed: vault.seal(phone, `users.phone:${id}`), phone_hash: key.fingerprint(phone, 'users.phone') }
    await transaction('users')
      .where({ id })
      .update({ last_login_at: Date.now(), ...called, ...dressed })
    const known = before?.level === 'real-name' && before.name_sealed ? vault.open(before.name_sealed, `users.name:${id}`) : null
    if (person && person.name !== known)
      await writeRealName(transaction, vault, { ...person, userId: id, channel: 'sign-on', recordedBy: null })
  }

  async function record(transaction: Knex.Transaction, userId: string, subject: string): Promise<void> {
    const at = Date.now()
    const seen = await transaction('sign_on_accounts').where({ issuer, subject, user_id: userId }).update({ last_sign_on_at: at })
    if (seen === 0) await transaction('sign_on_accounts').insert({ issuer, subject, user_id: userId, created_at: at, last_sign_on_at: at })
  }

  return {
    async settle(identity) {
      const attempt = () => transact(database, (transaction) => settle(transaction, identity))
      try {
        return await attempt()
      } catch (error) {
        // Somebody signed on with the same subject or id number at the same moment: now he is known.
        if (!isDuplicate(error)) throw error
        return attempt()
      }
    },
  }
}

/** → the hub's user whom this issuer of sign-on knows under that subject, whatever the account's status. */
export async function findBySubject(database: Knex, issuer: string, subject: string): Promise<KnownUser | undefined> {
  const linked = await database('users')
    .join('sign_on_accounts', 'sign_on_accounts.user_id', 'users.id')
    .where({ 'sign_on_accounts.issuer': issuer, 'sign_on_accounts.subject': subject })
    .first<(KnownUser & { signed: string }) | undefined>('users.*', 'sign_on_accounts.subject as signed')
  // MySQL takes no notice of spaces at the end.
  if (linked?.signed === subject) return linked
  const user = await database<KnownUser>('users')
    .where({ issuer, subject } as object)
    .first()
  return user?.subject === subject && user.issuer === issuer ? user : undefined
}
