import { randomInt } from 'node:crypto'
import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { HubError } from '../../core/base/errors.ts'
import { isSameText } from '../../core/base/hmac.ts'
import type { Vault } from '../../core/base/vault.ts'
import { type Channel, type MessageTopic, topics } from './topics.ts'

interface SettingsRow {
  user_id: string
  silenced: string
  quiet_hours: string | null
  email_sealed: string | null
  email_confirmed_at: number | string | null
  code_hash: string | null
  code_until: number | string | null
  code_tries: number
}

export type Silenced = Partial<Record<MessageTopic, Channel[]>>

/** How a user wants to be told. */
export interface OwnPreferences {
  silenced: Silenced
  /** Null: the hub's own. */
  quietHours: string | null
  /** UNMASKED. */
  email: string | null
  emailConfirmed: boolean
}

export interface PreferenceChanges {
  silenced?: Silenced
  quietHours?: string | null
  email?: string | null
}

export interface Preferences {
  read(database: Knex, userId: string): Promise<OwnPreferences>
  /** What is not named stays. Another address counts only once it is confirmed. → the code to send there, where there is a new one. */
  change(userId: string, changes: PreferenceChanges): Promise<string | null>
  /** Throws HUB_VALIDATION for a wrong code, one that is too old, or after five wrong ones. */
  confirmEmail(userId: string, code: string): Promise<void>
  /** In force for somebody; of a stranger, the hub's. */
  quietHours(own: OwnPreferences | null): string
}

export const emailContext = (userId: string) => `message_settings.email:${userId}`
const CODE_MS = 15 * 60_000
const TRIES = 5

const NONE: OwnPreferences = { silenced: {}, quietHours: null, email: null, emailConfirmed: false }

/** What the law or the account's safety wants told is told, whatever stands there. */
export function isOff({ silenced }: Pick<OwnPreferences, 'silenced'>, topic: MessageTopic, channel: Channel): boolean {
  return !topics[topic].mandatory && (silenced[topic] ?? []).includes(channel)
}

export function createPreferences(database: Database, vault: Vault, quietHours: string, now: () => number): Preferences {
  const hashOf = (userId: string, code: string) => vault.fingerprint(`${userId}\0${code}`, 'message-settings.code')
  const rowOf = (from: Knex, userId: string): Promise<SettingsRow | undefined> =>
    Promise.resolve(from('message_settings').where({ user_id: userId }).first())

  async function read(from: Knex, userId: string): Promise<OwnPreferences> {
    const row = await rowOf(from, userId)
    if (!row) return NONE
    return {
      silenced: JSON.parse(row.silenced) as Silenced,
      quietHours: row.quiet_hours,
      email: row.email_sealed === null ? null : vault.open(row.email_sealed, emailContext(userId)),
      emailConfirmed: row.email_confirmed_at !== null,
    }
  }

  function emailColumns(userId: string, email: string | null, code: string | null) {
    return {
      email_sealed: email === null ? null : vault.seal(email, emailContext(userId)),
      email_confirmed_at: null,
      code_hash: code === null ? null : hashOf(userId, code),
      code_until: code === null ? null : now() + CODE_MS,
      code_tries: 0,
    }
  }

  return {
    read,
    quietHours: (own) => own?.quietHours ?? quietHours,
    async change(userId, { silenced, quietHours: hours, email }) {
      const before = await read(database, userId)
      const fresh = email !== undefined && email !== before.email
      const code = fresh && email !== null ? String(randomInt(1_000_000)).padStart(6, '0') : null
      const columns = {
        ...(silenced === undefined ? {} : { silenced: JSON.stringify(silenced) }),
        ...(hours === undefined ? {} : { quiet_hours: hours }),
        ...(fresh ? emailColumns(userId, email, code) : {}),
        updated_at: now(),
      }
      await database('message_settings')
        .insert({ user_id: userId, silenced: '{}', ...columns })
        .onConflict('user_id')
        .merge(Object.keys(columns))
      return code
    },
    async confirmEmail(userId, code) {
      // Counted before it is looked at: of many at once no more are looked at than may be.
      const counted = await database('message_settings')
        .where({ user_id: userId })
        .andWhere('code_until', '>', now())
        .andWhere('code_tries', '<', TRIES)
        .increment('code_tries', 1)
      const row = counted === 1 ? await rowOf(database, userId) : undefined
      const right = row?.code_hash && isSameText(row.code_hash, hashOf(userId, code))
      if (!right || !row) throw wrongCode()
      const done = await database('message_settings')
        .where({ user_id: userId, code_hash: row.code_hash })
        .update({ email_confirmed_at: now(), code_hash: null, code_until: null, updated_at: now() })
      if (done !== 1) throw wrongCode()
    },
  }
}

function wrongCode(): HubError {
  const detail = '验证码不对、已过期或输错次数过多，请重新填写邮箱获取。'
  return new HubError('HUB_VALIDATION', { errors: [{ pointer: '/body/code', detail }] })
}
