import fp from 'fastify-plugin'
import { presetSecurity } from './settings.ts'
import { createSecurityStore, type SecurityStore } from './store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** 安全配置 as administrators have it (docs/user-centre.md). */
    security: SecurityStore
  }
}

/** Rules of logging in as data: the same in every process within two seconds of a change. */
export default fp(
  async (app) => {
    const { database, settings, log } = app
    const { LOCKOUT_FAILURES: failures, LOCKOUT_WINDOW_MINUTES: windowMinutes, LOCKOUT_MINUTES: minutes } = settings
    const security = createSecurityStore(database, presetSecurity({ failures, windowMinutes, minutes }), log)
    app.decorate('security', security)
    app.addHook('onReady', async () => {
      await security.load()
      security.start()
    })
    app.addHook('onClose', async () => security.stop())
  },
  { name: 'security-settings', dependencies: ['settings', 'database'] },
)
