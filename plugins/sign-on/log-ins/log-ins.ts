import type { Knex } from 'knex'
import type { Database } from '../../../core/base/database.ts'
import { transact } from '../../../core/base/transact.ts'
import type { Vault } from '../../../core/base/vault.ts'
import { noteDevice } from './devices.ts'

export const logInKinds = { browser: '浏览器', app: '应用', authorization: '第三方应用的授权' } as const
export type LogInKind = keyof typeof logInKinds

export const endings = { user: '本人结束', signed: '退出登录', account: '账户停用', operator: '运营人员结束' } as const
export type Ending = keyof typeof endings

/** What is known of a log-in when it is first seen. */
export interface NewLogIn {
  id: string
  userId: string
  kind: LogInKind
  /** Client id; null for the hub's own pages. */
  application: string | null
  /** What names the device, where anything does, and what it calls itself. */
  device: { handle: string; name: string } | null
  /** In words, of its `User-Agent`. */
  deviceName: string | null
  address: string | null
  sessionHash?: string
  grantId?: string
  /** Whether the token itself says when its user logged in. */
  proven: boolean
  /** Epoch milliseconds, as all times here. */
  signedOnAt: number
  expiresAt: number
}

/** As rows hold it. */
export interface StoredLogIn {
  ended_at: number | string | null
  expires_at: number | string
  seen_at: number | string
}

/** Where users are logged in, now and before: one row for each browser's session, log-in of the app, and application's grant. */
export interface LogIns {
  /** → the id of a log-in, from what names it to whoever made it. */
  idOf(kind: LogInKind, name: string): string
  find(id: string): Promise<StoredLogIn | undefined>
  /**
   * Notes one that is new; one that is there is seen again. → as it stands; null where its user ended all of his after it began
   * (epoch milliseconds, null where nobody knows), as the store has it now.
   */
  note(logIn: NewLogIn, begunAt: number | null): Promise<StoredLogIn | null>
  /** Notes that it is in use, roughly. */
  touch(id: string, seenAt: number, expiresAt?: number): Promise<void>
  /** Removes those last seen before, and devices with them. */
  purge(before: number): Promise<void>
}

/** Part of a transaction that begins something in which somebody is logged in. */
export async function noteLogIn(transaction: Knex, vault: Vault, logIn: NewLogIn, now = Date.now()): Promise<void> {
  const { id, userId, kind, application, device, deviceName, address, sessionHash, grantId, proven, signedOnAt, expiresAt } = logIn
  const deviceId = device && idFrom(vault.fingerprint(`${userId}\0${device.handle}`, 'devices.id'))
  if (device && deviceId) await noteDevice(transaction, userId, { id: deviceId, name: device.name }, now)
  const row = {
    ...{ id, user_id: userId, kind, application, device_id: deviceId, device_name: deviceName },
    address_sealed: address === null ? null : vault.seal(address, `log_ins.address:${id}`),
    ...{ session_hash: sessionHash ?? null, grant_id: grantId ?? null, proven: proven ? 1 : 0 },
    ...{ signed_on_at: signedOnAt, first_seen_at: now, seen_at: now, expires_at: expiresAt, ended_at: null, ended_how: null },
  }
  const again = kind === 'authorization' ? { signed_on_at: signedOnAt } : {}
  await transaction('log_ins')
    .insert(row)
    .onConflict('id')
    .merge({ seen_at: now, expires_at: expiresAt, ...again })
}

export function logInId(vault: Vault, kind: LogInKind, name: string): string {
  return idFrom(vault.fingerprint(`${kind}\0${name}`, 'log_ins.id'))
}

export function createLogIns(database: Database, vault: Vault): LogIns {
  const find = (id: string): Promise<StoredLogIn | undefined> =>
    Promise.resolve(database('log_ins').where({ id }).first('ended_at', 'expires_at', 'seen_at'))

  return {
    idOf: (kind, name) => logInId(vault, kind, name),
    find,
    async note(logIn, begunAt) {
      const isNoted = await transact(database, async (transaction) => {
        const mine = () => transaction('users').where({ id: logIn.userId })
        // A write of nothing takes the user: whoever ends all of his log-ins at the same moment comes before, or ends this one too.
        await mine().update({ status: transaction.ref('status') })
        const user: { log_ins_ended_at: number | string } | undefined = await mine().forUpdate().first('log_ins_ended_at')
        if (begunAt !== null && begunAt + SECOND_MS < Number(user?.log_ins_ended_at ?? 0)) return false
        await noteLogIn(transaction, vault, logIn)
        return true
      })
      if (!isNoted) return null
      // What another process noted, or ended, at the same moment counts.
      return (await find(logIn.id)) as StoredLogIn
    },
    async touch(id, seenAt, expiresAt) {
      const later = expiresAt === undefined ? {} : { expires_at: expiresAt }
      const mine = () => database('log_ins').where({ id })
      await mine()
        .where('seen_at', '<=', seenAt)
        .update({ seen_at: seenAt, ...later })
      await database('devices').whereIn('id', mine().select('device_id')).where('seen_at', '<', seenAt).update({ seen_at: seenAt })
    },
    async purge(before) {
      // Of what was ended it is known for as long that it was: whoever renews it is refused.
      await database('log_ins')
        .where('seen_at', '<', before)
        .where('expires_at', '<', before)
        .andWhere((query) => query.whereNull('ended_at').orWhere('ended_at', '<', before))
        .delete()
      await database('devices').where('seen_at', '<', before).delete()
    },
  }
}

/** Tokens tell time in whole seconds. */
const SECOND_MS = 999

/** Half of a hash, in the form that all ids have. */
function idFrom(hash: string): string {
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-')
}
