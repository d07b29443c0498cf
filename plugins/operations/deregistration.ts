import fp from 'fastify-plugin'
import { deleteUser, deregister } from './deregister.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** 注销, see deregister.ts; in this process it takes effect at once. */
    deregister(userId: string, faceVerification: string): Promise<void>
  }
}

export default fp(
  async (app) => {
    async function letGo(gone: readonly string[]): Promise<void> {
      for (const id of gone) {
        app.users.forget(id)
        app.accounts.ended(id)
      }
      // The grants are dead with the commit; what hangs on them is deleted now.
      await app.authorization.revocation.resume()
    }

    app.decorate('deregister', async (userId, faceVerification) => letGo(await deregister(app, userId, faceVerification)))
    app.decorate('deleteUser', async (transaction, userId, wish) => {
      const gone = await deleteUser(transaction, app.vault, userId, wish)
      return () => letGo(gone)
    })
  },
  { name: 'deregistration', dependencies: ['database', 'auth', 'accounts', 'authorization-server', 'confirmations'] },
)
