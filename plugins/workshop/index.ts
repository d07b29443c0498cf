import { availableParallelism } from 'node:os'
import fp from 'fastify-plugin'
import { createWorkshop, type Workshop } from './workshop.ts'

declare module 'fastify' {
  interface FastifyInstance {
    workshop: Workshop
  }
}

/** Exports and documents are made by one workshop, so that neither keeps the other or the calls waiting. */
export default fp(
  async (app) => {
    const workshop = createWorkshop({ benches: Math.min(2, Math.max(1, availableParallelism() - 1)) })
    app.addHook('onClose', () => workshop.close())
    app.decorate('workshop', workshop)
  },
  { name: 'workshop' },
)
