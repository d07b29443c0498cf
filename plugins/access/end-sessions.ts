import type { Knex } from 'knex'
import { endAuthorizations } from '../oauth/end-all.ts'
import { endSignOn } from '../sign-on/sessions.ts'
import { endAdminSessions } from '../users/admin-sessions.ts'

/** Part of a transaction that shuts an account: whoever was signed on as this user, anywhere, has to sign on again once it is open. */
export async function endSessions(transaction: Knex, userId: string, at: number): Promise<void> {
  await endSignOn(transaction, userId)
  await endAuthorizations(transaction, userId, at)
  await endAdminSessions(transaction, userId)
}
