import fp from 'fastify-plugin'
import { createFavourites, type Favourites } from './favourites.ts'
import { createRecents, type Recents } from './recents.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Services that users have put on their front page. */
    favourites: Favourites
    /** Services that users used last. */
    recents: Recents
  }
}

/** What each user reaches for: what he chose, and what he used (docs/hall.md). */
export default fp(
  async (app) => {
    const recents = createRecents(app.database, app.log)
    app.decorate('favourites', createFavourites(app.database))
    app.decorate('recents', recents)
    app.schedules.add({ name: 'recents.purge', title: '清理久未使用的服务记录', pattern: '37 4 * * *', run: () => recents.purge() })
    app.addHook('onReady', async () => recents.start())
    app.addHook('onClose', () => recents.stop())
  },
  { name: 'habits', dependencies: ['database', 'schedules'] },
)
