import fp from 'fastify-plugin'
import { createJobs, type Jobs } from './queue/jobs.ts'

declare module 'fastify' {
  interface FastifyInstance {
    jobs: Jobs
  }
}

/** What the hub works on in the background, by type. Plugins add theirs before the hub is ready. */
export default fp(
  async (app) => {
    app.decorate('jobs', createJobs(app.database))
  },
  { name: 'jobs', dependencies: ['database'] },
)
