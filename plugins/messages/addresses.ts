import type { Knex } from 'knex'
import type { Vault } from '../../core/base/vault.ts'
import { emailContext } from './preferences.ts'
import type { Channel } from './topics.ts'

/** To whom something goes: a user, or whoever's number stands in the mandate that it is about, or with the partner. */
export interface Addressee {
  userId: string | null
  about: string
}

/** Where somebody is reached over a channel, UNMASKED, as the store has it now; null for nowhere. */
export interface Addresses {
  find(database: Knex, channel: Channel, addressee: Addressee): Promise<string | null>
}

export function createAddresses(vault: Vault): Addresses {
  const open = (sealed: string | null | undefined, context: string) => (sealed ? vault.open(sealed, context) : null)

  async function stranger(database: Knex, id: string): Promise<string | null> {
    const row = await database('mandates').where({ id, status: 'invited' }).first('phone_sealed')
    return open(row?.phone_sealed, `mandates.phone:${id}`)
  }

  /** Of a partner for which nobody acts yet, whoever applied. */
  async function contact(database: Knex, channel: Channel, id: string): Promise<string | null> {
    if (channel === 'push') return null
    const row = await database('partners').where({ id }).first('contact_sealed')
    const found = open(row?.contact_sealed, `partners.contact:${id}`)
    return found === null ? null : (JSON.parse(found) as { phone: string; email: string })[channel === 'mail' ? 'email' : 'phone']
  }

  return {
    async find(database, channel, { userId, about }) {
      if (userId === null) return (channel === 'sms' ? await stranger(database, about) : null) ?? contact(database, channel, about)
      if (channel === 'mail') {
        const row = await database('message_settings').where({ user_id: userId }).whereNotNull('email_confirmed_at').first('email_sealed')
        return open(row?.email_sealed, emailContext(userId))
      }
      const row = await database('users').where({ id: userId }).whereIn('status', ['active', 'locked']).first('subject', 'phone_sealed')
      // The app's gateway knows its users by the app's own id.
      return channel === 'push' ? (row?.subject ?? null) : open(row?.phone_sealed, `users.phone:${userId}`)
    },
  }
}
