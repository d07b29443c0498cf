import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createHeldDocuments, type HeldDocuments } from './held.ts'
import { createDocuments, type Documents } from './issue.ts'
import { openPaper, type Paper } from './signing/paper.ts'
import type { Term } from './signing/term.ts'
import { createTimeStamper, TIME_STAMPING, type TimeStamper } from './signing/time-stamper.ts'
import { watchTerm } from './signing/watch.ts'

declare module 'fastify' {
  interface FastifyInstance {
    documents: Documents & {
      /** How long the certificate that signs them is in force; null where nobody signs, or nobody has yet. */
      sealTerm(): Term | null
    }
    heldDocuments: HeldDocuments
  }
}

export interface DocumentsPluginOptions {
  /** By which clock certificates end; for tests. */
  sealing?: { now?: () => number }
}

/** Who gives signatures a time: the operator's authority, or the sandbox's own. */
function openStamper(app: FastifyInstance, { stampers }: Paper): TimeStamper | null {
  const { settings, sandbox, log } = app
  const url = settings.SEAL_TSA_URL || sandbox?.timeStampUrl
  if (!url) return null
  const stamper = createTimeStamper({ url, required: settings.SEAL_TSA_REQUIRED === 'on', trusted: stampers, log })
  app.platforms.set('time-stamp', { name: TIME_STAMPING, upstream: stamper.upstream })
  app.addHook('onClose', () => stamper.close())
  return stamper
}

/** Documents that the hub issues as PDF, and what their holders keep of them. */
export default fp<DocumentsPluginOptions>(
  async (app, { sealing = {} }) => {
    const { database, vault, settings, sandbox, log } = app
    const publicUrl = settings.PUBLIC_URL || `http://${settings.HOST}:${settings.PORT}`
    const paper = openPaper(settings, sandbox !== null, log, sealing.now)
    const stamper = openStamper(app, paper)
    app.decorate('documents', { ...createDocuments({ database, vault, publicUrl, paper, stamper }), sealTerm: paper.term })
    const held = createHeldDocuments(database, vault)
    app.decorate('heldDocuments', held)
    app.schedules.add({ name: 'documents.purge', title: '清理过期的证明', pattern: '17 * * * *', run: () => held.purge() })
    const watch = () => watchTerm(database, log, paper.term())
    app.schedules.add({ name: 'documents.seal', title: '检查电子签章证书的有效期', pattern: '5 9 * * *', run: watch })
    // Who starts a hub is told at once.
    app.addHook('onReady', watch)
  },
  { name: 'documents', dependencies: ['settings', 'database', 'schedules', 'sandbox', 'upstreams'] },
)
