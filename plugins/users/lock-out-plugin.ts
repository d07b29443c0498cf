import fp from 'fastify-plugin'
import { createLockOut, type LockOut } from './lock-out.ts'

declare module 'fastify' {
  interface FastifyInstance {
    lockOut: LockOut
  }
}

const MINUTE = 60_000
const PURGE_MS = 10 * MINUTE

/**
 * Locks accounts after failed log-ins (docs/identity.md). Passwords and codes are checked by the app, whose back
 * end reports what failed to `POST /v1/sign-on/failures`; failed face verifications the hub sees itself.
 */
export default fp(
  async (app) => {
    const { database, vault, users, audit, settings } = app
    const policy = {
      failures: settings.LOCKOUT_FAILURES,
      windowMs: settings.LOCKOUT_WINDOW_MINUTES * MINUTE,
      lockMs: settings.LOCKOUT_MINUTES * MINUTE,
    }
    const lockOut = createLockOut({ database, vault, policy, users, audit })
    app.decorate('lockOut', lockOut)

    const purging = setInterval(() => {
      lockOut.purge().catch((error: unknown) => app.log.warn({ err: error }, '过期的登录失败记录清理失败'))
    }, PURGE_MS).unref()
    app.addHook('onClose', async () => clearInterval(purging))
  },
  { name: 'lock-out', dependencies: ['settings', 'database', 'audit', 'auth'] },
)
