import fp from 'fastify-plugin'
import { applicationRoutes } from './applications.ts'
import { callRoutes } from './calls.ts'
import { invitationRoutes } from './invitations.ts'
import { keyRoutes } from './keys.ts'
import { memberRoutes } from './members.ts'
import { webhookRoutes } from './webhooks.ts'

/** `/v1/partners…`: what the people of a partner see and do; who they are is asked of the store at every call (docs/partners.md). */
export default fp(
  async (app) => {
    memberRoutes(app)
    invitationRoutes(app)
    applicationRoutes(app)
    keyRoutes(app)
    callRoutes(app)
    webhookRoutes(app)
  },
  { name: 'partner-routes', dependencies: ['partners', 'webhooks', 'statistics', 'identity', 'validation', 'openapi'] },
)
