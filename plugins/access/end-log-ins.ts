import type { Knex } from 'knex'
import type { Database } from '../../core/base/database.ts'
import { transact } from '../../core/base/transact.ts'
import type { Ending } from '../sign-on/log-ins/log-ins.ts'
import { endAdminSessions } from '../users/admin-sessions.ts'

/** Which log-ins of a user end: one, those of a device, or all but the one with which he says so (null: all). */
export type Which = { id: string } | { device: string } | { except: string | null }

interface Part {
  id: string
  session_hash: string | null
  grant_id: string | null
}

/**
 * Ends log-ins, and with the commit what was had by them: the browser's session, visits to pages, the application's grant, tokens that
 * were exchanged, an administrator's sessions at the console. Tokens of the app are refused from then on: in this process at once, in the others with the user's next look-up
 * (plugins/users/users.ts). → how many ended; 0 where the user has none such.
 */
export function endLogIns(database: Database, userId: string, which: Which, how: Ending = 'user'): Promise<number> {
  const at = Date.now()
  return transact(database, async (transaction) => {
    // Taken first: a log-in that is noted at the same moment is there before, or is refused.
    await transaction('users')
      .where({ id: userId })
      .update({ status: transaction.ref('status') })
    const mine = () => transaction('log_ins').where({ user_id: userId })
    const standing = () => mine().where({ ended_at: null }).modify(chosen, which)
    const ended: Part[] = await standing().select('id', 'session_hash', 'grant_id')
    const isAll = 'except' in which
    if (ended.length === 0 && !isAll) return 0
    await standing().update({ ended_at: at, ended_how: how })
    if (isAll) {
      const kept: Part[] = which.except === null ? [] : await mine().where({ id: which.except }).select('id', 'session_hash', 'grant_id')
      await endHad(transaction, userId, at, (query, column, of) =>
        query.where((each) => each.whereNull(column).orWhereNotIn(column, of(kept))),
      )
    } else {
      await endHad(transaction, userId, at, (query, column, of) => query.whereIn(column, of(ended)))
    }
    await transaction('users')
      .where({ id: userId })
      .increment('log_ins_ended', 1)
      .modify((query) => void (isAll && query.update({ log_ins_ended_at: at })))
    return ended.length
  })
}

function chosen(query: Knex.QueryBuilder, which: Which): void {
  if ('id' in which) query.where({ id: which.id })
  else if ('device' in which) query.where({ device_id: which.device })
  else if (which.except !== null) query.whereNot({ id: which.except })
}

type Choose = (query: Knex.QueryBuilder, column: string, of: (parts: readonly Part[]) => string[]) => void

/** What was had by log-ins, also of those that began before the hub noted any. */
async function endHad(transaction: Knex, userId: string, at: number, choose: Choose): Promise<void> {
  const of = (table: string) => transaction(table).where({ user_id: userId })
  const sessions = (parts: readonly Part[]) => parts.flatMap(({ session_hash: hash }) => hash ?? [])
  const grants = (parts: readonly Part[]) => parts.flatMap(({ grant_id: id }) => id ?? [])
  await of('sessions').modify(choose, 'id_hash', sessions).delete()
  await of('page_visits')
    .modify(choose, 'log_in_id', (parts: readonly Part[]) => parts.map(({ id }) => id))
    .delete()
  await of('oidc_entities').whereNotNull('grant_id').modify(choose, 'grant_id', grants).delete()
  await of('oauth_grants').whereNull('revoked_at').modify(choose, 'id', grants).update({ revoked_at: at })
  // Which log-in a token was exchanged for nobody noted: it lives for minutes, and another one can be had.
  const exchanged = () => transaction('oidc_entities').where({ model: 'ExchangedToken' })
  await exchanged().where({ user_id: userId, grant_id: null }).delete()
  // Whoever acts showed a log-in of his own, whatever shows for whom he acts.
  await exchanged().where({ actor_user_id: userId }).delete()
  // Nor from which log-in an administrator came to the console: there his code is asked for anew.
  await endAdminSessions(transaction, userId)
}
