import fp from 'fastify-plugin'
import { createLockOut, type LockOut } from './lock-out.ts'

declare module 'fastify' {
  interface FastifyInstance {
    lockOut: LockOut
  }
}

const MINUTE = 60_000

/**
 * Locks accounts after failed log-ins (docs/identity.md). Passwords and codes are checked by the app, whose back
 * end reports what failed to `POST /v1/sign-on/failures`; failed face verifications the hub sees itself.
 */
export default fp(
  async (app) => {
    const { database, vault, users, audit, security } = app
    const policy = () => {
      const { failures, windowMinutes, minutes } = security.now.settings.lockOut
      return { failures, windowMs: windowMinutes * MINUTE, lockMs: minutes * MINUTE }
    }
    const lockOut = createLockOut({ database, vault, policy, users, audit })
    app.decorate('lockOut', lockOut)
    app.schedules.add({ name: 'lock-out.purge', title: '清理过期的登录失败记录', pattern: '*/10 * * * *', run: () => lockOut.purge() })
  },
  { name: 'lock-out', dependencies: ['security-settings', 'database', 'schedules', 'audit', 'auth'] },
)
