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
        await transaction(table).where({ user_id: userId }).delete()
        // Of two that are said at once, the later is what stays.
        if (rows.length > 0) await transaction(table).insert(rows).onConflict(['user_id', 'service']).merge()
      })
    },
    async add(userId, service) {
      const now = await list(userId)
      if (now.includes(service)) return
      if (now.length >= MOST_FAVOURITES)
        throw new HubError('HUB_VALIDATION', { detail: `最多收藏 ${MOST_FAVOURITES} 项服务，请先取消几项。` })
      const last = (await database(table).where({ user_id: userId }).max({ place: 'place' }).first()) as
        | { place: number | null }
        | undefined
      const row = { user_id: userId, service, place: (last?.place ?? -1) + 1 }
      await database(table).insert(row).onConflict(['user_id', 'service']).ignore()
    },
    async remove(userId, service) {
      return (await database(table).where({ user_id: userId, service }).delete()) > 0
    },
  }
}
