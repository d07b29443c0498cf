import fp from 'fastify-plugin'
import { type Catalogue, createCatalogue } from './catalogue.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What administrators say of the services beside their declarations (docs/catalogue.md). */
    catalogue: Catalogue
  }
}

export interface CatalogueOptions {
  /** By which services are withdrawn; for tests. */
  now?: () => number
}

/** Categories, and of each service how it is shown and whether it is on line: the same in every process within two seconds. */
export default fp<CatalogueOptions>(
  async (app, { now = Date.now }) => {
    const declaredName = (key: string) => app.services.get(key)?.contract.name ?? key
    const catalogue = createCatalogue({ database: app.database, log: app.log, declaredName, now })
    app.decorate('catalogue', catalogue)
    app.addHook('onReady', async () => {
      await catalogue.load()
      catalogue.start()
    })
    app.addHook('onClose', async () => catalogue.stop())
  },
  { name: 'catalogue', dependencies: ['connectors', 'database'] },
)
