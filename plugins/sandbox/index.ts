import fp from 'fastify-plugin'
import { listening } from '../web/listening.ts'
import { assertNoSeeds, seedSandbox } from './seed.ts'
import { type Sandbox, startSandbox } from './server.ts'
import type { Timing } from './timing.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** null unless the hub runs with its sandbox. */
    sandbox: Sandbox | null
  }
}

/** Agencies, people and a token issuer for development and demonstration; never in production. */
export default fp<{ timing?: Partial<Timing> }>(
  async (app, { timing = {} }) => {
    const { settings } = app
    if (!settings.sandbox) {
      if (settings.NODE_ENV === 'production') await assertNoSeeds(app.database)
      app.decorate('sandbox', null)
      return
    }
    if (settings.NODE_ENV === 'production') throw new Error('沙箱不能在生产环境（NODE_ENV=production）启用')
    await seedSandbox(app.database, app.vault)
    const sandbox = await startSandbox({
      connectors: [...app.connectors, ...app.internal.connectors],
      dataDir: settings.DATA_DIR,
      headerPrefix: settings.EXCHANGE_HEADER_PREFIX,
      port: settings.SANDBOX_PORT,
      timing: { tokenLifeSeconds: settings.SANDBOX_TOKEN_SECONDS, ...timing },
      hubUrl: settings.PUBLIC_URL || `http://${settings.HOST}:${settings.PORT}`,
      hubAddress: () => listening(app),
      sidOf: (connector, service) =>
        (app.services.get(`${connector}.${service}`) ?? app.internal.services.get(`${connector}.${service}`))?.sid,
    })
    app.addHook('onClose', () => sandbox.close())
    app.decorate('sandbox', sandbox)
  },
  { name: 'sandbox', dependencies: ['settings', 'connectors', 'database'] },
)
