import fp from 'fastify-plugin'
import type { Database } from '../core/base/database.ts'
import { createVault, type Vault } from '../core/base/vault.ts'
import { migrate } from '../migrations/index.ts'
import { assertKeys } from './operations/key-check.ts'
import { openDatabase } from './store/open.ts'

declare module 'fastify' {
  interface FastifyInstance {
    database: Database
    vault: Vault
  }
}

/** The hub's own store, brought up to date, and the keys that seal what is personal in it. */
export default fp(
  async (app) => {
    const database = openDatabase({ url: app.settings.DATABASE_URL, dataDir: app.settings.DATA_DIR })
    app.addHook('onClose', async () => database.destroy())
    const applied = await migrate(database)
    if (applied.length > 0) app.log.info({ applied }, 'migrated')
    app.decorate('database', database)
    const vault = createVault(app.settings.keys)
    // Before anything is written: the sandbox would seal its people anew.
    await assertKeys(database, vault)
    app.decorate('vault', vault)
  },
  { name: 'database', dependencies: ['settings'] },
)
