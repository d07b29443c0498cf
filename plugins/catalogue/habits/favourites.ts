import type { Database } from '../../../core/base/database.ts'
import { HubError } from '../../../core/base/errors.ts'
import { transact } from '../../../core/base/transact.ts'

/** As many as a front page has room for. */
export const MOST_FAVOURITES = 24

export interface Favourites {
  /** Keys of services, in the user's order. */
  list(userId: string): Promise<string[]>
  has(userId: string, service: string): Promise<boolean>
  /** Says all of them anew, in this order. */
  put(userId: string, services: readonly string[]): Promise<void>
  /** Goes to the end; what is there stays where it is. Throws HUB_VALIDATION where there are {@link MOST_FAVOURITES}. */
  add(userId: string, service: string): Promise<void>
  /** → whether it was one. */
  remove(userId: string, service: string): Promise<boolean>
}

export function createFavourites(database: Database): Favourites {
  const table = 'favourite_services'
  const list = (userId: string): Promise<string[]> => database(table).where({ user_id: userId }).orderBy('place').pluck('service')

  return {
    list,
    has: async (userId, service) => (await database(table).where({ user_id: userId, service }).first('service')) !== undefined,
    async put(userId, services) {
      const rows = services.map((service, place) => ({ user_id: userId, service, place }))
      await transact(database, async (transaction) => {
        await transaction('users')
          .where({ id: userId })
          .update({ status: transaction.ref('status') })
        await transaction(table).where({ user_id: userId }).delete()
        // Of two that are said at once, the later is what stays.
        if (rows.length > 0) await transaction(table).insert(rows).onConflict(['user_id', 'service']).merge()
      })
    },
    async add(userId, service) {
      await transact(database, async (transaction) => {
        const mine = () => transaction(table).where({ user_id: userId })
        // A write of nothing takes the user: of two that add at once the second counts the first's.
        await transaction('users')
          .where({ id: userId })
          .update({ status: transaction.ref('status') })
        const rows: { service: string; place: number }[] = await mine().forUpdate().select('service', 'place')
        if (rows.some((row) => row.service === service)) return
        if (rows.length >= MOST_FAVOURITES)
          throw new HubError('HUB_VALIDATION', { detail: `最多收藏 ${MOST_FAVOURITES} 项服务，请先取消几项。` })
        const place = Math.max(-1, ...rows.map((row) => Number(row.place))) + 1
        await transaction(table).insert({ user_id: userId, service, place })
      })
    },
    async remove(userId, service) {
      return (await database(table).where({ user_id: userId, service }).delete()) > 0
    },
  }
}
