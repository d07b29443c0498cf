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

const PURGE_MS = 3_600_000

/** Documents that the hub issues as PDF, and what their holders keep of them. */
export default fp(
  async (app) => {
    const { database, vault, settings, sandbox, log } = app
    const publicUrl = settings.PUBLIC_URL || `http://${settings.HOST}:${settings.PORT}`
    app.decorate('documents', createDocuments({ database, vault, publicUrl, paper: openPaper(settings, sandbox !== null, log) }))
    const held = createHeldDocuments(database, vault)
    app.decorate('heldDocuments', held)
    const purging = setInterval(() => {
      held.purge().catch((error: unknown) => app.log.warn({ err: error }, '过期证明清理失败'))
    }, PURGE_MS).unref()
    app.addHook('onClose', async () => clearInterval(purging))
  },
  { name: 'documents', dependencies: ['settings', 'database', 'sandbox'] },
)
