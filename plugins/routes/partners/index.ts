import fp from 'fastify-plugin'
import { applicationRoutes } from './applications.ts'
import { keyRoutes } from './keys.ts'
import { memberRoutes } from './members.ts'

/** `/v1/partners…`: what the people of a partner see and do; who they are is asked of the store at every call (docs/partners.md). */
export default fp(
  async (app) => {
    memberRoutes(app)
    applicationRoutes(app)
    keyRoutes(app)
  },
  { name: 'partner-routes', dependencies: ['partners', 'identity', 'validation', 'openapi'] },
)
