import fp from 'fastify-plugin'
import { createHeldDocuments, type HeldDocuments } from './held.ts'
import { createDocuments, type Documents } from './issue.ts'
import { openPaper } from './signing/paper.ts'

declare module 'fastify' {
  interface FastifyInstance {
    documents: Documents
    heldDocuments: HeldDocuments
  }
}

/** Documents that the hub issues as PDF, and what their holders keep of them. */
export default fp(
  async (app) => {
    const { database, vault, settings, sandbox, log } = app
    const publicUrl = settings.PUBLIC_URL || `http://${settings.HOST}:${settings.PORT}`
    app.decorate('documents', createDocuments({ database, vault, publicUrl, paper: openPaper(settings, sandbox !== null, log) }))
    const held = createHeldDocuments(database, vault)
    app.decorate('heldDocuments', held)
    app.schedules.add({ name: 'documents.purge', title: '清理过期的证明', pattern: '17 * * * *', run: () => held.purge() })
  },
  { name: 'documents', dependencies: ['settings', 'database', 'schedules', 'sandbox'] },
)
