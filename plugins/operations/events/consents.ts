import type { Database } from '../../../core/base/database.ts'
import { transact } from '../../../core/base/transact.ts'
import type { Along } from '../../store/personal-data.ts'

/** What a user said of taking part in the statistics of apps. */
export interface Consent {
  given: boolean
  /** Since when, epoch milliseconds; null for who never said anything. */
  since: number | null
}

export interface Consents {
  of(userId: string): Promise<Consent>
  /** To say the same again changes nothing. */
  say(userId: string, given: boolean): Promise<Consent>
}

const TABLE = 'statistics_consents'

interface Row {
  given: boolean | number
  said_at: number | string
}

export function createConsents(database: Database, now: () => number): Consents {
  async function of(userId: string): Promise<Consent> {
    const row: Row | undefined = await database(TABLE).where({ user_id: userId }).first('given', 'said_at')
    return row ? { given: Boolean(row.given), since: Number(row.said_at) } : { given: false, since: null }
  }
  return {
    of,
    async say(userId, given) {
      const word = { given, said_at: now() }
      await transact(database, async (transaction) => {
        await transaction(TABLE)
          .insert({ user_id: userId, ...word })
          .onConflict('user_id')
          .ignore()
        await transaction(TABLE).where({ user_id: userId, given: !given }).update(word)
      })
      return of(userId)
    },
  }
}

/** Two accounts of one person: what he said last holds. */
export const consentAlong: Along = {
  async go({ transaction, from, into }) {
    const said = (user_id: string): Promise<Row | undefined> => transaction(TABLE).where({ user_id }).forUpdate().first('given', 'said_at')
    const [his, own] = [await said(from), await said(into)]
    if (!his || (own && Number(own.said_at) >= Number(his.said_at))) return
    await transaction(TABLE).insert({ user_id: into, given: his.given, said_at: his.said_at }).onConflict('user_id').merge()
  },
  /** What came along goes, and its user is asked anew; what he withdrew as one person stays withdrawn for both. */
  async comeBack({ transaction, move, from, into }) {
    const of = (user_id: string) => transaction(TABLE).where({ user_id })
    const { at: mergedAt } = await transaction('account_moves').where({ id: move }).first('at')
    const his: Row | undefined = await of(from).forUpdate().first('given', 'said_at')
    if (!his) return
    await of(into).where({ said_at: his.said_at }).delete()
    const own: Row | undefined = await of(into).forUpdate().first('given', 'said_at')
    if (own && !own.given && Number(own.said_at) >= Number(mergedAt)) await of(from).update({ given: false, said_at: own.said_at })
  },
}
