import { availableParallelism } from 'node:os'
import fp from 'fastify-plugin'
import { createWorkshop, type Workshop, type WorkshopOptions } from './workshop.ts'

declare module 'fastify' {
  interface FastifyInstance {
    workshop: Workshop
  }
}

/** Exports and documents are made by one workshop, so that neither keeps the other or the calls waiting. */
export default fp<WorkshopOptions>(
  async (app, options) => {
    const workshop = createWorkshop({ benches: Math.min(2, Math.max(1, availableParallelism() - 1)), ...options })
    app.addHook('onClose', () => workshop.close())
    app.decorate('workshop', workshop)
  },
  { name: 'workshop' },
)
