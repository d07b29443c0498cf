import fp from 'fastify-plugin'
import { deregister } from './deregister.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** 注销, see deregister.ts; in this process it takes effect at once. */
    deregister(userId: string, faceVerification: string): Promise<void>
  }
}

export default fp(
  async (app) => {
    app.decorate('deregister', async (userId, faceVerification) => {
      const gone = await deregister(app, userId, faceVerification)
      for (const id of gone) {
        app.users.forget(id)
        app.accounts.ended(id)
      }
      // The grants are dead with the commit; what hangs on them is deleted now.
      await app.authorization.revocation.resume()
    })
  },
  { name: 'deregistration', dependencies: ['database', 'auth', 'accounts', 'authorization-server'] },
)
