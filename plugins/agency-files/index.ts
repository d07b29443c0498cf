import fp from 'fastify-plugin'
import { createFileLinks, type FileLinks } from './links.ts'

declare module 'fastify' {
  interface FastifyInstance {
    fileLinks: FileLinks
  }
}

/** Files that agencies name in their answers, handed out by the hub. */
export default fp(
  async (app) => {
    app.decorate('fileLinks', createFileLinks({ vault: app.vault, seconds: app.settings.FILE_LINK_SECONDS }))
  },
  { name: 'agency-files', dependencies: ['settings', 'database'] },
)
