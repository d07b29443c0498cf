import fp from 'fastify-plugin'
import { type ClientKeys, createClientKeys } from './client-keys.ts'
import { type ClientRegistry, createClientRegistry } from './client-registry.ts'
import { type Clients, createClients } from './clients.ts'
import { createEntities, type Entities } from './entities.ts'
import { createGrants, type Grants } from './grants.ts'
import { purgeKeys } from './keys.ts'
import { type LiveKeys, openLiveKeys } from './live-keys.ts'
import { seedSandboxClients } from './sandbox-clients.ts'
import { listScopes } from './scopes.ts'

declare module 'fastify' {
  interface FastifyInstance {
    authorizationStore: {
      /** The hub's own keys, of signatures and of cookies. */
      readonly keys: LiveKeys
      readonly clients: Clients
      readonly registry: ClientRegistry
      /** Keys of applications, beside the secret of their row. */
      readonly clientKeys: ClientKeys
      readonly grants: Grants
      readonly entities: Entities
      /** Who the hub is, for those who check its tokens. */
      readonly issuer: string
    }
  }
}

/** With the half minute for which a verified token is believed, a key that was withdrawn is none after less than a minute. */
const KEYS_MS = 15_000

/** What the authorization server and the check of its tokens both stand on. */
export default fp(
  async (app) => {
    const { database, vault, settings } = app
    const clients = createClients(database, vault)
    const registry = createClientRegistry({ database, vault, scopes: listScopes(app.connectors) })
    const clientKeys = createClientKeys(database, vault)
    const grants = createGrants(database, vault)
    const entities = createEntities(database, vault, {
      reuseMs: settings.OAUTH_REFRESH_REUSE_SECONDS * 1000,
      async onReuse(_model, grantId) {
        const { usedTwice } = await import('./provider.ts')
        usedTwice(grantId)
      },
      onRepeat: (grant) => app.log.info({ grant }, '刷新令牌在允许的间隔内再次使用，已给出相同的结果'),
    })
    if (settings.sandbox) await seedSandboxClients(clients, vault, app.connectors)
    const keys = await openLiveKeys(database, vault)
    const issuer = settings.PUBLIC_URL || `http://${settings.HOST}:${settings.PORT}`
    app.decorate('authorizationStore', { keys, clients, registry, clientKeys, grants, entities, issuer })

    app.schedules.add({
      name: 'authorization.purge',
      title: '清理过期的授权数据',
      pattern: '*/10 * * * *',
      run: () => Promise.all([entities.purge(), grants.purge(), purgeKeys(database)]),
    })
    const reading = setInterval(() => {
      keys.refresh().catch((error: unknown) => app.log.warn({ err: error }, '签名密钥暂时无法重新读取，沿用已有的'))
    }, KEYS_MS).unref()
    app.addHook('onClose', async () => {
      clearInterval(reading)
    })
  },
  { name: 'authorization-store', dependencies: ['settings', 'database', 'schedules', 'connectors'] },
)
